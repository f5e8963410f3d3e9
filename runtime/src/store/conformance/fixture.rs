//! Deliveries, steps and the like with everything set, for one line in a test.

use crate::event::INVOKE;
use crate::request::{Request, RequestParts};
use crate::store::event::{DueEvent, EventRecord, EventState, NewEvent};
use crate::store::record::{Answer, DedupeKey, LogLine, NewDelivery, NewRun, RunHooks};
use crate::store::slot::Slot;
use crate::store::step::{About, Property, Step, StepKind, StepState};
use crate::store::trace::{Trace, TraceOutcome};
use crate::time::Timestamp;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// When the clock of a bed starts, and when its deliveries are received.
pub(crate) const START: Timestamp = Timestamp(1_700_000_000_000_000);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
/// The limit of a run that says nothing else.
pub(crate) const LIMIT: u32 = 3;

#[derive(Debug)]
pub(crate) struct DeliveryBuilder {
    new: NewDelivery,
    parts: RequestParts,
}

/// A delivery to the endpoint `a`, without key and runs.
pub(crate) fn delivery() -> DeliveryBuilder {
    let parts = RequestParts { received_at: START.into(), ..RequestParts::default() };
    let new = NewDelivery {
        id: Uuid::now_v7(),
        endpoint: "a",
        request: Request::new(RequestParts::default()),
        provider_id: None,
        secret_index: None,
        dedupe: None,
        runs: Vec::new(),
        events: Vec::new(),
        note: None,
        verdicts: None,
        answer: None,
        replay_of: None,
    };
    DeliveryBuilder { new, parts }
}

impl DeliveryBuilder {
    pub(crate) fn to(mut self, endpoint: &'static str) -> Self {
        self.new.endpoint = endpoint;
        self
    }

    /// A key that expires an hour after the start.
    pub(crate) fn key(self, key: &str) -> Self {
        self.key_until(key, START.plus(HOUR))
    }

    pub(crate) fn key_until(mut self, key: &str, expires_at: Timestamp) -> Self {
        self.new.dedupe = Some(DedupeKey { key: key.to_owned(), expires_at });
        self
    }

    pub(crate) fn runs(mut self, count: usize) -> Self {
        self.new.runs.extend((0..count).map(|_| run(LIMIT, None)));
        self
    }

    pub(crate) fn run_with_limit(mut self, limit: u32) -> Self {
        self.new.runs.push(run(limit, None));
        self
    }

    pub(crate) fn job(mut self, job: &'static str) -> Self {
        self.new.runs.push(NewRun { job, ..run(LIMIT, None) });
        self
    }

    /// A run that starts at once.
    pub(crate) fn starting(mut self, slot: Option<Slot>) -> Self {
        self.new.runs.push(run(LIMIT, slot));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.parts.body = body.into();
        self
    }

