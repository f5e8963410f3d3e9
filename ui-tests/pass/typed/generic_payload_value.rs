use triggerfish::prelude::*;
use ui_tests::{BookingEvent, Page, caldotcom};

#[job(
    id = "a",
    version = "1.0.0",
    trigger = caldotcom,
    filter = { body: { items: { triggerEvent: ["BOOKING_CREATED"] } } },
)]
async fn a(_: Json<Page<BookingEvent>>) {}
