use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Order {
    pub id: String,
    #[payload(opaqe)]
    pub total: u64,
}

fn main() {}
