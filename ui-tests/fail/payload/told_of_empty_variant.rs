use triggerfish::prelude::*;

#[derive(Payload)]
pub enum Kind {
    #[payload(as = String)]
    Created,
    Cancelled(String),
}

fn main() {}
