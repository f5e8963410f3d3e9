//! A server that is killed hundreds of times, at every stage, and loses nothing.

use crate::harness::{Answer, Call, Server, exchange, until};
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use triggerfish::prelude::*;
use triggerfish::store::sqlite::{SqliteConfig, SqliteStore};
use triggerfish::store::{RunQuery, RunState, StepState, Store};
use uuid::Uuid;

/// How many kills there must be, and the time after which there are no more.
const KILLS: usize = 200;
const LONGEST: Duration = Duration::from_secs(120);
/// Each has a store and a server of its own.
const LANES: u64 = 4;

fn verifier() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("KILL_SECRET"))
}

/// Where a server is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// While many send at once.
    UnderLoad,
    /// Right after an answer.
    AfterAnswer,
    /// After one step is recorded and before the next begins.
    BetweenSteps,
    /// While a step's function runs.
    InsideStep,
    /// After the last step, before the end of the run.
    AtTheEnd,
    /// While it starts, and takes up what the kill before has left.
    AtStart,
    /// While it stops, told to do so with work in hand.
    AtStop,
}

const STAGES: [Stage; 7] = [
    Stage::AfterAnswer,
    Stage::InsideStep,
    Stage::UnderLoad,
    Stage::BetweenSteps,
    Stage::AtStart,
    Stage::AtTheEnd,
    Stage::AtStop,
];

/// One server with its store, killed again and again.
struct Lane {
    name: u64,
    directory: tempfile::TempDir,
    random: fastrand::Rng,
    /// The body of every id: a repeat has the same one.
    bodies: HashMap<String, String>,
    /// What every id was answered, once it was.
    acked: HashMap<String, Uuid>,
    /// What was sent and not answered: its sender tries again, as providers do.
    unanswered: HashSet<String>,
    /// Steps that were found recorded after a kill, by their delivery and key,
    /// and how long the file of effects was then: nothing after that may be that step.
    recorded: HashMap<(Uuid, String), usize>,
    kills: BTreeMap<Stage, usize>,
}

/// What one lane has come to.
#[derive(Default)]
struct Report {
    kills: BTreeMap<Stage, usize>,
    deliveries: usize,
    acked: usize,
    runs: usize,
    steps: usize,
    executions: usize,
}

#[test]
fn a_server_that_is_killed_at_any_time_loses_nothing_and_repeats_no_finished_step() {
    let begun = Instant::now();
    let lanes: Vec<_> = (0..LANES).map(|name| std::thread::spawn(move || on_a_thread(name, begun))).collect();
    let mut all = Report::default();
    for lane in lanes {
        let Report { kills, deliveries, acked, runs, steps, executions } = lane.join().unwrap();
        for (stage, count) in kills {
            *all.kills.entry(stage).or_default() += count;
        }
        all.deliveries += deliveries;
        all.acked += acked;
        all.runs += runs;
        all.steps += steps;
        all.executions += executions;
    }
    let kills: usize = all.kills.values().sum();
    println!(
        "{kills} kills in {:.1?} {:?}: {} deliveries, {} acknowledged, {} runs, {} steps done in {} executions",
        begun.elapsed(),
        all.kills,
        all.deliveries,
        all.acked,
        all.runs,
        all.steps,
        all.executions,
    );
    assert!(kills >= KILLS, "only {kills} kills within {LONGEST:?}: the machine has too much else to do");
}

/// A lane waits for its server as it starts and as it dies: it has a thread of its own.
fn on_a_thread(name: u64, begun: Instant) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Lane::new(name).live(begun))
}

impl Lane {
    fn new(name: u64) -> Self {
        Lane {
            name,
            directory: tempfile::tempdir().unwrap(),
            random: fastrand::Rng::with_seed(name),
            bodies: HashMap::new(),
            acked: HashMap::new(),
            unanswered: HashSet::new(),
            recorded: HashMap::new(),
            kills: BTreeMap::new(),
        }
    }

    async fn live(mut self, begun: Instant) -> Report {
        let wanted = KILLS.div_ceil(usize::try_from(LANES).unwrap());
        for stage in STAGES.into_iter().cycle().take(wanted) {
            if begun.elapsed() > LONGEST {
                break;
            }
            self.until_killed(stage).await;
            *self.kills.entry(stage).or_default() += 1;
            self.look();
        }
        self.end().await
    }

