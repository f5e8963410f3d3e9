//! What the soak runs: several jobs for each delivery, with steps, waits, failures, limits and an order.

use super::effect;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use triggerfish::hook::FailedRun;
use triggerfish::prelude::*;

#[http_endpoint(id = "soak")]
fn soak() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("KILL_SECRET"))
}

#[derive(Serialize, Deserialize, Payload)]
struct Order {
    id: String,
    customer: u32,
    amount: u32,
}

/// Each of its steps leaves a mark, between waits that are slept and waits that are put away.
#[job(id = "soak-steps", version = "1.0.0", trigger = soak, retry(limit = 1000000))]
async fn steps(Json(order): Json<Order>, io: Io) -> Result<()> {
    mark(&io, &order, "charge").await?;
    io.wait("pause", Duration::from_millis(20)).await?;
    let (pack, label) = tokio::join!(mark(&io, &order, "pack"), mark(&io, &order, "label"));
    pack?;
    label?;
    if order.amount % 4 == 0 {
        io.wait("cool-off", Duration::from_millis(300)).await?;
    }
    mark(&io, &order, "ship").await?;
    Ok(())
}

async fn mark(io: &Io, order: &Order, step: &'static str) -> Result<()> {
    io.run_task(step, || async {
        effect(&format!("ran {} {step}", order.id));
        done(())
    })
    .await?;
    effect(&format!("recorded {} {step}", order.id));
    Ok(())
}

/// One after the other for each customer.
#[job(
    id = "soak-fifo",
    version = "1.0.0",
    trigger = soak,
    fifo(key = body.customer),
    concurrency(limit = 8),
    retry(limit = 1000000, min = "1ms", max = "5ms"),
)]
async fn in_order(Json(order): Json<Order>, io: Io, ctx: Context) -> Result<()> {
    if order.amount % 5 == 0 && ctx.attempt == 1 {
        return Err(Error::msg("the first attempt fails"));
    }
    io.run_task("ledger", || async {
        effect(&format!("ledger {} {}", order.id, order.customer));
        done(())
    })
    .await?;
    Ok(())
}

/// Fails for good where the amount says so, which calls its hook.
#[job(
    id = "soak-refused",
    version = "1.0.0",
    trigger = soak,
    filter = { body: { amount: [{ $lt: 10 }] } },
    retry(limit = 1000000),
    on_failure = refused_for_good,
)]
async fn refused(Json(order): Json<Order>) -> Result<()> {
    Err(Error::fatal(format!("{} is below what is taken", order.amount)))
}

async fn refused_for_good(failed: FailedRun, Json(order): Json<Order>, io: Io) -> Result<()> {
    io.run_task("tell", || async {
        effect(&format!("told {} {}", order.id, failed.run.id));
        done(())
    })
    .await?;
    Ok(())
}
