use triggerfish::prelude::*;
use ui_tests::{BookingEvent, caldotcom};

#[job(
    id = "a",
    version = "1.0.0",
    trigger = caldotcom,
    filter = { body: { triggerEvent: [anything_but("BOOKING_CREATED")] } },
)]
async fn a(_: Json<BookingEvent>) {}