    async fn until_killed(&mut self, stage: Stage) {
        let server = Server::spawn(self.directory.path());
        if stage == Stage::AtStart {
            tokio::time::sleep(Duration::from_micros(self.random.u64(..60_000))).await;
            return server.kill();
        }
        let address = server.address().expect("a server that was killed starts again");
        self.repeat_some(address).await;
        match stage {
            Stage::AtStart => unreachable!("dealt with above"),
            Stage::AfterAnswer => {
                let id = self.new_id(None);
                self.post(address, &id).await;
                server.kill();
            }
            Stage::UnderLoad | Stage::AtStop => {
                let ids: Vec<_> = (0..32).map(|_| self.new_id(None)).collect();
                let posts: Vec<_> =
                    ids.iter().map(|id| tokio::spawn(send(address, self.bodies[id].clone()))).collect();
                tokio::time::sleep(Duration::from_micros(self.random.u64(..50_000))).await;
                if stage == Stage::AtStop {
                    server.tell_to_stop();
                    tokio::time::sleep(Duration::from_micros(self.random.u64(..20_000))).await;
                }
                server.kill();
                for (id, post) in ids.iter().zip(posts) {
                    let answer = post.await.unwrap();
                    self.answered(id, answer);
                }
            }
            Stage::BetweenSteps => {
                let place = *self.random.choice(&["before one", "before two", "before three"]).unwrap();
                self.kill_where_it_hangs(server, address, place).await;
            }
            Stage::InsideStep => {
                let place = *self.random.choice(&["inside one", "inside two", "inside three"]).unwrap();
                self.kill_where_it_hangs(server, address, place).await;
            }
            Stage::AtTheEnd => self.kill_where_it_hangs(server, address, "at the end").await,
        }
    }

    async fn kill_where_it_hangs(&mut self, server: Server, address: SocketAddr, place: &'static str) {
        let before = self.length();
        let id = self.new_id(Some(place));
        self.post(address, &id).await;
        let line = format!("hangs {id} -");
        until(&line, async || self.effects(before).lines().any(|seen| seen == line).then_some(())).await;
        server.kill();
    }

    /// Sends again what had no answer, and some of what had one.
    async fn repeat_some(&mut self, address: SocketAddr) {
        let mut ids: Vec<_> = self.unanswered.iter().cloned().collect();
        ids.truncate(16);
        let answered: Vec<_> = self.acked.keys().cloned().collect();
        ids.extend(self.random.choice(&answered).cloned());
        for id in ids {
            self.post(address, &id).await;
        }
    }

    /// A new delivery, whose first execution stops at a place.
    fn new_id(&mut self, hang: Option<&str>) -> String {
        let id = format!("{}-{}", self.name, self.bodies.len());
        self.bodies.insert(id.clone(), serde_json::json!({ "id": id, "hang": hang }).to_string());
        id
    }

    async fn post(&mut self, address: SocketAddr, id: &str) {
        let answer = send(address, self.bodies[id].clone()).await;
        assert!(answer.is_some(), "a server that lives answers");
        self.answered(id, answer);
    }

    fn answered(&mut self, id: &str, answer: Option<Answer>) {
        match answer {
            None => {
                self.unanswered.insert(id.to_owned());
            }
            Some(answer) => {
                assert_eq!(answer.status, 200, "{}", answer.text());
                self.unanswered.remove(id);
                let delivery = answer.delivery();
                let first = *self.acked.entry(id.to_owned()).or_insert(delivery);
                assert_eq!(first, delivery, "{id} is one delivery for ever");
            }
        }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("effects")
    }

    /// How long the file of effects is.
    fn length(&self) -> usize {
        std::fs::metadata(self.file()).map_or(0, |metadata| usize::try_from(metadata.len()).unwrap())
    }

    /// What was done since the file was so long.
    fn effects(&self, since: usize) -> String {
        let Ok(mut file) = File::open(self.file()) else { return String::new() };
        file.seek(SeekFrom::Start(since as u64)).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        text
    }

    fn database(&self) -> PathBuf {
        self.directory.path().join("app.db")
    }

    /// Looks at what the killed server left, before another changes it.
    fn look(&mut self) {
        let done = self.length();
        let Some(left) = Left::read(&self.database()) else {
            assert!(self.acked.is_empty(), "the file is gone");
            return;
        };
        for (id, delivery) in &self.acked {
            assert!(left.deliveries.contains(delivery), "{id} was acknowledged and is lost");
        }
        for step in left.steps {
            self.recorded.entry(step).or_insert(done);
        }
    }

