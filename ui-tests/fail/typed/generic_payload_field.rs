use triggerfish::prelude::*;
use ui_tests::{Attendee, Page, caldotcom};

#[job(
    id = "a",
    version = "1.0.0",
    trigger = caldotcom,
    filter = { body: { items: { mail: ["a"] } } },
)]
async fn a(_: Json<Page<Attendee>>) {}

fn main() {}
