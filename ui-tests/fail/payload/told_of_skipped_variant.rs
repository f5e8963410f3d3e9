use triggerfish::prelude::*;

#[derive(Payload)]
pub enum Kind {
    #[serde(skip)]
    #[payload(opaque)]
    Created(std::time::Instant),
    Cancelled(String),
}

fn main() {}
