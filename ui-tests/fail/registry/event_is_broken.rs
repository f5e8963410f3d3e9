use serde::{Deserialize, Serialize};
use triggerfish::prelude::*;

#[derive(Serialize, Deserialize)]
struct User {
    id: u64,
}

#[event(nam = "user.created")]
fn on_user(_: &User) {}

#[job(id = "a", version = "1.0.0", trigger = on_user, filter = { id: [15] })]
async fn a(_: Event<User>) {}

fn main() {}
