use triggerfish::prelude::*;
use triggerfish::schedule::{Schedules, Timing};

#[job(id = "a", version = "1.0.0", trigger = invoke)]
async fn a(_: Json<u64>) {}

async fn register(schedules: Schedules, timing: Timing) {
    let _ = schedules.create::<a>("b", timing, &15).await;
}

fn main() {}
