use triggerfish::prelude::*;

#[job(id = "a", version = "1.0.0", trigger = every("15m"))]
async fn a() {}

fn main() {}
