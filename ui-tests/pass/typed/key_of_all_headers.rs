use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, fifo(key = headers["x-order"]))]
async fn a() {}

fn main() {}
