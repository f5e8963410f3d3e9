//! Fills a file through the store's own writes: requests of all outcomes, with
//! runs, steps, logs and events, spread over days.

use crate::program::{ALL, SELDOM};
use fastrand::Rng;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use triggerfish::http::{HeaderMap, HeaderName, HeaderValue};
use triggerfish::request::{Request, RequestParts};
use triggerfish::store::sqlite::{Durability, SqliteConfig, SqliteStore};
use triggerfish::store::{
    DedupeKey, End, EventRecord, EventState, Hold, LogLine, NewDelivery, NewEvent, NewRun, Progress,
    RunHooks, Slots, Step, StepKind, StepState, Store, Ticket, Trace, TraceOutcome,
};
use triggerfish::time::{Clock, Timestamp};
use triggerfish_benches::Result;
use uuid::{NoContext, Uuid};

/// So many requests are written before the writer is waited for.
const BATCH: usize = 1000;
/// The endpoint that is seldom called had its requests among the first of so many.
const SELDOM_AMONG: usize = 100_000;
/// What failed runs say.
const ERRORS: [&str; 4] = [
    "the card was declined: insufficient funds",
    "no user with the id {n}",
    "HTTP 503 from https://api.example.com/v1/things/{n}",
    "row {n} is locked by another transaction",
];

/// How much to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount {
    /// Requests in all.
    pub(crate) requests: usize,
    /// The days over which they are spread, the last of which is today.
    pub(crate) days: f64,
}

/// Writes a new file.
pub(crate) async fn fill(path: &Path, amount: Amount) -> Result<()> {
    let now = Timestamp::from(std::time::SystemTime::now());
    let step = Duration::from_secs_f64(amount.days * 86_400.0 / amount.requests as f64);
    let clock = Clock::manual(now.minus(step * u32::try_from(amount.requests)?));
    let config = SqliteConfig {
        path: Some(path.to_owned()),
        durability: Durability::Normal,
        queue: 2 * BATCH,
        clock: clock.clone(),
        ..SqliteConfig::default()
    };
    let store = Arc::new(SqliteStore::open(config)?);
    let (slots, handed) = Slots::new(16 * BATCH);
    let worker = tokio::spawn(work(Arc::clone(&store), handed, clock.clone()));
    let mut make = Make { random: Rng::with_seed(7), slots, last: None };
    for first in (0..amount.requests).step_by(BATCH) {
        let mut stored = Vec::new();
        for n in first..(first + BATCH).min(amount.requests) {
            clock.advance(step);
            match make.request(n, clock.now()) {
                Made::Delivery(new) => stored.push(store.accept(*new)),
                Made::Trace(trace) => store.trace(*trace),
            }
        }
        for one in stored {
            one.await?;
        }
        store.flush().await?;
        if first % (100 * BATCH) == 0 {
            crate::tell(&format!("{first} of {} requests are written", amount.requests));
        }
    }
    drop(make);
    worker.await??;
    store.close().await?;
    Ok(())
}

enum Made {
    Delivery(Box<NewDelivery>),
    Trace(Box<Trace>),
}

struct Make {
    random: Rng,
    slots: Slots,
    last: Option<Uuid>,
}

impl Make {
    fn request(&mut self, n: usize, at: Timestamp) -> Made {
        let seldom = n < SELDOM_AMONG && n.is_multiple_of(SELDOM_AMONG / 20);
        let usual = ALL.iter().filter(|(id, _)| *id != SELDOM);
        let (endpoint, jobs) = match seldom {
            true => ALL.iter().find(|(id, _)| *id == SELDOM).copied(),
            // Some are called far more often than others.
            false => usual.copied().nth(self.random.usize(..6).min(self.random.usize(..6))),
        }
        .unwrap_or(("shop", &[]));
        let id = id_of(at);
        let body = self.body(n);
        let request = Request::new(RequestParts {
            uri: format!("/hooks/{endpoint}").parse().unwrap_or_default(),
            headers: headers(n),
            body: body.into(),
            received_at: at.into(),
            ..RequestParts::default()
        });
        // Those that become no delivery are as many as are kept, and more.
        let outcome = match self.random.u32(..1000) {
            0..20 => TraceOutcome::Duplicate,
            20..40 => TraceOutcome::Rejected,
            40..44 => TraceOutcome::Handshake,
            44..46 => TraceOutcome::Overloaded,
            _ => return self.delivery(n, at, id, endpoint, jobs, request),
        };
        Made::Trace(Box::new(Trace {
            id,
            endpoint: endpoint.to_owned(),
            at,
            outcome,
            status: if outcome == TraceOutcome::Rejected { 401 } else { 200 },
            reason: match outcome {
                TraceOutcome::Rejected => format!("the signature does not match (by {n} bytes)"),
                other => other.name().to_owned(),
            },
            method: "POST".to_owned(),
            target: request.uri().to_string(),
            headers: request.headers().clone(),
            body: request.body().clone(),
            body_len: request.body().len(),
            delivery: self.last.filter(|_| outcome == TraceOutcome::Duplicate),
            replay_of: None,
        }))
    }

