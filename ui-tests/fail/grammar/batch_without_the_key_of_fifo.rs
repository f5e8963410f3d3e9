use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, batch(size = 10, wait = "1s", key = body.a), fifo())]
async fn a() {}

fn main() {}
