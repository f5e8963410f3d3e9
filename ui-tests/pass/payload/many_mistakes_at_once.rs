use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Order {
    #[payload(as = String)]
    pub id: String,
    #[payload(opaque)]
    pub total: u64,
    #[payload(as = String)]
    pub paid: Option<bool>,
}

fn main() {}
