use triggerfish::prelude::*;
use ui_tests::{BookingEvent, caldotcom};

#[job(
    id = "a",
    version = "1.0.0",
    trigger = caldotcom,
    filter = { body: { payload: { accounts: { any: { balance: [1] } } } } },
)]
async fn a(_: Json<BookingEvent>) {}
