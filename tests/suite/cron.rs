//! Jobs that run by the clock: each tick once, missed ones by policy, over restarts and deploys.

use crate::harness::{App, Board, Setup, memory, sqlite, until};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use triggerfish::prelude::*;
use triggerfish::runtime::Builder;
use triggerfish::schedule::Timing;
use triggerfish::store::memory::{MemoryConfig, MemoryStore};
use triggerfish::store::{EventSearch, Store};
use triggerfish::time::{Clock, Timestamp};

/// 21 November 2025, midnight in UTC: a Friday.
const MIDNIGHT: Timestamp = Timestamp(1_763_683_200_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn shown(time: SystemTime) -> String {
    Timestamp::from(time).to_string().trim_end_matches(".000000Z").to_owned()
}

fn told(board: &Board, tick: &Tick) {
    let last = tick.last.map(shown);
    let zone = tick.timezone.as_deref().unwrap_or("-");
    board.note(format_args!("{} {zone} after {}", shown(tick.scheduled_at), last.as_deref().unwrap_or("-")));
}

#[job(id = "cron/nightly", version = "1.0.0", trigger = cron("0 3 * * *", tz = "Europe/London"))]
async fn nightly(tick: Tick, ctx: Context, State(board): State<Board>) {
    assert_eq!(ctx.event_name.as_deref(), Some("triggerfish.tick"));
    told(&board, &tick);
}

#[job(id = "cron/every", version = "1.0.0", trigger = every("15m"))]
async fn quarterly(tick: Tick, State(board): State<Board>) {
    told(&board, &tick);
}

#[job(id = "cron/skip", version = "1.0.0", trigger = cron("0 * * * *", missed = "skip"))]
async fn skip(tick: Tick, State(board): State<Board>) {
    told(&board, &tick);
}

#[job(id = "cron/one", version = "1.0.0", trigger = cron("0 * * * *"))]
async fn one(tick: Tick, State(board): State<Board>) {
    told(&board, &tick);
}

#[job(id = "cron/all", version = "1.0.0", trigger = cron("0 * * * *", missed = "all"))]
async fn all(tick: Tick, State(board): State<Board>) {
    told(&board, &tick);
}

/// A job of another version of the program: the same id, another time.
mod deployed {
    use super::*;

    #[job(id = "cron/deployed", version = "1.0.0", trigger = cron("0 3 * * *"))]
    async fn deployed(tick: Tick, State(board): State<Board>) {
        told(&board, &tick);
    }
}

fn by(clock: &Clock) -> impl FnOnce(Builder) -> Builder + 'static {
    let clock = clock.clone();
    move |builder| builder.clock(clock)
}

async fn noted(app: &App, count: usize) -> Vec<String> {
    until(&format!("{count} notes"), async || {
        let notes = app.board.notes();
        (notes.len() >= count).then_some(notes)
    })
    .await;
    app.all_ended().await;
    app.board.notes()
}

/// Waits until the next tick is known, so that moving the clock cannot overtake it.
async fn next(app: &App) -> Timestamp {
    app.store().flush().await.unwrap();
    app.store().next_timer().await.unwrap().unwrap()
}

#[tokio::test]
async fn a_cron_job_runs_at_its_time_of_day_in_its_zone() {
    let clock = Clock::manual(MIDNIGHT);
    let app = memory(&["cron/nightly"]).builder(by(&clock)).start().await;
    assert_eq!(next(&app).await, MIDNIGHT.plus(3 * HOUR));
    clock.advance(2 * HOUR);
    clock.advance(HOUR);
    noted(&app, 1).await;
    assert_eq!(next(&app).await, MIDNIGHT.plus(27 * HOUR));
    clock.advance(24 * HOUR);
    let notes = noted(&app, 2).await;
    assert_eq!(
        notes,
        [
            "2025-11-21T03:00:00 Europe/London after -",
            "2025-11-22T03:00:00 Europe/London after 2025-11-21T03:00:00"
        ]
    );
    app.stop().await;
}

