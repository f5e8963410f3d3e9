//! Events and schedules.

use super::super::answer::{Answer, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get};

pub(super) static ROUTES: &[Route] =
    &[get("/events", &events), get("/events/{id}", &event), get("/schedules", &schedules)];

async fn events(call: Call) -> Answer {
    let search = call.admin.event_search(&call.fields)?;
    tagged(&call.admin.events(search).await?, &call.headers)
}

async fn event(call: Call) -> Answer {
    tagged(&call.admin.event(call.uuid()?).await?, &call.headers)
}

async fn schedules(call: Call) -> Answer {
    listed("schedules", &call.admin.schedules().await?, &call.headers)
}
