use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[derive(serde::Serialize, serde::Deserialize, Payload)]
struct Order {
    customer_id: u64,
}

#[job(id = "a", version = "1.0.0", trigger = caldotcom, concurrency(limit = 5, key = body.customer_id))]
async fn a(Json(_order): Json<Order>) {}

fn main() {}
