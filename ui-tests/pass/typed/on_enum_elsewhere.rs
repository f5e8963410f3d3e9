use triggerfish::prelude::*;
use ui_tests::{BookingEvent, TriggerEvent, caldotcom};

#[job(
    id = "a",
    version = "1.0.0",
    trigger = caldotcom,
    on = TriggerEvent::BookingCancelled,
)]
async fn a(_: Json<BookingEvent>) {}
