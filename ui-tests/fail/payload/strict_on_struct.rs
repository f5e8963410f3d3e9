use triggerfish::prelude::*;

#[derive(Payload)]
#[payload(strict)]
pub struct Event {
    pub kind: String,
}

fn main() {}
