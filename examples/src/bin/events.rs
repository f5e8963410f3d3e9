//! A webhook that becomes an event; jobs that take the event, one that is
//! called, one that runs later, and one that runs by the clock.
//!
//! ```sh
//! cargo run -p triggerfish-examples --bin events
//!
//! secret=$(sed -n 's/^SHOP_SECRET=//p' triggerfish.db.secrets)
//! send() {
//!   signature=$(printf %s "$1" | openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)
//!   curl -i localhost:3000/hooks/shop -H "x-shop-signature: $signature" -d "$1"
//! }
//! send '{"id":15,"email":"ada@example.com","cents":12900}'
//! send '{"id":16,"email":"grace@example.com","cents":900}'
//! ```

use serde::{Deserialize, Serialize};
use std::time::Duration;
use triggerfish::prelude::*;
use triggerfish::runtime;

#[derive(Serialize, Deserialize, Payload)]
struct Order {
    id: u64,
    email: String,
    cents: u64,
}

#[http_endpoint(id = "shop", payload = Order)]
fn shop() -> Verifier {
    Verifier::hmac_sha256().header("X-Shop-Signature").secret(env("SHOP_SECRET"))
}

/// What the rest of the program knows of an order, whichever shop it comes from.
#[event(
    name = "order.placed",
    title = "Order placed",
    example(
        id = "large",
        name = "A large order",
        json = r#"{ "id": 15, "email": "ada@example.com", "cents": 12900 }"#
    )
)]
fn on_order_placed(order: &Order) -> Properties {
    Properties::new().text("Order", order.id).text("Customer", &order.email)
}

#[event(name = "order.feedback")]
fn on_feedback_due(_: &Order) {}

#[job(id = "take-order", version = "1.0.0", trigger = shop)]
async fn take_order(Json(order): Json<Order>, io: Io) -> Result<()> {
    // Both are sent once, with the step that they are; whatever crashes.
    io.send_event("placed", on_order_placed::event(&order)).await?;
    io.send_event("feedback", on_feedback_due::event(&order).delay(Duration::from_secs(1))).await?;
    Ok(())
}

#[job(id = "thank", version = "1.0.0", trigger = on_order_placed)]
async fn thank(order: Event<Order>, io: Io) -> Result<()> {
    let text = format!("thank you for order {}", order.id);
    io.invoke("mail", mail::call(&Mail { to: order.0.email, text })).await?;
    Ok(())
}

/// Its filter is rooted at the payload of the event.
#[job(id = "gift", version = "1.0.0", trigger = on_order_placed, filter = { cents: [{ $gte: 10_000 }] })]
async fn gift(order: Event<Order>) {
    tracing::info!("order {} gets a gift", order.id);
}

#[job(id = "ask", version = "1.0.0", trigger = event("order.feedback"))]
async fn ask(Json(order): Json<Order>) {
    tracing::info!("how was order {}?", order.id);
}

#[derive(Serialize, Deserialize)]
struct Mail {
    to: String,
    text: String,
}

/// Runs when it is called.
#[job(id = "mail", version = "1.0.0", trigger = invoke)]
async fn mail(Json(mail): Json<Mail>) {
    tracing::info!("mail to {}: {}", mail.to, mail.text);
}

#[job(id = "tidy", version = "1.0.0", trigger = every("1s", missed = "skip"))]
async fn tidy(tick: Tick) {
    tracing::info!("tidied up for {:?}", tick.scheduled_at);
}

#[job(id = "report", version = "1.0.0", trigger = cron("0 3 * * mon-fri", tz = "Europe/London"))]
async fn report(tick: Tick, io: Io) {
    io.logger().info("what was sold since", tick.last);
}

#[tokio::main]
async fn main() -> Result<(), runtime::Error> {
    runtime::serve().await
}
