//! What the soak runs: several jobs for each delivery, with steps, waits, events, calls, failures, limits and an
//! order.

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

/// Sent from inside of a step.
#[derive(Serialize, Deserialize, Payload)]
struct Charged {
    id: String,
}

#[event(name = "soak.charged")]
fn on_charged(_: &Charged) {}

/// Sent between steps, by the job that the other event triggers.
#[derive(Serialize, Deserialize, Payload)]
struct Booked {
    id: String,
}

#[event(name = "soak.booked")]
fn on_booked(_: &Booked) {}

/// Each of its steps leaves a mark, between waits that are slept and waits that are put away. Some runs wait for
/// the event that comes of their own, and some for a run that they call.
#[job(id = "soak-steps", version = "1.0.0", trigger = soak, retry(limit = 1000000))]
async fn steps(Json(order): Json<Order>, io: Io) -> Result<()> {
    io.run_task("charge", async || {
        effect(&format!("ran {} charge", order.id));
        io.send_event("charged", on_charged::event(&Charged { id: order.id.clone() })).await?;
        done(())
    })
    .await?;
    effect(&format!("recorded {} charge", order.id));
    io.wait("pause", Duration::from_millis(20)).await?;
    let (pack, label) = tokio::join!(mark(&io, &order.id, "pack"), mark(&io, &order.id, "label"));
    pack?;
    label?;
    if order.amount % 4 == 0 {
        io.wait("cool-off", Duration::from_millis(300)).await?;
    }
    if order.amount % 4 == 1 {
        let filter = serde_json::json!({ "id": [order.id] });
        let booked = io.wait_for_event::<on_booked>("booked", filter, Duration::from_secs(24 * 3600)).await?;
        booked.ok_or_else(|| Error::fatal("the booking of the order never came"))?;
    }
    if order.amount % 3 == 0 {
        let grams = io.invoke_and_wait("weigh", weigh::call(&order)).await?;
        if grams != order.amount * 10 {
            return Err(Error::fatal(format!("order {} weighs {grams} g", order.id)));
        }
    }
    mark(&io, &order.id, "ship").await?;
    Ok(())
}

async fn mark(io: &Io, id: &str, step: &'static str) -> Result<()> {
    io.run_task(step, || async {
        effect(&format!("ran {id} {step}"));
        done(())
    })
    .await?;
    effect(&format!("recorded {id} {step}"));
    Ok(())
}

#[job(id = "soak-book", version = "1.0.0", trigger = on_charged, retry(limit = 1000000))]
async fn book(Json(charged): Json<Charged>, io: Io) -> Result<()> {
    mark(&io, &charged.id, "book").await?;
    io.send_event("booked", on_booked::event(&Booked { id: charged.id })).await?;
    Ok(())
}

#[job(id = "soak-weigh", version = "1.0.0", trigger = invoke, retry(limit = 1000000))]
async fn weigh(Json(order): Json<Order>, io: Io) -> Result<u32> {
    mark(&io, &order.id, "scale").await?;
    Ok(order.amount * 10)
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
