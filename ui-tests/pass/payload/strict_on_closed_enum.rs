use triggerfish::prelude::*;

#[derive(Payload)]
pub enum Kind {
    Created,
    Cancelled,
}

fn main() {}
