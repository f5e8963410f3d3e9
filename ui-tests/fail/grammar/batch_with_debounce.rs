use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, batch(size = 10, wait = "1s"), debounce(wait = "5s"))]
async fn a() {}

fn main() {}
