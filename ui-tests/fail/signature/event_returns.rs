use serde::{Deserialize, Serialize};
use triggerfish::prelude::*;

#[derive(Serialize, Deserialize)]
struct User {
    id: u64,
}

#[event(name = "user.created")]
fn on_user(user: &User) -> String {
    user.id.to_string()
}

fn main() {}
