use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Order {
    pub id: String,
    #[payload(crate = ::triggerfish)]
    pub total: u64,
}

fn main() {}
