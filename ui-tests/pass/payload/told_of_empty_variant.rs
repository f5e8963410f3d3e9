use triggerfish::prelude::*;

#[derive(Payload)]
pub enum Kind {
    Created,
    #[payload(as = String)]
    Cancelled(String),
}

fn main() {}
