use triggerfish::prelude::*;

#[derive(Payload)]
#[payload(strict)]
pub struct Order {
    #[payload(as = "String")]
    pub id: String,
    #[payload(opaqe)]
    pub total: u64,
    #[payload(as = String, opaque)]
    pub paid: Option<bool>,
}

fn main() {}
