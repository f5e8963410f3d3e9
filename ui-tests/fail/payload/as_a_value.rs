use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Order {
    pub id: String,
    #[payload(as = 5)]
    pub total: u64,
}

fn main() {}
