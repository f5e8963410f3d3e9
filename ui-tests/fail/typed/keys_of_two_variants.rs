use triggerfish::prelude::*;
use ui_tests::{BookingEvent, caldotcom};

#[job(
    id = "a",
    version = "1.0.0",
    trigger = caldotcom,
    filter = { body: { payload: { location: { address: ["a"], url: ["b"] } } } },
)]
async fn a(_: Json<BookingEvent>) {}

fn main() {}
