use triggerfish::prelude::*;

#[job(id = "a", version = "1.0.0", trigger = schedule)]
async fn a(_: Tick) {}

fn main() {}
