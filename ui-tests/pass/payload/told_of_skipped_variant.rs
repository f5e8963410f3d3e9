use triggerfish::prelude::*;

#[derive(Payload)]
pub enum Kind {
    #[serde(skip)]
    Created(std::time::Instant),
    Cancelled(String),
}

fn main() {}
