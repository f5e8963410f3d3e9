use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, concurrency(limit = 5, key = body.a), concurrency(limit = 9, key = body.a))]
async fn a() {}

fn main() {}
