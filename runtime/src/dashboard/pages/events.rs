//! Events and schedules.

use super::render::{self, Head};
use super::{Filter, parts, text};
use crate::admin::Visit;
use crate::admin::answer::Answer;
use crate::admin::call::Call;
use crate::admin::route::{Route, get};
use crate::admin::view::event::{EventDetail, EventView};
use crate::admin::view::schedule::ScheduleView;
use crate::store::EventState;
use askama::Template;

pub(super) static ROUTES: &[Route] =
    &[get("/events", events), get("/events/{id}", event), get("/schedules", schedules)];

fn events(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "events.html")]
    struct Page<'a> {
        visit: &'a Visit,
        events: Vec<EventView>,
        next: Option<String>,
        filter: Filter<'a>,
        names: Vec<String>,
        states: [&'static str; 3],
    }
    let Call { admin, visit, fields, .. } = call;
    let found = admin.events(admin.event_search(fields)?)?;
    let filter = Filter::of(fields);
    // What happened lately, and what is chosen, though it may not have.
    let counts = admin.counts();
    let names = counts.events().map(|(_, name, _)| name).chain(Some(filter.name));
    let mut names: Vec<_> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    let page = Page {
        visit,
        events: found.events,
        next: filter.next(found.next),
        names,
        states: EventState::ALL.map(EventState::name),
        filter,
    };
    render::page(visit, &Head::new("/events", "Events"), &page)
}

fn event(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "event.html")]
    struct Page<'a> {
        visit: &'a Visit,
        e: &'a EventDetail,
    }
    let id = call.uuid()?;
    let Call { admin, visit, .. } = call;
    let e = &admin.event(id)?;
    render::page(visit, &Head::new("/events", &e.row.name), &Page { visit, e })
}

fn schedules(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "schedules.html")]
    struct Page<'a> {
        visit: &'a Visit,
        schedules: Vec<ScheduleView>,
    }
    let Call { admin, visit, .. } = call;
    let page = Page { visit, schedules: admin.schedules()? };
    render::page(visit, &Head::new("/schedules", "Schedules"), &page)
}
