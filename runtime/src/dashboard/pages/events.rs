//! Events and schedules.

use super::{Filter, render};
use crate::admin::answer::{Answer, Id};
use crate::admin::extract::Asked;
use crate::admin::view::event::{EventDetail, EventView};
use crate::admin::view::schedule::ScheduleView;
use crate::admin::{Admin, Shared, Visit};
use crate::store::EventState;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new()
        .route("/events", get(events))
        .route("/events/{id}", get(event))
        .route("/schedules", get(schedules))
}

async fn events(State(admin): Shared, visit: Visit, Asked(fields): Asked) -> Answer {
    #[derive(Serialize)]
    struct Page<'a> {
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
        events: found.events,
        next: filter.next(found.next),
        names: names.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        states: EventState::ALL.map(EventState::name),
        filter,
    };
    render::page(&visit, "events.html", "/events", page)
}

async fn event(State(admin): Shared, visit: Visit, Id(id): Id) -> Answer {
    #[derive(Serialize)]
    struct Page {
        e: EventDetail,
    }
    render::page(&visit, "event.html", "/events", Page { e: admin.event(id).await? })
}

async fn schedules(State(admin): Shared, visit: Visit) -> Answer {
    #[derive(Serialize)]
    struct Page {
        schedules: Vec<ScheduleView>,
    }
    let page = Page { schedules: admin.schedules().await? };
    render::page(&visit, "schedules.html", "/schedules", page)
}
