//! Thousands of deliveries, many of them repeats, to a server that is killed
//! again and again: nothing is lost, nothing that is finished is done again,
//! every event is sent once and has its runs once, and nothing is stuck.
//!
//! Some seconds long here; `TRIGGERFISH_SOAK=600` makes it ten minutes.

use crate::harness::{Answer, Call, Server, exchange, until};
use rusqlite::{Connection, OpenFlags};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use triggerfish::prelude::*;
use triggerfish::store::sqlite::{SqliteConfig, SqliteStore};
use triggerfish::store::{
    EventRecord, EventSearch, OriginId, Run, RunQuery, RunSearch, RunState, Step, Store,
};
use uuid::Uuid;

const SECONDS: u64 = 20;
const SENDERS: usize = 32;
const CUSTOMERS: u32 = 12;
/// Of a hundred requests, so many repeat one that was sent before.
const REPEATS: u32 = 30;

fn verifier() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("KILL_SECRET"))
}

struct Order {
    body: String,
    amount: u32,
}

#[derive(Default)]
struct Soak {
    orders: HashMap<String, Order>,
    acked: HashMap<String, Uuid>,
    /// Sent, and not answered: the sender tries again, as providers do.
    unanswered: HashSet<String>,
    random: fastrand::Rng,
    kills: usize,
    requests: usize,
    repeats: usize,
    events: usize,
}

/// What is stored in the end.
struct Kept {
    store: SqliteStore,
    runs: HashMap<OriginId, Vec<Run>>,
    /// By the run that sent them.
    events: HashMap<Uuid, Vec<Arc<EventRecord>>>,
}

