use triggerfish::prelude::*;

#[derive(Payload)]
#[payload(strict)]
pub enum Kind {
    Created,
    Cancelled,
}

fn main() {}
