use triggerfish::prelude::*;

#[event(name = "user.created")]
fn on_user() {}

fn main() {}
