//! External sources.

use super::super::answer::{Answer, json, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get, post};
use serde_json::json as object;

pub(super) static ROUTES: &[Route] = &[
    get("/sources", &sources),
    get("/sources/{id}", &source),
    post("/sources/{id}/register", &register),
    post("/sources/{id}/unregister", &unregister),
    post("/sources/{id}/backfill", &backfill),
];

async fn sources(call: Call) -> Answer {
    listed("sources", &call.admin.sources().await?, &call.headers)
}

async fn source(call: Call) -> Answer {
    tagged(&call.admin.source(&call.id).await?, &call.headers)
}

async fn register(call: Call) -> Answer {
    json(&object!({ "run": call.admin.register(&call.id).await? }))
}

async fn unregister(call: Call) -> Answer {
    json(&object!({ "run": call.admin.unregister(&call.id).await? }))
}

async fn backfill(call: Call) -> Answer {
    json(&call.admin.backfill(&call.id, &call.fields).await?)
}
