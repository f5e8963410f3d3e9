//! Pages and counts of the store in memory, which is small enough to look through.

use super::state::State;
use crate::request::Request;
use crate::store::browse::{
    Count, Countable, Counted, Found, Page, Part, RequestOutcome, RequestQuery, RequestRow, RunSearch, Span,
    merge, minute_of,
};
use crate::store::record::{Delivery, Run};
use crate::store::trace::Trace;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use uuid::Uuid;

impl State {
    pub(super) fn browse(&self, query: &RequestQuery) -> Page<RequestRow> {
        let (span, search) = (query.span(), query.search());
        let deliveries = self.deliveries.iter().filter(|(id, _)| span.holds(**id));
        let deliveries = deliveries.map(|(id, row)| row.shown(*id));
        let deliveries = deliveries.filter_map(|delivery| {
            let row = delivery_row(&delivery);
            search.selects(&row.look(delivery.request.body())).then_some(row)
        });
        let traces = self.traces.iter().filter(|trace| span.holds(trace.id));
        let traces = traces.filter_map(|trace| {
            let row = trace_row(trace);
            search.selects(&row.look(&trace.body)).then_some(row)
        });
        let part = |rows: Vec<RequestRow>| Part { rows, reached: None };
        merge(part(deliveries.collect()), part(traces.collect()), query.limit)
    }

    pub(super) fn find(&self, id: Uuid) -> Option<Found> {
        if let Some(delivery) = self.delivery(id) {
            return Some(Found::Delivery(Box::new(delivery)));
        }
        let trace = self.traces.iter().find(|trace| trace.id == id)?;
        Some(Found::Trace(Box::new(trace.clone())))
    }

    pub(super) fn browse_runs(&self, search: &RunSearch) -> Page<Run> {
        let span = search.span();
        let runs = self.runs.values().filter(|run| span.holds(run.id)).map(super::rows::RunRow::shown);
        let mut rows: Vec<_> = runs.filter(|run| search.selects(&run.job, run.state)).collect();
        rows.sort_unstable_by_key(|run| Reverse(run.id));
        let more = rows.len() > search.limit;
        rows.truncate(search.limit);
        Page { next: rows.last().map(|run| run.id).filter(|_| more), rows }
    }

    pub(super) fn count(&self, what: &Countable, (after, until): (Uuid, Uuid), limit: usize) -> Counted {
        let mut all: Vec<(Uuid, &str, Option<RequestOutcome>)> = match what {
            Countable::Deliveries { endpoint } => {
                let of = self.deliveries.iter().filter(|(_, row)| row.endpoint == endpoint);
                of.map(|(id, row)| (*id, row.endpoint, Some(row.outcome().into()))).collect()
            }
            Countable::Traces => {
                let traces = self.traces.iter();
                traces.map(|trace| (trace.id, trace.endpoint.as_str(), Some(trace.outcome.into()))).collect()
            }
            Countable::Runs { job } => self
                .runs
                .values()
                .filter(|run| run.job == *job)
                .map(|run| (run.id, &*run.job, None))
                .collect(),
            Countable::Failures => {
                let failed = self.runs.values().filter(|run| run.state.is_failure());
                failed.map(|run| (run.id, &*run.job, None)).collect()
            }
        };
        all.retain(|(id, ..)| after < *id && *id < until);
        all.sort_unstable();
        let more = all.len() > limit;
        all.truncate(limit);
        let next = all.last().map(|(id, ..)| *id).filter(|_| more);
        let mut counts = BTreeMap::new();
        for (id, of, outcome) in all {
            *counts.entry((minute_of(id), of, outcome)).or_default() += 1;
        }
        let counts = counts.into_iter();
        let counts =
            counts.map(|((minute, of, outcome), count)| Count { minute, of: of.to_owned(), outcome, count });
        Counted { counts: counts.collect(), next }
    }
}

impl Span {
    fn holds(self, id: Uuid) -> bool {
        self.from <= id && id < self.to
    }
}

fn target(request: &Request) -> String {
    request.uri().to_string()
}

fn delivery_row(delivery: &Delivery) -> RequestRow {
    let request = &delivery.request;
    RequestRow {
        id: delivery.id,
        endpoint: delivery.endpoint.clone(),
        at: request.received_at().into(),
        outcome: delivery.outcome.into(),
        status: delivery.answer.as_ref().map(|answer| answer.status),
        method: request.method().to_string(),
        target: target(request),
        reason: delivery.verdicts.clone(),
        provider_id: delivery.provider_id.clone(),
        body_len: request.body().len(),
        repeats: None,
        replay_of: delivery.replay_of,
    }
}

fn trace_row(trace: &Trace) -> RequestRow {
    RequestRow {
        id: trace.id,
        endpoint: trace.endpoint.clone(),
        at: trace.at,
        outcome: trace.outcome.into(),
        status: Some(trace.status),
        method: trace.method.clone(),
        target: trace.target.clone(),
        reason: Some(trace.reason.clone()),
        provider_id: None,
        body_len: trace.body_len,
        repeats: trace.delivery,
        replay_of: trace.replay_of,
    }
}