    pub(crate) fn headers(mut self, headers: &[(&'static str, &[u8])]) -> Self {
        self.parts.headers = header_map(headers);
        self
    }

    pub(crate) fn received_at(mut self, at: Timestamp) -> Self {
        self.parts.received_at = at.into();
        self
    }

    /// Received then, with ids of that time, as the request path makes them.
    pub(crate) fn arrived_at(mut self, at: Timestamp) -> Self {
        self.new.id = crate::id::new(at);
        for run in &mut self.new.runs {
            run.id = crate::id::new(at);
        }
        self.received_at(at)
    }

    pub(crate) fn parts(mut self, change: impl FnOnce(&mut RequestParts)) -> Self {
        change(&mut self.parts);
        self
    }

    pub(crate) fn set(mut self, change: impl FnOnce(&mut NewDelivery)) -> Self {
        change(&mut self.new);
        self
    }

    pub(crate) fn build(self) -> NewDelivery {
        NewDelivery { request: Request::new(self.parts), ..self.new }
    }
}

#[derive(Debug)]
pub(crate) struct EventBuilder {
    event: EventRecord,
    runs: Vec<NewRun>,
}

/// An event of this name that is sent at once, without key and runs.
pub(crate) fn event(name: &'static str) -> EventBuilder {
    let event = EventRecord {
        id: Uuid::now_v7(),
        name: name.into(),
        source: None,
        job: None,
        key: None,
        payload: Bytes::from_static(b"{}"),
        context: None,
        properties: None,
        at: START,
        due_at: None,
        state: EventState::Sent,
        delivery: None,
        sender: None,
        test: false,
    };
    EventBuilder { event, runs: Vec::new() }
}

/// A call of a job and nothing else, as calls are made: its run has its id, and its id has its time.
pub(crate) fn call(at: Timestamp, slot: Option<Slot>) -> NewEvent {
    let id = crate::id::new(at);
    let call = event(INVOKE).set(|call| (call.id, call.at, call.job) = (id, at, Some("job".into())));
    let mut call = call.starting(slot).build();
    call.runs.iter_mut().for_each(|run| run.id = id);
    call
}

impl EventBuilder {
    pub(crate) fn key(mut self, key: &str) -> Self {
        self.event.key = Some(key.to_owned());
        self
    }

    /// Sent when it is due.
    pub(crate) fn due(mut self, at: Timestamp) -> Self {
        self.event.due_at = Some(at);
        self.event.state = EventState::Pending;
        self
    }

    pub(crate) fn runs(mut self, count: usize) -> Self {
        self.runs.extend((0..count).map(|_| run(LIMIT, None)));
        self
    }

    /// A run that starts at once.
    pub(crate) fn starting(mut self, slot: Option<Slot>) -> Self {
        self.runs.push(run(LIMIT, slot));
        self
    }

    pub(crate) fn set(mut self, change: impl FnOnce(&mut EventRecord)) -> Self {
        change(&mut self.event);
        self
    }

    pub(crate) fn build(self) -> NewEvent {
        NewEvent { event: Arc::new(self.event), runs: self.runs, cancels: Vec::new() }
    }
}

/// What a pending event sets off.
pub(crate) fn due_event(id: Uuid, run: NewRun) -> DueEvent {
    DueEvent { id, runs: vec![run], cancels: Vec::new() }
}

pub(crate) fn run(limit: u32, slot: Option<Slot>) -> NewRun {
    let (flow, hooks) = (None, RunHooks::default());
    NewRun { id: Uuid::now_v7(), job: "job", version: "1.0.0", limit, slot, flow, hooks }
}

pub(crate) fn header_map(headers: &[(&'static str, &[u8])]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            map.append(HeaderName::from_static(name), value);
        }
    }
    map
}

/// Names and values in their order, to compare.
pub(crate) fn header_list(request: &Request) -> Vec<(String, Vec<u8>)> {
    request.headers().iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

pub(crate) fn answer(status: u16) -> Answer {
    Answer { status, content_type: Some("text/plain".to_owned()), body: Bytes::from_static(b"\xffhello") }
}

/// A step that is done.
pub(crate) fn step(key: &str, seq: u32) -> Step {
    Step {
        key: key.to_owned(),
        kind: StepKind::Task,
        seq,
        state: StepState::Done,
        output: format!("{{\"of\":\"{key}\"}}"),
        attempt: 1,
        failures: 0,
        started_at: START,
        finished_at: START.plus(Duration::from_micros(17)),
        event: None,
        about: None,
    }
}

/// A failure that ended an execution.
pub(crate) fn failing_step(key: &str, seq: u32, failures: u32) -> Step {
    Step { state: StepState::Failing, output: "no".to_owned(), failures, ..step(key, seq) }
}

/// All that a person is shown of a step; its output has a secret.
pub(crate) fn about() -> Box<About> {
    Box::new(About {
        name: Some("Charge".to_owned()),
        icon: Some("stripe".to_owned()),
        params: Some(serde_json::json!({ "order": 7 })),
        properties: vec![Property { label: "Order".to_owned(), text: "7".to_owned() }],
        redact: vec!["/card".to_owned()],
    })
}

pub(crate) fn failed_step(key: &str, seq: u32) -> Step {
    Step { state: StepState::Failed, output: "no".to_owned(), ..step(key, seq) }
}

pub(crate) fn line(run: Uuid, message: &str) -> LogLine {
    LogLine {
        run,
        attempt: 1,
        at: START,
        level: 2,
        message: message.to_owned(),
        data: Some("{\"n\":1}".to_owned()),
    }
}

pub(crate) fn trace(reason: &str) -> Trace {
    Trace {
        id: Uuid::now_v7(),
        endpoint: "a".to_owned(),
        at: START,
        outcome: TraceOutcome::Rejected,
        status: 401,
        reason: reason.to_owned(),
        method: "POST".to_owned(),
        target: "/hooks/a?x=1".to_owned(),
        body: Bytes::from_static(b"\x00\xff"),
        body_len: 4096,
        delivery: Some(Uuid::now_v7()),
        replay_of: Some(Uuid::now_v7()),
        headers: header_map(&[("x-a", b"\xff1"), ("x-a", b"2")]),
    }
}
