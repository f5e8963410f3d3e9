use triggerfish::prelude::*;
use ui_tests::{Attendee, Page, caldotcom};

#[job(
    id = "a",
    version = "1.0.0",
    trigger = caldotcom,
    filter = { body: { items: { email: ["a"] } } },
)]
async fn a(_: Json<Page<Attendee>>) {}
