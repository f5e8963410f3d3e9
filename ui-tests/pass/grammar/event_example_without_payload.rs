use serde::{Deserialize, Serialize};
use triggerfish::prelude::*;

#[derive(Serialize, Deserialize)]
struct User {
    id: u64,
}

#[event(name = "user.created", example(id = "ada", json = r#"{ "id": 15 }"#))]
fn on_user(_: &User) {}

fn main() {}
