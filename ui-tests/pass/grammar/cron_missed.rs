use triggerfish::prelude::*;

#[job(id = "a", version = "1.0.0", trigger = cron("0 3 * * *", missed = "one"))]
async fn a() {}

fn main() {}
