//! Runs.

use super::super::Admin;
use super::super::answer::{Answer, json, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get, post};
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    get("/runs", &runs),
    post("/runs/retry", &retry_all),
    get("/runs/{id}", &run),
    get("/runs/{id}/steps", &steps),
    get("/runs/{id}/logs", &logs),
    post("/runs/{id}/retry", &retry),
    post("/runs/{id}/cancel", &cancel),
    post("/runs/{id}/complete", &complete),
];

async fn runs(call: Call) -> Answer {
    let search = call.admin.run_search(&call.fields)?;
    tagged(&call.admin.runs(search).await?, &call.headers)
}

async fn run(call: Call) -> Answer {
    tagged(&call.admin.run(call.uuid()?, call.fields.level()?).await?, &call.headers)
}

async fn steps(call: Call) -> Answer {
    listed("steps", &call.admin.run(call.uuid()?, 0).await?.steps, &call.headers)
}

async fn logs(call: Call) -> Answer {
    listed("logs", &call.admin.run(call.uuid()?, call.fields.level()?).await?.logs, &call.headers)
}

/// What became of a run that a person did something to.
async fn changed(admin: &Admin, id: Uuid) -> Answer {
    json(&admin.run_view(&admin.stored_run(id).await?))
}

async fn retry(call: Call) -> Answer {
    let id = call.uuid()?;
    call.admin.retry(id, call.fields.get("from")).await?;
    changed(&call.admin, id).await
}

async fn retry_all(call: Call) -> Answer {
    if call.fields.is_on("plan") {
        return json(&call.admin.plan_retry(&call.fields).await?);
    }
    json(&call.admin.retry_all(&call.fields).await?)
}

async fn cancel(call: Call) -> Answer {
    let id = call.uuid()?;
    call.admin.cancel(id).await?;
    changed(&call.admin, id).await
}

async fn complete(call: Call) -> Answer {
    let id = call.uuid()?;
    call.admin.complete(id, &call.fields).await?;
    changed(&call.admin, id).await
}
