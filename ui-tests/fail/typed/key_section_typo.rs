use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, concurrency(limit = 5, key = bdy.customer_id))]
async fn a() {}

fn main() {}
