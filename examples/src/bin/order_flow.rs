//! An order: charged once, approved by a person, packed and shipped, whatever
//! happens to the program in between.
//!
//! ```sh
//! cargo run -p triggerfish-examples --bin order_flow
//! secret=$(sed -n 's/^SHOP_SECRET=//p' triggerfish.db.secrets)
//! body='{"id":"o-1","items":["tea","cups"],"cents":2400}'
//! signature=$(printf '%s' "$body" | openssl dgst -sha256 -hmac "$secret" -hex | sed 's/^.* //')
//! curl -si localhost:3000/hooks/shop -H "X-Shop-Signature: $signature" --data-binary "$body"
//! for n in 1 2 3 4 5 6 7 8 9 10; do [ -s approval.url ] && break; sleep 1; done
//! curl -s -X POST -d '{"by":"ann"}' "$(cat approval.url)"
//! ```
//!
//! Stop it with Ctrl-C wherever you like, while it packs or while it waits,
//! and start it again: it goes on where it was, and charges nobody twice. Even
//! a `kill -9` loses no more than the step under way, which runs again.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;
use triggerfish::job::RetryPolicy;
use triggerfish::prelude::*;
use triggerfish::runtime::{self, Runtime};

#[derive(Serialize, Deserialize)]
struct Order {
    id: String,
    items: Vec<String>,
    cents: u64,
}

#[derive(Serialize, Deserialize)]
struct Approval {
    by: String,
}

#[http_endpoint(id = "shop")]
fn shop() -> Verifier {
    Verifier::hmac_sha256().header("X-Shop-Signature").secret(env("SHOP_SECRET"))
}

#[job(id = "order-flow", version = "1.0.0", trigger = shop)]
async fn order_flow(Json(order): Json<Order>, io: Io, outbox: State<Outbox>) -> Result<()> {
    let payment = io
        .task("charge")
        .name("Charge the card")
        .property("Order", &order.id)
        .retry(RetryPolicy::attempts(8))
        .timeout(Duration::from_secs(30))
        .run(|| charge(&order))
        .await?;

    // A day without a thread or memory, unless somebody answers before.
    let day = Duration::from_secs(24 * 3600);
    let approval: Option<Approval> = io.wait_for_request("approval", day, |url| outbox.ask(url)).await?;
    let Some(Approval { by }) = approval else {
        io.run_task("refund", || refund(payment)).await?;
        return Ok(());
    };
    io.logger().info(format_args!("approved by {by}"), ());

    for (n, item) in order.items.iter().enumerate() {
        io.run_task(("pack", n), || pack(item)).await?;
    }
    // A run of its own, with its own retries; this one goes on with what it returns.
    let Pickup { number } = io.invoke_and_wait("courier", book_courier::call(&order.id)).await?;
    io.run_task("ship", || async { done(format!("{} is on its way as {number}", order.id)) }).await?;
    io.logger().info(format_args!("order {} shipped, payment {payment}", order.id), ());
    Ok(())
}

#[derive(Serialize, Deserialize)]
struct Pickup {
    number: String,
}

#[job(id = "book-courier", version = "1.0.0", trigger = invoke, retry(limit = 10))]
async fn book_courier(Json(order): Json<String>, io: Io) -> Result<Pickup> {
    let number = io.uuid("number").await?.to_string();
    io.wait("on the way", Duration::from_secs(2)).await?;
    io.logger().info(format_args!("a courier is here for order {order}"), ());
    Ok(Pickup { number })
}

async fn charge(order: &Order) -> Result<u64> {
    tracing::info!("charging {} cents for order {}", order.cents, order.id);
    Ok(4711)
}

/// A program of yours would send a mail.
struct Outbox(PathBuf);

impl Outbox {
    async fn ask(&self, url: String) -> std::io::Result<()> {
        tracing::info!("to approve: curl -X POST -d '{{\"by\":\"you\"}}' {url}");
        std::fs::write(&self.0, url)
    }
}

async fn refund(payment: u64) -> Result<()> {
    tracing::info!("refunding payment {payment}");
    Ok(())
}

async fn pack(item: &str) -> Result<()> {
    tracing::info!("packing {item}");
    // Time for a Ctrl-C.
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), runtime::Error> {
    Runtime::builder().state(Outbox("approval.url".into())).build()?.serve().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use triggerfish::testing::App;

    const ORDER: &str = r#"{"id":"o-1","items":[],"cents":2400}"#;

    #[tokio::test]
    async fn an_order_that_nobody_approves_is_refunded_after_a_day() -> Result<(), Box<dyn std::error::Error>>
    {
        let folder = tempfile::tempdir()?;
        let mut app = App::setup().state(Outbox(folder.path().join("approval.url"))).start().await?;
        app.crash_after("charge");
        app.deliver::<shop>(ORDER).await?;
        app.settle().await?;
        app.run_of::<order_flow>().await?.assert_waiting().assert_steps(&["charge", "approval/url"]);
        app.run_until_idle().await?;
        let run = app.run_of::<order_flow>().await?;
        run.assert_done().assert_steps(&["charge", "approval/url", "approval", "refund"]);
        assert_eq!((run.output::<u64>("charge")?, app.crashes()), (4711, 1));
        Ok(())
    }

    #[tokio::test]
    async fn an_approved_order_is_shipped_as_its_courier_says() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let address = folder.path().join("approval.url");
        let mut app = App::setup().state(Outbox(address.clone())).start().await?;
        app.deliver::<shop>(ORDER).await?;
        app.settle().await?;
        let url = std::fs::read_to_string(address)?;
        let path = url.find("/hooks/").and_then(|at| url.get(at..)).ok_or("no address")?;
        let answer = app.call("POST", path, r#"{"by":"ann"}"#).await?;
        assert_eq!(answer.status, 200, "{answer:?}");
        app.crash_after("on the way");
        app.run_until_idle().await?;
        let run = app.run_of::<order_flow>().await?;
        run.assert_done().assert_steps(&["charge", "approval/url", "approval", "courier", "ship"]);
        let pickup: Pickup = app.called_by(&run, "courier").await?.returned()?;
        assert!(run.output::<String>("ship")?.ends_with(&pickup.number));
        Ok(())
    }
}
