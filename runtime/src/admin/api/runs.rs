//! Runs.

use super::super::answer::{Answer, joined, json, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get, post};
use std::sync::Arc;

pub(super) static ROUTES: &[Route] = &[
    get("/runs", &runs),
    post("/runs/retry", &retry_all),
    get("/runs/{id}", &run),
    get("/runs/{id}/steps", &steps),
    get("/runs/{id}/logs", &logs),
];

async fn runs(call: Arc<Call>) -> Answer {
    let search = call.admin.run_search(&call.fields)?;
    tagged(&call.admin.runs(search).await?, &call.headers)
}

async fn run(call: Arc<Call>) -> Answer {
    let run = call.admin.run(call.uuid()?, call.fields.level()?).await?;
    joined(&run.run, &run, &call.headers)
}

async fn steps(call: Arc<Call>) -> Answer {
    listed("steps", &call.admin.run(call.uuid()?, 0).await?.steps, &call.headers)
}

async fn logs(call: Arc<Call>) -> Answer {
    listed("logs", &call.admin.run(call.uuid()?, call.fields.level()?).await?.logs, &call.headers)
}

async fn retry_all(call: Arc<Call>) -> Answer {
    if call.fields.is_on("plan") {
        return json(&call.admin.plan_retry(&call.fields).await?);
    }
    json(&call.admin.retry_all(&call.fields).await?)
}
