//! Events and schedules.

use super::render::{self, Head};
use super::{Filter, parts, text};
use crate::admin::answer::{Answer, Id};
use crate::admin::extract::Asked;
use crate::admin::view::event::{EventDetail, EventView};
use crate::admin::view::schedule::ScheduleView;
use crate::admin::{Admin, Shared, Visit};
use crate::store::EventState;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new()
        .route("/events", get(events))
        .route("/events/{id}", get(event))
        .route("/schedules", get(schedules))
}

async fn events(State(admin): Shared, visit: Visit, Asked(fields): Asked) -> Answer {
    #[derive(Template)]
    #[template(path = "events.html")]
    struct Page<'a> {
        visit: &'a Visit,
        events: Vec<EventView>,
        next: Option<String>,
        filter: Filter<'a>,
        names: BTreeSet<String>,
        states: [&'static str; 3],
    }
    let found = admin.events(admin.event_search(&fields)?).await?;
    let filter = Filter::of(&fields);
    // What happened lately, and what is chosen, though it may not have.
    let counts = admin.counts().await;
    let names = counts.events().map(|(_, name, _)| name).chain(Some(filter.name));
    let page = Page {
        visit: &visit,
        events: found.events,
        next: filter.next(found.next),
        names: names.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        states: EventState::ALL.map(EventState::name),
        filter,
    };
    render::page(&visit, &Head::new("/events", "Events"), &page)
}

async fn event(State(admin): Shared, visit: Visit, Id(id): Id) -> Answer {
    #[derive(Template)]
    #[template(path = "event.html")]
    struct Page<'a> {
        visit: &'a Visit,
        e: &'a EventDetail,
    }
    let e = &admin.event(id).await?;
    render::page(&visit, &Head::new("/events", &e.row.name), &Page { visit: &visit, e })
}

async fn schedules(State(admin): Shared, visit: Visit) -> Answer {
    #[derive(Template)]
    #[template(path = "schedules.html")]
    struct Page<'a> {
        visit: &'a Visit,
        schedules: Vec<ScheduleView>,
    }
    let page = Page { visit: &visit, schedules: admin.schedules().await? };
    render::page(&visit, &Head::new("/schedules", "Schedules"), &page)
}
