use serde::Deserialize;
use triggerfish::prelude::*;

#[derive(Deserialize)]
pub struct Money(pub u64);

#[derive(Deserialize, Payload)]
pub struct Order {
    pub total: Money,
}

fn main() {}
