//! Events and schedules.

use super::super::answer::{Answer, joined, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get};

pub(super) static ROUTES: &[Route] =
    &[get("/events", events), get("/events/{id}", event), get("/schedules", schedules)];

fn events(call: &Call) -> Answer {
    let search = call.admin.event_search(&call.fields)?;
    tagged(&call.admin.events(search)?, &call.headers)
}

fn event(call: &Call) -> Answer {
    let event = call.admin.event(call.uuid()?)?;
    joined(&event.row, &event, &call.headers)
}

fn schedules(call: &Call) -> Answer {
    listed("schedules", &call.admin.schedules()?, &call.headers)
}
