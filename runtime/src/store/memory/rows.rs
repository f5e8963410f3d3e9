//! The rows of the store in memory, and how they are shown.

use super::waits::WaitRow;
use crate::request::Request;
use crate::store::event::{DeliveryOrigin, EventRecord, Origin, OriginId};
use crate::store::flow::RunFlow;
use crate::store::lifecycle::is_progress;
use crate::store::record::{
    Answer, BatchMember, DedupeKey, Delivery, DeliveryOutcome, Fence, LogLine, Run, RunHooks, RunQuery,
    RunState, Ticket,
};
use crate::store::step::Step;
use crate::store::wait::TokenHash;
use crate::time::Timestamp;
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

#[derive(Debug)]
pub(super) struct DeliveryRow {
    pub(super) place: u64,
    pub(super) endpoint: &'static str,
    pub(super) request: Request,
    pub(super) provider_id: Option<String>,
    pub(super) secret_index: Option<u8>,
    pub(super) dedupe: Option<DedupeKey>,
    pub(super) verdicts: Option<String>,
    pub(super) answer: Option<Answer>,
    pub(super) replay_of: Option<Uuid>,
    pub(super) runs: Vec<Uuid>,
    /// Whether an event that was read from it has runs.
    pub(super) runs_by_event: bool,
}

#[derive(Debug)]
pub(super) struct EventRow {
    pub(super) place: u64,
    pub(super) event: Arc<EventRecord>,
    /// Its place in the order in which events were sent, counting from 1.
    pub(super) n: Option<u64>,
    pub(super) runs: Vec<Uuid>,
}

#[derive(Debug)]
pub(super) struct KeyRow {
    pub(super) delivery: Uuid,
    pub(super) expires_at: Timestamp,
}

#[derive(Debug)]
pub(super) struct RunRow {
    pub(super) id: Uuid,
    pub(super) job: Cow<'static, str>,
    pub(super) version: &'static str,
    pub(super) origin: OriginId,
    pub(super) limit: u32,
    pub(super) state: RunState,
    pub(super) attempt: u32,
    pub(super) token: u64,
    pub(super) failures: u32,
    pub(super) crashes: u32,
    pub(super) due_at: Timestamp,
    pub(super) priority: i32,
    pub(super) flow: Option<Box<RunFlow>>,
    pub(super) hooks: RunHooks,
    /// The run of which it is a hook.
    pub(super) parent: Option<Uuid>,
    /// The runs that go along with it.
    pub(super) members: Vec<Uuid>,
    pub(super) error: Option<String>,
    /// What it returned, JSON.
    pub(super) output: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) steps: Vec<Step>,
    pub(super) waits: Vec<WaitRow>,
    /// Of addresses that end its waits.
    pub(super) tokens: Vec<TokenHash>,
    /// The last event that was sent before it was made.
    pub(super) after_event: u64,
    pub(super) logs: Vec<LogLine>,
}

impl DeliveryRow {
    pub(super) fn outcome(&self) -> DeliveryOutcome {
        if self.has_runs() { DeliveryOutcome::Accepted } else { DeliveryOutcome::Filtered }
    }

    pub(super) fn has_runs(&self) -> bool {
        self.runs_by_event || !self.runs.is_empty()
    }

    pub(super) fn shown(&self, id: Uuid) -> Delivery {
        Delivery {
            id,
            endpoint: self.endpoint.to_owned(),
            outcome: self.outcome(),
            request: self.request.clone(),
            provider_id: self.provider_id.clone(),
            secret_index: self.secret_index,
            verdicts: self.verdicts.clone(),
            answer: self.answer.clone(),
            replay_of: self.replay_of,
        }
    }

    pub(super) fn origin(&self, id: Uuid) -> Origin {
        Origin::Delivery(DeliveryOrigin {
            endpoint: Cow::Borrowed(self.endpoint),
            id,
            provider_id: self.provider_id.clone(),
            request: self.request.clone(),
        })
    }
}

impl RunRow {
    /// A new run like this one, which has done nothing yet; `after_event` is the last event until now.
    pub(super) fn anew(&self, now: Timestamp, after_event: u64) -> RunRow {
        RunRow {
            id: crate::id::new(now),
            job: self.job.clone(),
            version: self.version,
            origin: self.origin,
            limit: self.limit,
            state: RunState::Queued,
            attempt: 0,
            token: 0,
            failures: 0,
            crashes: 0,
            due_at: now,
            priority: self.priority,
            flow: self.flow.clone(),
            hooks: self.hooks,
            parent: self.parent,
            members: Vec::new(),
            error: None,
            output: None,
            created_at: now,
            finished_at: None,
            steps: Vec::new(),
            waits: Vec::new(),
            tokens: Vec::new(),
            after_event,
            logs: Vec::new(),
        }
    }

    /// Adds steps in their order; a step that is recorded stays as it is.
    pub(super) fn record(&mut self, steps: Vec<Step>) {
        if is_progress(&steps) {
            self.failures = 0;
            self.crashes = 0;
        }
        for step in steps {
            self.steps.retain(|known| known.key != step.key || known.state.is_recorded());
            if self.steps.iter().all(|known| known.key != step.key) {
                self.steps.push(step);
            }
        }
        self.steps.sort_by_key(|step| step.seq);
    }

    pub(super) fn ticket(&self, origin: Origin, batch: Vec<BatchMember>) -> Ticket {
        Ticket {
            fence: Fence { run: self.id, attempt: self.attempt, token: self.token },
            job: self.job.clone(),
            origin,
            created_at: self.created_at,
            failures: self.failures,
            steps: self.steps.clone(),
            batch,
            parent: self.parent,
            waits: self.shown_waits(),
        }
    }

    pub(super) fn is_wanted(&self, query: &RunQuery) -> bool {
        query.id.is_none_or(|id| id == self.id)
            && query.origin.is_none_or(|origin| origin == self.origin)
            && query.job.as_ref().is_none_or(|job| *job == self.job)
            && query.state.is_none_or(|state| state == self.state)
    }

    pub(super) fn shown(&self) -> Run {
        Run {
            id: self.id,
            job: self.job.to_string(),
            version: self.version.to_owned(),
            origin: self.origin,
            state: self.state,
            attempt: self.attempt,
            failures: self.failures,
            crashes: self.crashes,
            due_at: self.due_at,
            error: self.error.clone(),
            created_at: self.created_at,
            finished_at: self.finished_at,
        }
    }
}
