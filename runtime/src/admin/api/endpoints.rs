//! Endpoints and jobs.

use super::super::actions::RevealedSecret;
use super::super::answer::{Answer, json, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get, post};
use serde_json::json as object;

pub(super) static ROUTES: &[Route] = &[
    get("/endpoints", &endpoints),
    get("/endpoints/{id}", &endpoint),
    post("/endpoints/{id}/send", &send),
    post("/endpoints/{id}/reveal", &reveal),
    post("/endpoints/{id}/rotate", &rotate),
    post("/endpoints/{id}/pause", &switch_endpoint::<true>),
    post("/endpoints/{id}/resume", &switch_endpoint::<false>),
    get("/jobs", &jobs),
    post("/jobs/{id}/pause", &switch_job::<true>),
    post("/jobs/{id}/resume", &switch_job::<false>),
];

async fn endpoints(call: Call) -> Answer {
    listed("endpoints", &call.admin.endpoints(&call.visit).await, &call.headers)
}

async fn endpoint(call: Call) -> Answer {
    let spec = call.admin.spec(&call.id)?;
    tagged(&call.admin.endpoint_view(spec, &call.visit).await, &call.headers)
}

async fn send(call: Call) -> Answer {
    json(&call.admin.send(&call.id, &call.fields).await?)
}

async fn reveal(call: Call) -> Answer {
    secrets(&call.admin.reveal(&call.id)?)
}

async fn rotate(call: Call) -> Answer {
    secrets(&call.admin.rotate(&call.id, &call.fields).await?)
}

fn secrets(secrets: &[RevealedSecret]) -> Answer {
    let secrets =
        secrets.iter().map(|secret| object!({ "variable": secret.variable, "value": secret.value }));
    json(&object!({ "secrets": secrets.collect::<Vec<_>>() }))
}

async fn switch_endpoint<const OFF: bool>(call: Call) -> Answer {
    call.admin.switch_endpoint(&call.id, OFF).await?;
    switched(&call.id, OFF)
}

async fn jobs(call: Call) -> Answer {
    let counts = call.admin.counts().await;
    let jobs = call.admin.registry.jobs().iter().map(|job| call.admin.job_view(job, &counts));
    listed("jobs", &jobs.collect::<Vec<_>>(), &call.headers)
}

async fn switch_job<const OFF: bool>(call: Call) -> Answer {
    call.admin.switch_job(&call.id, OFF).await?;
    switched(&call.id, OFF)
}

fn switched(id: &str, off: bool) -> Answer {
    json(&object!({ "id": id, "paused": off }))
}
