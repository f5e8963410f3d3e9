use triggerfish::prelude::*;

#[job(id = "a", version = "1.0.0", trigger = event("user.created"))]
async fn a() {}

fn main() {}
