use serde::{Deserialize, Serialize};
use triggerfish::prelude::*;

#[derive(Serialize, Deserialize)]
struct User {
    id: u64,
}

#[event(name = "user.created", example(id = "ada", file = "../../src/event_example.json"))]
fn on_user(_: &User) {}

fn main() {}
