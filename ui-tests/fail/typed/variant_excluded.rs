use triggerfish::prelude::*;
use ui_tests::{BookingEvent, caldotcom};

#[job(
    id = "a",
    version = "1.0.0",
    trigger = caldotcom,
    filter = { body: { triggerEvent: [anything_but("BOOKING_CREATED", "BOOKING_MOVED")] } },
)]
async fn a(_: Json<BookingEvent>) {}

fn main() {}
