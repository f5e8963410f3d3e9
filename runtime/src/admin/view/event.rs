//! Events: a row of a list, and one with what it set off.

use super::super::Admin;
use super::super::answer::{Answer, Problem};
use super::super::fields::Fields;
use super::super::wait::wait;
use super::body::{BodyView, pretty};
use super::request::RunRef;
use crate::event::{Properties, TICK};
use crate::store::{EventRecord, EventSearch, EventState, OriginId, Run, RunQuery};
use crate::time::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// An event.
#[derive(Debug, Serialize)]
pub(crate) struct EventView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// The system that it comes from; `None` for the program itself.
    pub(crate) source: Option<String>,
    /// The job that it is for, where it is for one alone: a call, or a tick.
    pub(crate) job: Option<String>,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// When it is sent, where that is later.
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) state: &'static str,
    /// What a repeat is recognised by.
    pub(crate) key: Option<String>,
    /// Whether a person made it to try something out.
    pub(crate) test: bool,
    pub(crate) payload_length: usize,
    /// The request that it was read from.
    pub(crate) delivery: Option<Uuid>,
    /// The run that sent it.
    pub(crate) sender: Option<Uuid>,
    pub(crate) runs: Vec<RunRef>,
}

/// A page of events.
#[derive(Debug, Serialize)]
pub(crate) struct EventPage {
    pub(crate) events: Vec<EventView>,
    /// What to give as `before` for the next page.
    pub(crate) next: Option<Uuid>,
}

/// One event.
#[derive(Debug, Serialize)]
pub(crate) struct EventDetail {
    /// Its fields stand beside the others.
    #[serde(skip)]
    pub(crate) row: EventView,
    /// What the program calls it.
    pub(crate) title: Option<&'static str>,
    pub(crate) declared_at: Option<String>,
    pub(crate) payload: BodyView,
    /// What the sender says of its circumstances, as JSON.
    pub(crate) context: Option<String>,
    pub(crate) properties: Vec<PropertyView>,
    /// The waits that it ended.
    pub(crate) waits: Vec<EndedWaitView>,
    /// The id of the schedule of which it is a tick.
    pub(crate) schedule: Option<String>,
    /// The address of the webhook that it came by.
    pub(crate) webhook: Option<String>,
}

/// A line that its `#[event]` function shows.
#[derive(Debug, Serialize)]
pub(crate) struct PropertyView {
    pub(crate) label: String,
    pub(crate) text: String,
    /// Where it leads, where that is a web page.
    pub(crate) url: Option<String>,
}

/// A wait that an event ended.
#[derive(Debug, Serialize)]
pub(crate) struct EndedWaitView {
    pub(crate) run: Uuid,
    pub(crate) job: Option<String>,
    pub(crate) wait: String,
}

impl Admin {
    /// Which events are asked for.
    pub(crate) fn event_search(&self, fields: &Fields) -> Answer<EventSearch> {
        let now = self.app.clock.now();
        let state = fields.get("state").map(|name| {
            EventState::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| {
                let known = EventState::ALL.map(EventState::name).join(", ");
                Problem::field("state", name, &format!("one of {known}"))
            })
        });
        Ok(EventSearch {
            name: fields.get("name").map(str::to_owned),
            source: fields.get("source").map(str::to_owned),
            state: state.transpose()?,
            since: fields.time("since", now)?,
            until: fields.time("until", now)?,
            before: fields.id("before")?,
            limit: fields.limit()?,
        })
    }

    /// A page of events.
    pub(crate) fn events(&self, search: EventSearch) -> Answer<EventPage> {
        let page = wait(self.app.store.browse_events(search))?;
        // The store is asked for all before the first answer is waited for.
        let asked: Vec<_> =
            page.rows.iter().map(|event| self.ask_runs_of(OriginId::Event(event.id))).collect();
        let mut events = Vec::new();
        for (event, runs) in page.rows.iter().zip(asked) {
            events.push(self.event_view(event, &wait(runs)?));
        }
        Ok(EventPage { events, next: page.next })
    }

    /// One event with what it set off.
    pub(crate) fn event(&self, id: Uuid) -> Answer<EventDetail> {
        let event = wait(self.app.store.event(id))?.ok_or_else(|| Problem::unknown("event", id))?;
        let runs = wait(self.ask_runs_of(OriginId::Event(id)))?;
        let declared = self.registry.events().iter().copied();
        let declared = declared
            .into_iter()
            .find(|spec| spec.names.contains(&&*event.name) && spec.source == event.source.as_deref());
        let mut waits = Vec::new();
        for (run, ended) in wait(self.app.store.ended_by(id))? {
            let query = RunQuery { id: Some(run), ..RunQuery::default() };
            let job = wait(self.app.store.runs(query))?.into_iter().next().map(|run| run.job);
            waits.push(EndedWaitView { run, job, wait: ended });
        }
        let shown =
            event.properties.as_deref().and_then(|text| serde_json::from_str::<Properties>(text).ok());
        let shown = shown.unwrap_or_default();
        let properties = shown.lines().iter().map(|line| PropertyView {
            label: self.redaction.text(&line.label),
            text: self.redaction.text(&line.text),
            url: line.url.as_deref().filter(|url| is_web_page(url)).map(|url| self.redaction.text(url)),
        });
        let (before, after) = event.key.as_deref().and_then(|key| key.split_once(':')).unzip();
        let tick = after.and_then(|rest| rest.rsplit_once('@')).filter(|_| event.name == TICK);
        Ok(EventDetail {
            title: declared.and_then(|spec| spec.title),
            declared_at: declared.map(|spec| spec.location.to_string()),
            payload: BodyView::new(&self.redaction, &event.payload, event.payload.len()),
            context: event.context.as_deref().map(|context| pretty(&self.redaction.json(context))),
            properties: properties.collect(),
            waits,
            schedule: tick.map(|(schedule, _)| schedule.to_owned()),
            webhook: before.filter(|address| self.app.sources.webhook(address).is_some()).map(str::to_owned),
            row: self.event_view(&event, &runs),
        })
    }

    /// `runs` as the store tells them, the newest first.
    fn event_view(&self, event: &EventRecord, runs: &[Run]) -> EventView {
        EventView {
            id: event.id,
            name: self.redaction.text(&event.name),
            source: event.source.as_deref().map(str::to_owned),
            job: event.job.as_deref().map(str::to_owned),
            at: event.at,
            due_at: event.due_at,
            state: event.state.name(),
            key: event.key.as_deref().map(|key| self.redaction.text(key)),
            test: event.test,
            payload_length: event.payload.len(),
            delivery: event.delivery,
            sender: event.sender,
            runs: runs.iter().rev().map(RunRef::of).collect(),
        }
    }
}

/// Whether a link leads to a page, and is not a script or a file.
fn is_web_page(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
