//! One endpoint and one job, as a first program has them: `benches/size.sh` builds it.

use serde::Deserialize;
use triggerfish::prelude::*;
use triggerfish::runtime;

#[derive(Deserialize)]
struct Order {
    amount: u32,
}

#[http_endpoint(id = "shop")]
fn shop() -> Verifier {
    Verifier::hmac_sha256().header("X-Shop-Signature").secret(env("SHOP_SECRET"))
}

#[job(id = "charge", version = "1.0.0", trigger = shop, filter = { body: { amount: [{ $gt: 10 }] } })]
async fn charge(Json(order): Json<Order>, io: Io) -> Result<()> {
    io.run_task("charge", || async { done(order.amount) }).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), runtime::Error> {
    runtime::serve().await
}