    /// Lets everything end, and checks all of it.
    async fn end(mut self) -> Report {
        let server = Server::spawn(self.directory.path());
        let address = server.address().unwrap();
        while !self.unanswered.is_empty() {
            self.repeat_some(address).await;
        }
        until("the end of all runs", async || (Left::read(&self.database())?.unfinished == 0).then_some(()))
            .await;
        assert!(server.terminate().success(), "told to stop, it stops well");
        self.look();

        let path = Some(self.database());
        let store = SqliteStore::open(SqliteConfig { path, ..SqliteConfig::default() }).unwrap();
        let deliveries = store.deliveries(usize::MAX >> 1).await.unwrap();
        let mut ids: Vec<_> = deliveries.iter().map(|delivery| id_of(delivery.request.body())).collect();
        assert!(deliveries.iter().all(|delivery| self.acked[&id_of(delivery.request.body())] == delivery.id));
        assert_eq!(ids.len(), self.acked.len(), "each was acknowledged in the end");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), deliveries.len(), "one key, one delivery");

        let runs = store.runs(RunQuery { limit: usize::MAX >> 1, ..RunQuery::default() }).await.unwrap();
        assert_eq!(runs.len(), deliveries.len(), "one run each");
        let of: HashSet<_> = runs.iter().map(|run| run.origin).collect();
        assert_eq!(of.len(), runs.len());
        let mut steps = 0;
        for run in &runs {
            assert_eq!(run.state, RunState::Done, "{run:?}");
            let recorded = store.steps(run.id).await.unwrap();
            let keys: Vec<_> = recorded.iter().map(|step| step.key.as_str()).collect();
            assert_eq!(keys, ["one", "two", "three"]);
            assert!(recorded.iter().all(|step| step.state == StepState::Done));
            steps += recorded.len();
        }
        store.close().await.unwrap();
        let executions = self.check_effects();
        let acked = self.acked.len();
        Report { kills: self.kills, deliveries: deliveries.len(), acked, runs: runs.len(), steps, executions }
    }

    /// No step ran after it was recorded; every step ran.
    fn check_effects(&self) -> usize {
        let effects = self.effects(0);
        let (mut executions, mut place) = (0, 0);
        let mut finished: HashSet<(&str, &str)> = HashSet::new();
        let mut ran: HashSet<(Uuid, String)> = HashSet::new();
        for line in effects.split_inclusive('\n') {
            let words: Vec<_> = line.trim_end().split(' ').collect();
            let [what, id, step] = words[..] else { panic!("a torn line: {line:?}") };
            match what {
                "ran" => {
                    assert!(!finished.contains(&(id, step)), "step {step} of {id} ran after its job went on");
                    let key = (self.acked[id], step.to_owned());
                    if let Some(done) = self.recorded.get(&key) {
                        assert!(
                            place < *done,
                            "step {step} of {id} ran after a kill before which it was recorded"
                        );
                    }
                    ran.insert(key);
                    executions += 1;
                }
                "recorded" => {
                    finished.insert((id, step));
                }
                _ => {}
            }
            place += line.len();
        }
        let missing: Vec<_> = self.recorded.keys().filter(|key| !ran.contains(key)).collect();
        assert!(missing.is_empty(), "recorded, and never ran: {missing:?}");
        executions
    }
}

/// What a server left in its file.
struct Left {
    deliveries: HashSet<Uuid>,
    /// Steps that are recorded as done, by their delivery and key.
    steps: Vec<(Uuid, String)>,
    unfinished: u32,
}

impl Left {
    /// Reads it as it is: a connection that cannot write leaves the log of the
    /// killed server where it is, for the next server to recover.
    fn read(path: &Path) -> Option<Left> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        connection.busy_timeout(Duration::from_secs(30)).ok()?;
        // A server that was killed at its first start has made no tables yet.
        let mut all = connection.prepare("SELECT id FROM delivery").ok()?;
        let deliveries = all.query_map([], |row| row.get(0).map(Uuid::from_bytes)).unwrap();
        let deliveries = deliveries.collect::<Result<_, _>>().unwrap();
        let mut all = connection
            .prepare(
                "SELECT run.delivery, step.key FROM step JOIN run ON run.id = step.run WHERE step.state = 'done'",
            )
            .unwrap();
        let steps = all.query_map([], |row| Ok((Uuid::from_bytes(row.get(0)?), row.get(1)?))).unwrap();
        let steps = steps.collect::<Result<_, _>>().unwrap();
        let unfinished = connection
            .query_row("SELECT count(*) FROM run WHERE state IN ('queued', 'running', 'parked')", [], |row| {
                row.get(0)
            })
            .unwrap();
        Some(Left { deliveries, steps, unfinished })
    }
}

fn id_of(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    body["id"].as_str().unwrap().to_owned()
}

/// The answer, or none where the server was gone before it.
async fn send(address: SocketAddr, body: String) -> Option<Answer> {
    exchange(address, &Call::post("/hooks/kill", body).sign(verifier()).bytes()).await.ok()
}
