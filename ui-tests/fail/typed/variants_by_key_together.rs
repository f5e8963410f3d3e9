use triggerfish::prelude::*;
use ui_tests::{BookingEvent, caldotcom};

#[job(
    id = "a",
    version = "1.0.0",
    trigger = caldotcom,
    filter = { body: { payload: { source: { person: { email: ["a"] }, machine: [{ $gt: 5 }] } } } },
)]
async fn a(_: Json<BookingEvent>) {}

fn main() {}
