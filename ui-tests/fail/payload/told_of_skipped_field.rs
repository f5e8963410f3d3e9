use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Order {
    pub id: String,
    #[serde(skip)]
    #[payload(opaque)]
    pub total: u64,
}

fn main() {}
