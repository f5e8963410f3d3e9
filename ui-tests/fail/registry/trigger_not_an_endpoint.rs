use triggerfish::prelude::*;

pub struct Settings;

#[job(id = "a", version = "1.0.0", trigger = Settings)]
async fn a() {}

fn main() {}
