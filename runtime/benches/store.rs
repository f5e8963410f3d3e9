//! How many deliveries a second the stores acknowledge, beside a bare SQLite
//! loop that does nothing else, in turn in each round.
//!
//! `cargo bench -p triggerfish --bench store -- [rounds] [seconds] [subjects] [loads]`,
//! for example `9 1 bare,sqlite 650x64,7000x64`.
//!
//! Absolute figures mean nothing without the `fdatasync/s` of their round.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program for one person at a terminal"
)]

use bytes::Bytes;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::oneshot;
use triggerfish::request::{Request, RequestParts};
use triggerfish::store::memory::MemoryStore;
use triggerfish::store::sqlite::{Durability, SqliteConfig, SqliteStore};
use triggerfish::store::{DedupeKey, End, NewDelivery, NewRun, Progress, RunHooks, Slots, Store};
use triggerfish::time::Timestamp;
use uuid::Uuid;

const SUBJECTS: [&str; 6] = ["bare", "sqlite", "sqlite+finish", "sqlite normal", "memory", "memory+finish"];

fn main() {
    // Cargo passes `--bench` to every bench.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let number = |n: usize| args.get(n).and_then(|text| text.parse::<f64>().ok());
    let rounds = number(0).unwrap_or(5.0) as usize;
    let length = Duration::from_secs_f64(number(1).unwrap_or(1.0));
    let wanted = |name: &str| args.get(2).is_none_or(|filter| filter.split(',').any(|one| one == name));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    for (size, callers) in [(650, 1), (650, 64), (650, 256), (7000, 1), (7000, 64), (7000, 256)] {
        let load = format!("{size}x{callers}");
        if args.get(3).is_some_and(|loads| !loads.split(',').any(|one| one == load)) {
            continue;
        }
        let mut all = vec![Vec::new(); SUBJECTS.len()];
        let mut syncs = Vec::new();
        for _ in 0..rounds {
            syncs.push(probe(folder().path()));
            for (n, name) in SUBJECTS.iter().enumerate().filter(|(_, name)| wanted(name)) {
                let folder = folder();
                all[n].push(runtime.block_on(measure(name, folder.path(), size, callers, length)));
            }
        }
        println!("{size} B, {callers} callers, {:.0} fdatasync/s", median(syncs));
        for (n, name) in SUBJECTS.iter().enumerate().filter(|(n, _)| !all[*n].is_empty()) {
            println!(
                "  {name:<14} {:>8.0}/s  {:>5.2} of bare  p99 {:>7.0} us  writer {:>6.1} us each",
                median(all[n].iter().map(|one| one.rate)),
                median(all[n].iter().zip(&all[0]).map(|(own, bare)| own.rate / bare.rate)),
                median(all[n].iter().map(|one| one.p99)),
                median(all[n].iter().map(|one| one.cost)),
            );
        }
    }
}

/// What one measurement gives.
#[derive(Clone, Copy)]
struct Figures {
    /// Acknowledgements a second.
    rate: f64,
    /// The 99th percentile of their time, in microseconds.
    p99: f64,
    /// The writer thread's processor time for each, in microseconds: the figure
    /// that a busy machine disturbs least.
    cost: f64,
}

/// The processor time of the thread that writes; Linux alone tells.
fn writer_time() -> Option<Duration> {
    std::fs::read_dir("/proc/self/task").ok()?.flatten().find_map(|task| {
        let name = std::fs::read_to_string(task.path().join("comm")).ok()?;
        let time = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        let nanos = time.split(' ').next()?.parse().ok()?;
        name.starts_with("triggerfish-wri").then(|| Duration::from_nanos(nanos))
    })
}

/// A folder on the disk that is measured: `BENCH_DIR`, or the working directory.
fn folder() -> tempfile::TempDir {
    let place = std::env::var_os("BENCH_DIR").unwrap_or_else(|| ".".into());
    tempfile::Builder::new().prefix("bench").tempdir_in(place).unwrap()
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Overwrites 4 KiB in place and syncs it, as often as it can in a moment.
fn probe(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("probe")).unwrap();
    let page = [7; 4096];
    file.write_all(&page).unwrap();
    file.sync_all().unwrap();
    let start = Instant::now();
    let mut count = 0.0;
    while start.elapsed() < Duration::from_millis(200) {
        file.rewind().unwrap();
        file.write_all(&page).unwrap();
        file.sync_data().unwrap();
        count += 1.0;
    }
    count / start.elapsed().as_secs_f64()
}

