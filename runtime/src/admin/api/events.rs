//! Events and schedules.

use super::super::answer::{Answer, joined, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get};
use std::sync::Arc;

pub(super) static ROUTES: &[Route] =
    &[get("/events", &events), get("/events/{id}", &event), get("/schedules", &schedules)];

async fn events(call: Arc<Call>) -> Answer {
    let search = call.admin.event_search(&call.fields)?;
    tagged(&call.admin.events(search).await?, &call.headers)
}

async fn event(call: Arc<Call>) -> Answer {
    let event = call.admin.event(call.uuid()?).await?;
    joined(&event.row, &event, &call.headers)
}

async fn schedules(call: Arc<Call>) -> Answer {
    listed("schedules", &call.admin.schedules().await?, &call.headers)
}
