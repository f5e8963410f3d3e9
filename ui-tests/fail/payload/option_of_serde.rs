use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Order {
    pub id: String,
    #[payload(rename = "sum")]
    pub total: u64,
}

fn main() {}
