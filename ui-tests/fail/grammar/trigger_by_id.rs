use triggerfish::prelude::*;

#[job(id = "a", version = "1.0.0", trigger = "cal.com")]
async fn a() {}

fn main() {}
