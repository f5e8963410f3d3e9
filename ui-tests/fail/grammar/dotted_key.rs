use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, filter = { query: { hub.mode: ["subscribe"] } })]
async fn a() {}

fn main() {}
