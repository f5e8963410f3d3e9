use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, concurrency(limit = 0))]
async fn a() {}

fn main() {}
