use triggerfish::prelude::*;

#[job(id = "a", version = "1.0.0", trigger = cron("0 23 * * *"))]
async fn a() {}

fn main() {}
