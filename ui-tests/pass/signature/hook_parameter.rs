use triggerfish::prelude::*;
use ui_tests::caldotcom;

async fn alert(_failed: triggerfish::hook::FailedRun) {}

#[job(id = "a", version = "1.0.0", trigger = caldotcom, on_failure = alert)]
async fn a() {}

fn main() {}
