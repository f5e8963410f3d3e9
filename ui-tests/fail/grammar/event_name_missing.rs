use serde::{Deserialize, Serialize};
use triggerfish::prelude::*;

#[derive(Serialize, Deserialize)]
struct User {
    id: u64,
}

#[event(title = "User created")]
fn on_user(_: &User) {}

fn main() {}
