use triggerfish::prelude::*;

#[job(id = "a", version = "1.0.0", trigger = crn("0 3 * * *"))]
async fn a() {}

fn main() {}
