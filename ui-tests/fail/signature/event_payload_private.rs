use triggerfish::prelude::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct User {
    id: u64,
}

#[event(name = "user.created")]
pub fn on_user(_: &User) {}

fn main() {}