#[tokio::test]
async fn a_server_under_load_that_is_killed_again_and_again_loses_nothing_and_ends_everything() {
    let seconds =
        std::env::var("TRIGGERFISH_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let directory = tempfile::tempdir().unwrap();
    let mut soak = Soak { random: fastrand::Rng::with_seed(7), ..Soak::default() };
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(seconds) {
        let server = Server::spawn(directory.path());
        let address = server.address().expect("a server that was killed starts again");
        let loads: Vec<_> = (0..SENDERS).map(|sender| soak.load(sender)).collect();
        let senders: Vec<_> = loads.into_iter().map(|load| tokio::spawn(send_all(address, load))).collect();
        tokio::time::sleep(Duration::from_millis(soak.random.u64(50..900))).await;
        server.kill();
        soak.kills += 1;
        for sender in senders {
            soak.take(sender.await.unwrap());
        }
        soak.look(directory.path());
    }
    soak.end(directory.path()).await;
    println!(
        "{} kills in {:.1?}: {} requests, {} of them repeats, {} deliveries, {} events of steps and calls",
        soak.kills,
        begun.elapsed(),
        soak.requests,
        soak.repeats,
        soak.acked.len(),
        soak.events
    );
    assert!(soak.kills >= 5, "only {} kills: the machine has too much else to do", soak.kills);
}

impl Soak {
    /// What one sender sends, one after the other, until the server is gone.
    fn load(&mut self, sender: usize) -> Vec<(String, String)> {
        let known: Vec<_> = self.orders.keys().cloned().collect();
        let mut load: Vec<_> = self.unanswered.iter().skip(sender).step_by(SENDERS).cloned().collect();
        while load.len() < 200 {
            let repeat = self.random.u32(..100) < REPEATS;
            let earlier = self.random.choice(&load).or(self.random.choice(&known)).cloned();
            if let Some(id) = earlier.filter(|_| repeat) {
                load.push(id);
                continue;
            }
            let (id, amount) = (self.orders.len().to_string(), self.random.u32(1..100));
            let customer = self.random.u32(..CUSTOMERS);
            let body = serde_json::json!({ "id": id, "customer": customer, "amount": amount }).to_string();
            self.orders.insert(id.clone(), Order { body, amount });
            load.push(id);
        }
        load.into_iter().map(|id| (id.clone(), self.orders[&id].body.clone())).collect()
    }

    fn take(&mut self, answers: Vec<(String, Option<Answer>)>) {
        for (id, answer) in answers {
            self.requests += 1;
            let Some(answer) = answer else {
                if !self.acked.contains_key(&id) {
                    self.unanswered.insert(id);
                }
                continue;
            };
            assert_eq!(answer.status, 200, "{}", answer.text());
            self.unanswered.remove(&id);
            self.repeats += usize::from(self.acked.contains_key(&id));
            let delivery = answer.delivery();
            let first = *self.acked.entry(id.clone()).or_insert(delivery);
            assert_eq!(first, delivery, "order {id} is one delivery for ever");
        }
    }

    /// What was acknowledged is there, as the killed server left it.
    fn look(&self, directory: &Path) {
        let Some(connection) = read_only(directory) else {
            assert!(self.acked.is_empty(), "the file is gone");
            return;
        };
        // A server that was killed at its first start has made no tables yet.
        let Ok(mut all) = connection.prepare("SELECT id FROM delivery") else { return };
        let stored = all.query_map([], |row| row.get(0).map(Uuid::from_bytes)).unwrap();
        let stored: HashSet<Uuid> = stored.collect::<Result<_, _>>().unwrap();
        let lost: Vec<_> = self.acked.iter().filter(|(_, delivery)| !stored.contains(delivery)).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    }

    /// Lets everything end, and checks all of it.
    async fn end(&mut self, directory: &Path) {
        let server = Server::spawn(directory);
        let address = server.address().unwrap();
        while !self.unanswered.is_empty() {
            let again: Vec<_> =
                self.unanswered.drain().map(|id| (id.clone(), self.orders[&id].body.clone())).collect();
            self.take(send_all(address, again).await);
        }
        let begun = Instant::now();
        let mut left = u32::MAX;
        // As long as less and less is left, it is not stuck.
        while left > 0 {
            let before = left;
            left = until("fewer unfinished runs", async || {
                let now = unfinished(directory)?;
                (now < before).then_some(now)
            })
            .await;
        }
        println!("all runs ended {:.1?} after the last kill", begun.elapsed());
        assert!(server.terminate().success(), "told to stop, it stops well");

        let path = Some(directory.join("app.db"));
        let store = SqliteStore::open(SqliteConfig { path, ..SqliteConfig::default() }).unwrap();
        let deliveries = store.deliveries(usize::MAX >> 1).await.unwrap();
        assert_eq!(deliveries.len(), self.acked.len(), "one delivery for each order that was acknowledged");
        let all = RunQuery { limit: usize::MAX >> 1, ..RunQuery::default() };
        let mut runs: HashMap<OriginId, Vec<Run>> = HashMap::new();
        for run in store.runs(all).await.unwrap() {
            runs.entry(run.origin).or_default().push(run);
        }
        let mut events: HashMap<Uuid, Vec<Arc<EventRecord>>> = HashMap::new();
        let mut search = EventSearch { limit: 1000, ..EventSearch::default() };
        loop {
            let page = store.browse_events(search.clone()).await.unwrap();
            for event in page.rows {
                self.events += 1;
                events.entry(event.sender.expect("runs alone send events here")).or_default().push(event);
            }
            let Some(last) = page.next else { break };
            search.before = Some(last);
        }
        check_jobs(&store, runs.values().flatten()).await;
        let kept = Kept { store, runs, events };
        let mut wanted = 0;
        for (id, delivery) in &self.acked {
            wanted += self.check_order(id, *delivery, &kept).await;
        }
        assert_eq!(self.events, wanted, "no event that no step sent");
        let effects = std::fs::read_to_string(directory.join("effects")).unwrap();
        check_effects(&effects, &self.orders);
        // The oldest first, as they were stored.
        let stored: Vec<_> =
            deliveries.iter().rev().map(|delivery| order_of(delivery.request.body())).collect();
        check_order_of_customers(&effects, &stored);
        kept.store.close().await.unwrap();
    }

    /// Returns how many events came of the order.
    async fn check_order(&self, id: &str, delivery: Uuid, kept: &Kept) -> usize {
        let (amount, runs) = (self.orders[id].amount, kept.runs(OriginId::Delivery(delivery)));
        let ended = |run: &Run| match run.state {
            // A hook ends at the third death of the process in a row, and the kills do not ask.
            RunState::Crashed if run.job.ends_with(":on_failure") && run.crashes == 3 => RunState::Done,
            state => state,
        };
        let mut jobs: Vec<_> = runs.iter().map(|run| (run.job.as_str(), ended(run))).collect();
        jobs.sort_by_key(|(job, _)| *job);
        let mut wanted = vec![("soak-fifo", RunState::Done), ("soak-steps", RunState::Done)];
        if amount < 10 {
            wanted.push(("soak-refused", RunState::Failed));
            wanted.push(("soak-refused:on_failure", RunState::Done));
        }
        wanted.sort_by_key(|(job, _)| *job);
        assert_eq!(jobs, wanted, "order {id}");
        let run = runs.iter().find(|run| run.job == "soak-steps").unwrap();
        let steps = kept.store.steps(run.id).await.unwrap();
        let mut keys: Vec<_> = steps.iter().map(|step| step.key.as_str()).collect();
        keys.retain(|key| !matches!(*key, "pause" | "cool-off"));
        keys.sort_unstable();
        let mut wanted = vec!["charge", "label", "pack", "ship"];
        wanted.extend((amount % 4 == 1).then_some("booked"));
        wanted.extend((amount % 3 == 0).then_some("weigh"));
        wanted.sort_unstable();
        assert_eq!(keys, wanted, "order {id}: each step once");
        kept.check_events(id, run.id, amount, &steps)
    }
}

impl Kept {
    fn runs(&self, origin: OriginId) -> &[Run] {
        self.runs.get(&origin).map(Vec::as_slice).unwrap_or_default()
    }

    /// The one event of this name that a run sent.
    fn sent(&self, id: &str, sender: Uuid, name: &str) -> &EventRecord {
        let of = self.events.get(&sender).into_iter().flatten().filter(|event| event.name == name);
        let of: Vec<_> = of.collect();
        assert_eq!(of.len(), 1, "order {id}: `{name}` is sent once");
        of[0]
    }

    /// The one run of an event, which is done.
    fn run_of(&self, id: &str, event: &EventRecord, job: &str) -> Uuid {
        let runs = self.runs(OriginId::Event(event.id));
        let seen: Vec<_> = runs.iter().map(|run| (run.job.as_str(), run.state)).collect();
        assert_eq!(seen, [(job, RunState::Done)], "order {id}: the runs of `{}`", event.name);
        runs[0].id
    }

    fn check_events(&self, id: &str, run: Uuid, amount: u32, steps: &[Step]) -> usize {
        let book = self.run_of(id, self.sent(id, run, "soak.charged"), "soak-book");
        let booked = self.sent(id, book, "soak.booked");
        assert!(self.runs(OriginId::Event(booked.id)).is_empty(), "nothing is triggered by it");
        let of_step = |key: &str| steps.iter().find(|step| step.key == key).and_then(|step| step.event);
        if amount % 4 == 1 {
            assert_eq!(of_step("booked"), Some(booked.id), "order {id}: what ended its wait");
        }
        if !amount.is_multiple_of(3) {
            return 2;
        }
        let call = self.sent(id, run, "triggerfish.invoke");
        assert_eq!(of_step("weigh"), Some(call.id), "order {id}: what it called");
        self.run_of(id, call, "soak-weigh");
        3
    }
}

/// Every step left its mark, and none after its job had gone on from it.
fn check_effects(effects: &str, orders: &HashMap<String, Order>) {
    let (mut ran, mut finished) = (HashSet::new(), HashSet::new());
    let mut told: HashMap<&str, usize> = HashMap::new();
    for line in effects.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let [what, id, detail] = words[..] else { panic!("a torn line: {line:?}") };
        match what {
            "ran" => {
                assert!(
                    !finished.contains(&(id, detail)),
                    "step {detail} of order {id} ran after it was recorded"
                );
                ran.insert((id, detail));
            }
            "recorded" => {
                finished.insert((id, detail));
            }
            "told" => *told.entry(id).or_default() += 1,
            _ => {}
        }
    }
    for (id, detail) in &finished {
        assert!(ran.contains(&(*id, *detail)), "step {detail} of order {id} is recorded and never ran");
    }
    let small = orders.iter().filter(|(_, order)| order.amount < 10).count();
    assert!(
        told.len() <= small && (small == 0 || !told.is_empty()),
        "the hooks told of {} of {small}",
        told.len()
    );
}

