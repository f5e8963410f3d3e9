use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[derive(serde::Serialize, serde::Deserialize, Payload)]
struct Order {
    customer_id: u64,
}

#[job(id = "a", version = "1.0.0", trigger = caldotcom, batch(size = 10, wait = "1s"))]
async fn a(Json(_orders): Json<Vec<Order>>) {}

fn main() {}
