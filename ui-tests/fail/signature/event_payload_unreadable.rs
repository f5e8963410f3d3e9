use triggerfish::prelude::*;

struct User;

#[event(name = "user.created")]
fn on_user(_: &User) {}

fn main() {}
