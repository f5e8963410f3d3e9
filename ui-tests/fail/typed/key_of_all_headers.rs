use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, fifo(key = headers))]
async fn a() {}

fn main() {}