/// Acknowledgements a second, and the 99th percentile of their time in microseconds.
async fn measure(name: &str, folder: &Path, size: usize, callers: usize, length: Duration) -> Figures {
    let body = Bytes::from(vec![b'x'; size]);
    let config = SqliteConfig { path: Some(folder.join("store.db")), ..SqliteConfig::default() };
    match name {
        "bare" => {
            let bare = Arc::new(bare(&folder.join("bare.db")));
            drive(callers, length, move || {
                let (bare, body) = (Arc::clone(&bare), body.clone());
                async move {
                    let (answer, receiver) = oneshot::channel();
                    bare.send((random_key(), body, answer)).unwrap();
                    receiver.await.unwrap();
                }
            })
            .await
        }
        "sqlite" => store(SqliteStore::open(config).unwrap(), body, callers, length, false).await,
        "sqlite+finish" => store(SqliteStore::open(config).unwrap(), body, callers, length, true).await,
        "sqlite normal" => {
            let config = SqliteConfig { durability: Durability::Normal, ..config };
            store(SqliteStore::open(config).unwrap(), body, callers, length, false).await
        }
        "memory" => store(MemoryStore::default(), body, callers, length, false).await,
        _ => store(MemoryStore::default(), body, callers, length, true).await,
    }
}

/// Each delivery has a key, and one run that is handed over; with `finish` the run also ends.
async fn store(store: impl Store, body: Bytes, callers: usize, length: Duration, finish: bool) -> Figures {
    let store = Arc::new(store);
    let (slots, mut handed) = Slots::new(1 << 20);
    let worker = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            while let Some((ticket, _hold)) = handed.recv().await {
                if finish {
                    drop(store.finish(ticket.fence, End::DONE, Progress::default()));
                }
            }
        }
    });
    let result = drive(callers, length, {
        let store = Arc::clone(&store);
        move || {
            let new = delivery(&body, &slots);
            let store = Arc::clone(&store);
            async move {
                store.accept(new).await.unwrap();
            }
        }
    })
    .await;
    worker.await.unwrap();
    store.close().await.unwrap();
    result
}

fn delivery(body: &Bytes, slots: &Slots) -> NewDelivery {
    let now = SystemTime::now();
    let headers = [
        ("host", "hooks.example.com"),
        ("user-agent", "sender/1.0"),
        ("content-type", "application/json"),
        ("content-length", "650"),
        ("x-signature-256", "sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
        ("x-delivery", "6d1f0c52-9f39-4f5a-a2a1-6f2f4f9f5c1e"),
    ];
    let headers = headers
        .into_iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
        .collect();
    NewDelivery {
        id: Uuid::now_v7(),
        endpoint: "cal.com",
        request: Request::new(RequestParts {
            uri: http::Uri::from_static("/hooks/cal.com"),
            headers,
            body: body.clone(),
            received_at: now,
            ..RequestParts::default()
        }),
        provider_id: None,
        secret_index: Some(0),
        dedupe: Some(DedupeKey {
            key: random_key(),
            expires_at: Timestamp::from(now).plus(Duration::from_secs(7 * 86_400)),
        }),
        runs: vec![NewRun {
            id: Uuid::now_v7(),
            job: "http-caldotcom",
            version: "1.0.0",
            limit: 3,
            slot: slots.reserve(),
            flow: None,
            hooks: RunHooks::default(),
        }],
        events: Vec::new(),
        note: None,
        verdicts: None,
        answer: None,
        replay_of: None,
    }
}

/// Keys come in no order, as those of providers do.
fn random_key() -> String {
    Uuid::from_u128(fastrand::u128(..)).to_string()
}

async fn drive<F, Fut>(callers: usize, length: Duration, call: F) -> Figures
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    let call = Arc::new(call);
    let count = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (call, count) = (Arc::clone(&call), Arc::clone(&count));
            tokio::spawn(async move {
                let mut times = Vec::new();
                while start.elapsed() < length {
                    let begun = Instant::now();
                    call().await;
                    times.push(begun.elapsed().as_secs_f64() * 1e6);
                    count.fetch_add(1, Ordering::Relaxed);
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let done = count.load(Ordering::Relaxed) as f64;
    let rate = done / start.elapsed().as_secs_f64();
    let cost = writer_time().map_or(f64::NAN, |time| time.as_secs_f64() * 1e6 / done);
    times.sort_by(f64::total_cmp);
    Figures { rate, p99: times[times.len() * 99 / 100], cost }
}

type Waiting = (String, Bytes, oneshot::Sender<()>);

/// One table, one thread, group commit: what SQLite itself can do here.
fn bare(path: &Path) -> std::sync::mpsc::Sender<Waiting> {
    let (sender, messages) = std::sync::mpsc::channel::<Waiting>();
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
             PRAGMA cache_size = -65536;
             CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, state INTEGER, body BLOB);",
        )
        .unwrap();
    let thread = std::thread::Builder::new().name("triggerfish-writer".to_owned());
    let serve = move || {
        let mut batch = Vec::new();
        while let Ok(first) = messages.recv() {
            batch.push(first);
            while batch.len() < 1024 {
                let Ok(message) = messages.try_recv() else { break };
                batch.push(message);
            }
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            let mut insert = connection
                .prepare_cached("INSERT OR IGNORE INTO event (id, state, body) VALUES (?1, 0, ?2)")
                .unwrap();
            for (id, body, _) in &batch {
                insert.execute((id, body.as_ref())).unwrap();
            }
            drop(insert);
            connection.execute_batch("COMMIT").unwrap();
            for (_, _, answer) in batch.drain(..) {
                let _ = answer.send(());
            }
        }
    };
    thread.spawn(serve).unwrap();
    sender
}
