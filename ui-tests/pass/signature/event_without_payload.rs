use triggerfish::prelude::*;

#[event(name = "user.created")]
fn on_user(_: &u64) {}

fn main() {}
