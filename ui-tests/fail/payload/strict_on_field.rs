use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Event {
    #[payload(strict)]
    pub kind: Kind,
}

#[derive(Payload)]
pub enum Kind {
    Created,
    #[serde(other)]
    Other,
}

fn main() {}