#[tokio::test]
async fn an_interval_counts_from_tick_to_tick() {
    let clock = Clock::manual(MIDNIGHT);
    let app = memory(&["cron/every"]).builder(by(&clock)).start().await;
    for n in 1..=3 {
        clock.advance(HOUR / 4);
        noted(&app, n).await;
    }
    assert_eq!(
        app.board.notes(),
        [
            "2025-11-21T00:15:00 - after -",
            "2025-11-21T00:30:00 - after 2025-11-21T00:15:00",
            "2025-11-21T00:45:00 - after 2025-11-21T00:30:00"
        ]
    );
    app.stop().await;
}

#[tokio::test]
async fn ticks_that_nobody_was_there_for_run_by_policy() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::manual(MIDNIGHT);
    let setup = |board: &Board| -> Setup {
        sqlite(directory.path(), &["cron/skip", "cron/one", "cron/all"]).board(board).builder(by(&clock))
    };
    let board = Board::default();
    setup(&board).start().await.stop().await;
    clock.advance(3 * HOUR + Duration::from_secs(120));
    let app = setup(&board).start().await;
    let mut notes = noted(&app, 4).await;
    notes.sort();
    assert_eq!(
        notes,
        [
            "2025-11-21T01:00:00 UTC after -",
            "2025-11-21T02:00:00 UTC after 2025-11-21T01:00:00",
            "2025-11-21T03:00:00 UTC after -",
            "2025-11-21T03:00:00 UTC after 2025-11-21T02:00:00"
        ],
        "one runs the last, all runs each, skip none"
    );
    clock.advance(HOUR - Duration::from_secs(120));
    let notes = noted(&app, 7).await;
    assert_eq!(notes.iter().filter(|note| note.starts_with("2025-11-21T04:00:00")).count(), 3);
    app.stop().await;
}

#[tokio::test]
async fn a_tick_runs_once_however_often_the_program_is_started() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::manual(MIDNIGHT);
    let board = Board::default();
    for n in 0..4 {
        let app = sqlite(directory.path(), &["cron/one"]).board(&board).builder(by(&clock)).start().await;
        if n == 1 {
            clock.advance(HOUR);
            noted(&app, 1).await;
        }
        app.stop().await;
    }
    assert_eq!(board.notes(), ["2025-11-21T01:00:00 UTC after -"]);
}

/// As several programs on one database do.
#[tokio::test]
async fn of_two_programs_on_one_store_one_sends_each_tick() {
    const TICKS: usize = 24;
    let clock = Clock::manual(MIDNIGHT);
    let config = MemoryConfig { clock: clock.clone(), ..MemoryConfig::default() };
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(config));
    let board = Board::default();
    let mut apps = Vec::new();
    for _ in 0..2 {
        let (clock, store) = (clock.clone(), Arc::clone(&store));
        let on_it = move |builder: Builder| builder.clock(clock).store(store);
        apps.push(memory(&["cron/one"]).board(&board).builder(on_it).start().await);
    }
    for tick in 1..=TICKS {
        clock.advance(HOUR);
        until(&format!("tick {tick}"), async || (board.notes().len() >= tick).then_some(())).await;
    }
    let app = &apps[0];
    app.all_ended().await;
    let mut notes = board.notes();
    notes.sort_unstable();
    notes.dedup();
    assert_eq!((notes.len(), app.runs().await.len()), (TICKS, TICKS), "each once: {notes:?}");
    let all = EventSearch { limit: 1000, ..EventSearch::default() };
    let events = store.browse_events(all).await.unwrap().rows;
    assert_eq!(events.len(), TICKS, "and none that has no run");
    for app in apps {
        app.stop().await;
    }
}

