use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, cancel_on(event = "order.cancelled", when = event.id))]
async fn a() {}

fn main() {}
