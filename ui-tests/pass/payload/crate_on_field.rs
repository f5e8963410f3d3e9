use triggerfish::prelude::*;

#[derive(Payload)]
#[payload(crate = ::triggerfish)]
pub struct Order {
    pub id: String,
    pub total: u64,
}

fn main() {}
