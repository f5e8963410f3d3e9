//! Requests: a row of the stream, and one with all that is kept of it.

use super::super::Admin;
use super::super::answer::{Answer, Problem};
use super::super::redact::HIDDEN;
use super::super::wait::wait;
use super::body::BodyView;
use super::micros;
use super::verdict::VerdictView;
use super::verification::VerificationView;
use crate::registry::path_of;
use crate::request::{MASKED, Request, RequestParts, masked_target};
use crate::serve::{LiveEndpoint, Told};
use crate::store::{
    Delivery, EventRecord, Found, OriginId, RequestOutcome, RequestQuery, RequestRow, Run, RunQuery,
    StoreFuture, Trace,
};
use crate::time::Timestamp;
use http::{HeaderMap, Method};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// So many events of a request are shown.
const MOST_EVENTS: usize = 100;

/// A row of the stream.
#[derive(Debug, Serialize)]
pub(crate) struct RequestView {
    pub(crate) id: Uuid,
    pub(crate) endpoint: String,
    pub(crate) at: Timestamp,
    pub(crate) outcome: &'static str,
    /// The status that the sender got.
    pub(crate) status: u16,
    pub(crate) method: String,
    pub(crate) target: String,
    /// Why it started nothing.
    pub(crate) reason: Option<String>,
    pub(crate) provider_id: Option<String>,
    pub(crate) body_length: usize,
    /// The delivery that it repeats.
    pub(crate) repeats: Option<Uuid>,
    /// The request that a person sent again as this one.
    pub(crate) replay_of: Option<Uuid>,
    /// How long it was in work, in microseconds, where that is known.
    pub(crate) took: Option<u64>,
    pub(crate) runs: Vec<RunRef>,
}

/// A run, named.
#[derive(Debug, Serialize)]
pub(crate) struct RunRef {
    pub(crate) job: String,
    /// `None` where it was told before it could be looked up.
    pub(crate) id: Option<Uuid>,
    pub(crate) state: Option<&'static str>,
}

/// An event, named.
#[derive(Debug, Serialize)]
pub(crate) struct EventRef {
    pub(crate) id: Uuid,
    pub(crate) name: String,
}

/// A page of rows.
#[derive(Debug, Serialize)]
pub(crate) struct RequestPage {
    pub(crate) requests: Vec<RequestView>,
    /// What to give as `before` for the next page.
    pub(crate) next: Option<Uuid>,
}

/// One request.
#[derive(Debug, Serialize)]
pub(crate) struct RequestDetail {
    /// Its fields stand beside the others.
    #[serde(skip)]
    pub(crate) row: RequestView,
    pub(crate) headers: Vec<HeaderView>,
    pub(crate) body: BodyView,
    /// The type of the event, as its provider names it.
    pub(crate) event: Option<String>,
    /// The secret with which it was verified.
    pub(crate) verified_with: Option<String>,
    /// What verification makes of it with today's secrets.
    pub(crate) verification: Option<VerificationView>,
    pub(crate) verdicts: Vec<VerdictView>,
    /// The events that were read from it.
    pub(crate) events: Vec<EventRef>,
    pub(crate) answer: Option<AnswerView>,
    /// The one before it of its endpoint and its type.
    pub(crate) previous: Option<Uuid>,
    /// Whether all of it is kept, so that it can be sent again.
    pub(crate) is_whole: bool,
    /// Whether its endpoint is still there.
    pub(crate) is_live: bool,
    pub(crate) can_sign: bool,
}

/// A header.
#[derive(Debug, Serialize)]
pub(crate) struct HeaderView {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) hidden: bool,
}

/// What the sender was answered.
#[derive(Debug, Serialize)]
pub(crate) struct AnswerView {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) body: String,
}

/// A stored request with what is needed to show it or to send it again.
pub(crate) struct Kept {
    pub(crate) id: Uuid,
    pub(crate) endpoint: String,
    pub(crate) request: Request,
    pub(crate) outcome: RequestOutcome,
    pub(crate) body_length: usize,
    pub(super) found: Found,
}

impl Kept {
    pub(crate) fn is_whole(&self) -> bool {
        self.request.body().len() == self.body_length
            && !matches!(
                self.outcome,
                RequestOutcome::Handshake | RequestOutcome::TooLarge | RequestOutcome::Overloaded
            )
    }

    fn of(found: Found) -> Self {
        let (id, endpoint, request, outcome, body_length) = match &found {
            Found::Delivery(delivery) => {
                let Delivery { id, endpoint, request, outcome, .. } = &**delivery;
                (*id, endpoint.clone(), request.clone(), (*outcome).into(), request.body().len())
            }
            Found::Trace(trace) => {
                let Trace { id, endpoint, outcome, body_len, .. } = &**trace;
                (*id, endpoint.clone(), request_of(trace), (*outcome).into(), *body_len)
            }
        };
        Kept { id, endpoint, request, outcome, body_length, found }
    }
}