    fn delivery(
        &mut self,
        n: usize,
        at: Timestamp,
        id: Uuid,
        endpoint: &'static str,
        jobs: &'static [&'static str],
        request: Request,
    ) -> Made {
        let matched = self.random.u32(..100) < 70;
        let runs = jobs.iter().filter(|_| matched).map(|job| NewRun {
            id: id_of(at),
            job,
            version: "1.0.0",
            limit: 3,
            slot: self.slots.reserve(),
            flow: None,
            hooks: RunHooks::default(),
        });
        let runs = runs.collect();
        let verdicts = (!matched).then(|| {
            let job = jobs.first().copied().unwrap_or_default();
            format!(
                r#"[{{"job":"{job}","failed":[{{"path":"body.amount","wants":"$gt: 10","got":{}}}]}}]"#,
                n % 10
            )
        });
        self.last = Some(id);
        Made::Delivery(Box::new(NewDelivery {
            id,
            endpoint,
            request,
            provider_id: Some(format!("evt_{n:012}")),
            secret_index: Some(0),
            dedupe: Some(DedupeKey {
                key: format!("{:016x}{n}", self.random.u64(..)),
                expires_at: at.plus(WEEK),
            }),
            runs,
            events: if n.is_multiple_of(10) { vec![event(n, at, id)] } else { Vec::new() },
            note: None,
            verdicts,
            answer: None,
            replay_of: None,
        }))
    }

    fn body(&mut self, n: usize) -> Vec<u8> {
        let words = if n.is_multiple_of(1000) { 8000 } else { self.random.usize(20..120) };
        let mut text =
            format!(r#"{{"id":"evt_{n:012}","amount":{},"customer":"cus_{}","text":""#, n % 997, n % 5003);
        for _ in 0..words {
            text.push_str(
                ["alpha ", "bravo ", "charlie ", "delta "].get(self.random.usize(..4)).copied().unwrap_or(""),
            );
        }
        text.push_str("\"}");
        text.into_bytes()
    }
}

const WEEK: Duration = Duration::from_secs(7 * 86_400);

fn headers(n: usize) -> HeaderMap {
    let all = [
        ("host", "hooks.example.com".to_owned()),
        ("user-agent", "sender/1.0 (+https://example.com/webhooks)".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("x-signature", "0123456789abcdef".repeat(4)),
        ("x-delivery", format!("evt_{n:012}")),
    ];
    let pairs = all.into_iter().filter_map(|(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?))
    });
    pairs.collect()
}

/// An id of a time, so that ids sort as those of the program do.
fn id_of(at: Timestamp) -> Uuid {
    let micros = u64::try_from(at.0).unwrap_or_default();
    let nanos = u32::try_from(micros % 1_000_000 * 1000).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, micros / 1_000_000, nanos))
}

fn event(n: usize, at: Timestamp, delivery: Uuid) -> NewEvent {
    let name = ["order.created", "order.paid", "user.created"].get(n / 10 % 3).copied().unwrap_or_default();
    let event = Arc::new(EventRecord {
        id: id_of(at),
        name: name.into(),
        source: None,
        job: None,
        key: None,
        payload: format!(r#"{{"n":{n}}}"#).into(),
        context: None,
        properties: None,
        at,
        due_at: None,
        state: EventState::Sent,
        delivery: Some(delivery),
        sender: None,
        test: false,
    });
    NewEvent { event, runs: Vec::new(), cancels: Vec::new() }
}

/// Ends each run as it comes: with two steps and a line of its log, one in forty with an error.
async fn work(
    store: Arc<SqliteStore>,
    mut handed: UnboundedReceiver<(Ticket, Hold)>,
    clock: Clock,
) -> Result<()> {
    let mut n = 0_u64;
    while let Some((ticket, _hold)) = handed.recv().await {
        n += 1;
        let at = clock.now();
        store.log(vec![LogLine {
            run: ticket.fence.run,
            attempt: ticket.fence.attempt,
            at,
            level: 3,
            message: "a thing was looked at".to_owned(),
            data: Some(format!(r#"{{"n":{n}}}"#)),
        }]);
        let steps = vec![task("fetch", 0, at), task("store", 1, at)];
        let end = match n % 40 {
            0 => {
                let error = ERRORS.get(usize::try_from(n / 40 % 4)?).copied().unwrap_or_default();
                End::Failed { error: error.replace("{n}", &n.to_string()) }
            }
            _ => End::DONE,
        };
        // Its answer is waited for with those of the batch, by `flush`.
        drop(store.finish(ticket.fence, end, Progress { steps, events: Vec::new() }));
    }
    Ok(())
}

fn task(key: &str, seq: u32, at: Timestamp) -> Step {
    Step {
        key: key.to_owned(),
        kind: StepKind::Task,
        seq,
        state: StepState::Done,
        output: r#"{"found":true,"name":"a thing","amount":4200}"#.to_owned(),
        attempt: 1,
        failures: 0,
        started_at: at,
        finished_at: at.plus(Duration::from_millis(3)),
        event: None,
        about: None,
    }
}
