use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom)]
async fn a(_count: u32) {}

fn main() {}
