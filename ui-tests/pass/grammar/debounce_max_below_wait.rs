use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, debounce(wait = "5s", max = "10s"))]
async fn a() {}

fn main() {}
