use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Order {
    pub id: String,
    #[serde(skip)]
    pub total: u64,
}

fn main() {}
