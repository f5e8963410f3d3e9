use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Order {
    pub id: String,
    #[payload(opaque = true)]
    pub total: u64,
}

fn main() {}
