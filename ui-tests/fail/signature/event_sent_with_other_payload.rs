use serde::{Deserialize, Serialize};
use triggerfish::prelude::*;

#[derive(Serialize, Deserialize)]
struct User {
    id: u64,
}

#[event(name = "user.created")]
fn on_user(_: &User) {}

fn main() {
    let _ = on_user::event(&15);
}