/// For each customer, orders were entered as they were stored. A step that was
/// interrupted is entered again, before the next begins.
fn check_order_of_customers(effects: &str, stored: &[(String, u32)]) {
    let mut entered: HashMap<u32, Vec<&str>> = HashMap::new();
    for line in effects.lines() {
        if let [_, id, customer] = line.split(' ').collect::<Vec<_>>()[..]
            && line.starts_with("ledger ")
        {
            let of = entered.entry(customer.parse().unwrap()).or_default();
            if of.last() != Some(&id) {
                of.push(id);
            }
        }
    }
    for customer in 0..CUSTOMERS {
        let of = stored.iter().filter(|(_, owner)| *owner == customer);
        let wanted: Vec<_> = of.map(|(id, _)| id.as_str()).collect();
        assert_eq!(
            entered.remove(&customer).unwrap_or_default(),
            wanted,
            "the orders of customer {customer}"
        );
    }
}

fn order_of(body: &[u8]) -> (String, u32) {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    let customer = body["customer"].as_u64().unwrap();
    (body["id"].as_str().unwrap().to_owned(), customer.try_into().unwrap())
}

/// Each run is found by its job.
async fn check_jobs(store: &SqliteStore, runs: impl Iterator<Item = &Run>) {
    let mut by_job: HashMap<&str, HashSet<Uuid>> = HashMap::new();
    for run in runs {
        by_job.entry(&run.job).or_default().insert(run.id);
    }
    for (job, runs) in by_job {
        let mut search = RunSearch { job: Some(job.to_owned()), limit: 1000, ..RunSearch::default() };
        let mut found = HashSet::new();
        loop {
            let page = store.browse_runs(search.clone()).await.unwrap();
            found.extend(page.rows.iter().map(|run| run.id));
            let Some(last) = page.next else { break };
            search.before = Some(last);
        }
        assert_eq!(found, runs, "the runs of {job}");
    }
}

fn read_only(directory: &Path) -> Option<Connection> {
    let path = directory.join("app.db");
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    connection.busy_timeout(Duration::from_secs(30)).ok()?;
    Some(connection)
}

fn unfinished(directory: &Path) -> Option<u32> {
    let connection = read_only(directory)?;
    connection.query_row("SELECT count(*) FROM run WHERE finished_at IS NULL", [], |row| row.get(0)).ok()
}

/// Sends one after the other; ends where the server is gone.
async fn send_all(address: SocketAddr, load: Vec<(String, String)>) -> Vec<(String, Option<Answer>)> {
    let mut answers = Vec::with_capacity(load.len());
    for (id, body) in load {
        let answer = exchange(address, &Call::post("/hooks/soak", body).sign(verifier()).bytes()).await.ok();
        let is_gone = answer.is_none();
        answers.push((id, answer));
        if is_gone {
            break;
        }
    }
    answers
}
