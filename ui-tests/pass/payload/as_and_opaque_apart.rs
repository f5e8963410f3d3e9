use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Order {
    pub id: String,
    #[payload(opaque)]
    pub total: u64,
}

fn main() {}