/// The request of a trace, as far as it is kept.
fn request_of(trace: &Trace) -> Request {
    Request::new(RequestParts {
        method: trace.method.parse().unwrap_or(Method::POST),
        uri: trace.target.parse().unwrap_or_default(),
        headers: trace.headers.clone(),
        body: trace.body.clone(),
        received_at: trace.at.into(),
        public_url: None,
    })
}

impl Admin {
    /// A page of the stream.
    pub(crate) fn requests(&self, query: RequestQuery) -> Answer<RequestPage> {
        let page = wait(self.app.store.browse(query))?;
        let requests = self.request_rows(page.rows)?;
        Ok(RequestPage { requests, next: page.next })
    }

    /// Rows with their runs.
    pub(crate) fn request_rows(&self, rows: Vec<RequestRow>) -> Answer<Vec<RequestView>> {
        // The store is asked for all before the first answer is waited for: one
        // after the other, each would wait for whatever else is read.
        let asked: Vec<_> = rows
            .iter()
            .map(|row| match row.outcome {
                RequestOutcome::Accepted => self.ask_events(&row.endpoint, row.id),
                _ => None,
            })
            .collect();
        let mut runs = Vec::new();
        for (row, events) in rows.iter().zip(asked) {
            let events = told_events(events)?;
            runs.push(self.ask_runs(row.outcome, row.id, &events));
        }
        let mut views = Vec::new();
        for (row, runs) in rows.into_iter().zip(runs) {
            let runs = told_runs(runs)?;
            let took = self.app.feed.took(row.id);
            views.push(self.row_view(row, took, runs.iter().map(RunRef::of).collect()));
        }
        Ok(views)
    }

    /// A row as it is told: the store may not have it yet.
    pub(crate) fn told_row(&self, told: &Told) -> RequestView {
        let runs = told.jobs.iter().map(|job| RunRef { job: (*job).to_owned(), id: None, state: None });
        self.row_view(told.row.clone(), Some(told.took), runs.collect())
    }

    fn row_view(&self, row: RequestRow, took: Option<Duration>, runs: Vec<RunRef>) -> RequestView {
        let reason = match row.outcome {
            RequestOutcome::Accepted => None,
            RequestOutcome::Filtered => Some(self.why_filtered(&row.endpoint, row.reason.as_deref())),
            _ => row.reason,
        };
        let usual = self.live(&row.endpoint).and_then(|live| live.spec.unmatched);
        let usual = usual.filter(|_| row.outcome == RequestOutcome::Filtered).unwrap_or(200);
        RequestView {
            id: row.id,
            endpoint: row.endpoint,
            at: row.at,
            outcome: row.outcome.name(),
            status: row.status.unwrap_or(usual),
            method: row.method,
            target: self.redaction.text(&masked_target(&row.target)),
            reason: reason.map(|reason| self.redaction.text(&reason)),
            provider_id: row.provider_id,
            body_length: row.body_len,
            repeats: row.repeats,
            replay_of: row.replay_of,
            took: took.map(micros),
            runs,
        }
    }

