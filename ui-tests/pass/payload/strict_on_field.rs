use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Event {
    pub kind: Kind,
}

#[derive(Payload)]
#[payload(strict)]
pub enum Kind {
    Created,
    #[serde(other)]
    Other,
}

fn main() {}