#[tokio::test]
async fn a_schedule_that_is_gone_or_another_after_a_deploy_is_followed_as_it_is_now() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::manual(MIDNIGHT);
    let app = sqlite(directory.path(), &["cron/deployed", "cron/one"]).builder(by(&clock)).start().await;
    let stored = app.store().schedules().await.unwrap();
    assert_eq!(stored.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["cron/deployed", "cron/one"]);
    // What an earlier version of the program had declared.
    let mut earlier = stored[0].clone();
    earlier.timing = "cron: UTC 30 1 * * *".to_owned();
    earlier.next_at = MIDNIGHT.plus(HOUR + HOUR / 2);
    app.store().put_schedule(earlier).await.unwrap();
    app.stop().await;
    clock.advance(2 * HOUR);
    let app = sqlite(directory.path(), &["cron/deployed"]).builder(by(&clock)).start().await;
    let stored = app.store().schedules().await.unwrap();
    let seen: Vec<_> = stored.iter().map(|one| (one.id.as_str(), one.next_at)).collect();
    assert_eq!(seen, [("cron/deployed", MIDNIGHT.plus(3 * HOUR))], "the old time is missed no more");
    assert!(app.board.notes().is_empty());
    clock.advance(HOUR);
    assert_eq!(noted(&app, 1).await, ["2025-11-21T03:00:00 UTC after -"]);
    app.stop().await;
}

#[job(id = "cron/dynamic", version = "1.0.0", trigger = schedule)]
async fn dynamic(Json(customer): Json<u32>, tick: Tick, State(board): State<Board>) {
    board.note(format_args!(
        "{customer} {} {}",
        tick.schedule.as_deref().unwrap_or("-"),
        shown(tick.scheduled_at)
    ));
}

#[tokio::test]
async fn schedules_are_registered_replaced_and_removed_while_the_program_runs() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::manual(MIDNIGHT);
    let app = sqlite(directory.path(), &["cron/dynamic"]).builder(by(&clock)).start().await;
    let schedules = app.running.schedules();
    let hourly = Timing::cron("0 * * * *").unwrap();
    schedules.create::<dynamic>("a", hourly.clone(), &1).await.unwrap();
    schedules.create::<dynamic>("b", Timing::every(HOUR / 2).unwrap(), &2).await.unwrap();
    schedules.create::<dynamic>("c", hourly.clone(), &3).await.unwrap();
    assert!(schedules.delete("c").await.unwrap());
    assert!(!schedules.delete("c").await.unwrap());
    clock.advance(HOUR / 2);
    noted(&app, 1).await;
    assert!(schedules.delete("b").await.unwrap());
    // The same timing goes on where it was; the payload is the new one.
    schedules.create::<dynamic>("a", hourly.clone(), &4).await.unwrap();
    let listed = schedules.list().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].id.as_str(), listed[0].job.as_str(), &listed[0].timing),
        ("a", "cron/dynamic", &hourly)
    );
    assert_eq!(listed[0].next, SystemTime::from(MIDNIGHT.plus(HOUR)));
    let board = app.board.clone();
    app.stop().await;
    let app = sqlite(directory.path(), &["cron/dynamic"]).board(&board).builder(by(&clock)).start().await;
    clock.advance(HOUR / 2);
    assert_eq!(noted(&app, 2).await, ["2 b 2025-11-21T00:30:00", "4 a 2025-11-21T01:00:00"]);
    app.stop().await;
}

#[tokio::test]
async fn the_start_up_table_says_what_runs_by_what_and_when() {
    let clock = Clock::manual(MIDNIGHT);
    let app = memory(&["cron/nightly", "cron/every", "cron/dynamic"]).builder(by(&clock)).start().await;
    let table = app.running.table("http://localhost").await;
    for part in [
        "0 3 * * * Europe/London\n  job cron/nightly 1.0.0  next at 2025-11-21T03:00:00.000000Z",
        "every 900s\n  job cron/every 1.0.0  next at 2025-11-21T00:15:00.000000Z",
        "schedules that are registered at run time\n  job cron/dynamic 1.0.0",
    ] {
        assert!(table.contains(part), "{part}:\n{table}");
    }
    app.stop().await;
}
