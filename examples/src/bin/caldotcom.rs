//! A job for every cancelled booking that Cal.com reports.
//!
//! Start it, and send it a signed event as Cal.com would:
//!
//! ```sh
//! cargo run -p triggerfish-examples --bin caldotcom
//!
//! secret=$(sed -n 's/^CALDOTCOM_SECRET=//p' triggerfish.db.secrets)
//! body='{"triggerEvent":"BOOKING_CANCELLED","payload":{"uid":"b-1","title":"Review","length":30}}'
//! signature=$(printf %s "$body" | openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)
//! curl -i localhost:3000/hooks/cal.com -H "X-Cal-Signature-256: $signature" -d "$body"
//! ```

use serde::{Deserialize, Serialize};
use triggerfish::prelude::*;
use triggerfish::runtime;

#[derive(Debug, Serialize, Deserialize, Payload)]
#[serde(rename_all = "camelCase")]
struct BookingEvent {
    trigger_event: TriggerEvent,
    payload: Booking,
}

#[derive(Debug, Serialize, Deserialize, Payload)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum TriggerEvent {
    BookingCreated,
    BookingRescheduled,
    BookingCancelled,
    MeetingEnded,
}

#[derive(Debug, Serialize, Deserialize, Payload)]
struct Booking {
    uid: String,
    title: String,
    length: u32,
}

/// How Cal.com's requests are verified. Called once, at start-up.
#[http_endpoint(id = "cal.com", source = "cal.com", icon = "caldotcom")]
fn caldotcom() -> Verifier {
    Verifier::calcom(env("CALDOTCOM_SECRET"))
}

/// Runs once for each cancelled booking of more than a quarter of an hour,
/// however often Cal.com sends it and whenever this program is killed.
#[job(
    id = "http-caldotcom",
    name = "HTTP Cal.com",
    version = "1.0.0",
    trigger = caldotcom,
    filter = {
        body: {
            triggerEvent: ["BOOKING_CANCELLED"],
            payload: { length: [{ $gt: 15 }] },
        },
    },
)]
async fn on_booking_cancelled(Json(event): Json<BookingEvent>, io: Io, ctx: Context) -> Result<()> {
    io.logger().info("Body", &event);
    let invoice = io.run_task("refund", || refund(&event.payload)).await?;
    io.run_task("notify", || notify(&invoice)).await?;
    io.logger().info(format_args!("refunded in attempt {}", ctx.attempt), &invoice);
    Ok(())
}

#[derive(Debug, Serialize, Deserialize)]
struct Invoice {
    booking: String,
    cents: u32,
}

async fn refund(booking: &Booking) -> Result<Invoice> {
    Ok(Invoice { booking: booking.uid.clone(), cents: booking.length * 100 })
}

async fn notify(invoice: &Invoice) -> Result<()> {
    tracing::info!("mail: {} cents for booking {} are on their way", invoice.cents, invoice.booking);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), runtime::Error> {
    runtime::serve().await
}
