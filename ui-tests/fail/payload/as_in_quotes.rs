use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Order {
    pub id: String,
    #[payload(as = "String")]
    pub total: u64,
}

fn main() {}