    /// Asks for the events that were read from a delivery; there are none but at
    /// the webhook of an external source.
    fn ask_events(&self, endpoint: &str, delivery: Uuid) -> Option<StoreFuture<'_, Vec<Arc<EventRecord>>>> {
        self.live(endpoint)?.source.as_ref()?;
        Some(self.app.store.events_of(delivery, MOST_EVENTS))
    }

    /// Asks for the runs of a request, and for those of the events that were
    /// read from it.
    fn ask_runs(
        &self,
        outcome: RequestOutcome,
        request: Uuid,
        events: &[Arc<EventRecord>],
    ) -> Vec<StoreFuture<'_, Vec<Run>>> {
        if outcome != RequestOutcome::Accepted {
            return Vec::new();
        }
        let mut asked = vec![self.ask_runs_of(OriginId::Delivery(request))];
        asked.extend(events.iter().map(|event| self.ask_runs_of(OriginId::Event(event.id))));
        asked
    }

    pub(super) fn ask_runs_of(&self, origin: OriginId) -> StoreFuture<'_, Vec<Run>> {
        self.app.store.runs(RunQuery { origin: Some(origin), ..RunQuery::default() })
    }

    /// A stored request.
    pub(crate) fn kept(&self, id: Uuid) -> Answer<Kept> {
        let found = wait(self.app.store.find(id))?;
        found.map(Kept::of).ok_or_else(|| Problem::unknown("request", id))
    }

    /// One request with all that is kept of it.
    pub(crate) fn request(&self, id: Uuid) -> Answer<RequestDetail> {
        let kept = self.kept(id)?;
        let live = self.live(&kept.endpoint);
        let events = told_events(self.ask_events(&kept.endpoint, id))?;
        let runs = told_runs(self.ask_runs(kept.outcome, id, &events))?;
        let shown = runs.iter().map(RunRef::of).collect();
        let row = self.row_view(row_of(&kept), self.app.feed.took(id), shown);
        let verification = live.map(|live| self.verification(live, &kept.request, kept.is_whole()));
        Ok(RequestDetail {
            headers: self.headers(live, kept.request.headers()),
            body: BodyView::new(&self.redaction, kept.request.body(), kept.body_length),
            event: live.and_then(|live| event_type(live, &kept.request)),
            verified_with: match (&kept.found, live) {
                (Found::Delivery(delivery), Some(live)) => delivery
                    .secret_index
                    .map(|index| live.secret_name(index).unwrap_or("a value in the program").to_owned()),
                _ => None,
            },
            verification,
            verdicts: self.verdicts(&kept, &runs, &events),
            events: events.iter().map(|event| EventRef::of(event)).collect(),
            answer: self.answer(&kept),
            previous: self.previous(&kept, live)?,
            is_whole: kept.is_whole(),
            is_live: live.is_some(),
            can_sign: live.is_some_and(|live| self.can_sign(live)),
            row,
        })
    }

    fn headers(&self, live: Option<&LiveEndpoint>, headers: &HeaderMap) -> Vec<HeaderView> {
        let shown = headers.iter().map(|(name, value)| {
            let value = self.redaction.header(live, name, value.as_bytes());
            HeaderView { name: name.to_string(), hidden: value == HIDDEN, value }
        });
        shown.collect()
    }

    fn answer(&self, kept: &Kept) -> Option<AnswerView> {
        let Found::Delivery(delivery) = &kept.found else { return None };
        let answer = delivery.answer.as_ref()?;
        Some(AnswerView {
            status: answer.status,
            content_type: answer.content_type.clone(),
            body: self.redaction.text(&String::from_utf8_lossy(&answer.body)),
        })
    }

    /// The delivery before it of the same endpoint and the same type.
    fn previous(&self, kept: &Kept, live: Option<&LiveEndpoint>) -> Answer<Option<Uuid>> {
        let outcomes = vec![RequestOutcome::Accepted, RequestOutcome::Filtered];
        let query = RequestQuery {
            endpoint: Some(kept.endpoint.clone()),
            outcomes,
            before: Some(kept.id),
            limit: 20,
            ..RequestQuery::default()
        };
        let rows = wait(self.app.store.browse(query))?.rows;
        let Some(live) = live else { return Ok(rows.first().map(|row| row.id)) };
        let kind = event_type(live, &kept.request);
        for row in &rows {
            let before = self.kept(row.id)?;
            if event_type(live, &before.request) == kind {
                return Ok(Some(row.id));
            }
        }
        Ok(None)
    }
}

/// The events that were asked for, in order.
fn told_events(asked: Option<StoreFuture<'_, Vec<Arc<EventRecord>>>>) -> Answer<Vec<Arc<EventRecord>>> {
    let Some(asked) = asked else { return Ok(Vec::new()) };
    let mut events = wait(asked)?;
    events.reverse();
    Ok(events)
}

/// The runs that were asked for, of each origin in order.
fn told_runs(asked: Vec<StoreFuture<'_, Vec<Run>>>) -> Answer<Vec<Run>> {
    let mut all = Vec::new();
    for asked in asked {
        let mut runs = wait(asked)?;
        runs.reverse();
        all.append(&mut runs);
    }
    Ok(all)
}

impl EventRef {
    fn of(event: &EventRecord) -> Self {
        EventRef { id: event.id, name: event.name.to_string() }
    }
}

impl RunRef {
    pub(super) fn of(run: &Run) -> Self {
        RunRef { job: run.job.clone(), id: Some(run.id), state: Some(run.state.name()) }
    }
}

fn row_of(kept: &Kept) -> RequestRow {
    let (status, reason, provider_id, repeats, replay_of) = match &kept.found {
        Found::Delivery(delivery) => (
            delivery.answer.as_ref().map(|answer| answer.status),
            delivery.verdicts.clone(),
            delivery.provider_id.clone(),
            None,
            delivery.replay_of,
        ),
        Found::Trace(trace) => {
            (Some(trace.status), Some(trace.reason.clone()), None, trace.delivery, trace.replay_of)
        }
    };
    RequestRow {
        id: kept.id,
        endpoint: kept.endpoint.clone(),
        at: kept.request.received_at().into(),
        outcome: kept.outcome,
        status,
        method: kept.request.method().to_string(),
        target: kept.request.uri().to_string(),
        reason,
        provider_id,
        body_len: kept.body_length,
        repeats,
        replay_of,
    }
}

/// The type of an event, as its scheme names it.
pub(crate) fn event_type(live: &LiveEndpoint, request: &Request) -> Option<String> {
    live.check.scheme()?.event_type(request)
}

impl Admin {
    /// The parts of a kept request, to send it again: what is masked is left
    /// out, and the path is the endpoint's as it is now.
    pub(crate) fn parts_of(&self, kept: &Kept, live: &LiveEndpoint) -> RequestParts {
        let request = &kept.request;
        let headers = request.headers().iter().filter(|(_, value)| value.as_bytes() != MASKED.as_bytes());
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let target = format!("{}{query}", path_of(live.spec));
        RequestParts {
            method: request.method().clone(),
            uri: target.parse().unwrap_or_else(|_| request.uri().clone()),
            headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
            body: request.body().clone(),
            ..RequestParts::default()
        }
    }
}
