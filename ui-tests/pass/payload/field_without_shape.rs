use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Money {
    pub cents: u64,
}

#[derive(Payload)]
pub struct Order {
    pub id: String,
    pub total: Money,
    pub paid: Option<bool>,
}

fn main() {}
