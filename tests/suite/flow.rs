//! Limits, order, debouncing, batches, hooks, and the API of runs, as jobs have them.

use crate::harness::{App, Board, Call, Watched, memory, sqlite, until};
use crate::steps::runs;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use triggerfish::error::RunErrorKind;
use triggerfish::event::Outgoing;
use triggerfish::hook::{FailedRun, FinishedRun};
use triggerfish::job::{Job, JobSpec};
use triggerfish::prelude::*;
use triggerfish::registry::{Registration, Registry};
use triggerfish::store::{OriginId, Run, RunQuery, RunSearch, RunState, StoreError};
use triggerfish::time::Clock;
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, Deserialize, Payload)]
struct Order {
    id: u32,
    customer: String,
}

async fn order(app: &App, id: u32, customer: &str) -> Uuid {
    let order = Order { id, customer: customer.to_owned() };
    app.send(&Call::post("/hooks/runs", serde_json::to_string(&order).unwrap())).await.delivery()
}

async fn runs_of(app: &App, delivery: Uuid) -> Vec<Run> {
    let query = RunQuery { origin: Some(OriginId::Delivery(delivery)), ..RunQuery::default() };
    app.store().runs(query).await.unwrap()
}

#[job(id = "flow/limited", version = "1.0.0", trigger = runs, concurrency(limit = 1, key = body.customer))]
async fn limited(Json(order): Json<Order>, State(board): State<Board>) {
    board.pass(&format!("gate {}", order.id)).await;
    board.note(format_args!("done {}", order.id));
}

#[tokio::test]
async fn a_customer_has_one_run_at_a_time_and_others_do_not_wait_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "flow/limited"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app = setup.start().await;
        order(&app, 1, "ann").await;
        app.board.noted("at gate 1").await;
        let second = order(&app, 2, "ann").await;
        app.in_state(second, RunState::Blocked).await;
        order(&app, 3, "bob").await;
        app.board.noted("at gate 3").await;
        assert_eq!(app.board.count("at gate 2"), 0);
        app.board.open("gate 1");
        app.board.noted("at gate 2").await;
        assert_eq!(app.board.count("done 1"), 1);
        app.board.open("gate 2");
        app.board.open("gate 3");
        app.all_ended().await;
        app.stop().await;
    }
}

#[tokio::test]
async fn a_run_that_is_cancelled_makes_room_and_one_that_is_replayed_starts_anew() {
    let app = memory(&["runs", "flow/limited"]).start().await;
    let first = order(&app, 1, "ann").await;
    app.board.noted("at gate 1").await;
    order(&app, 2, "ann").await;
    let runs = app.running.runs();
    let run = runs_of(&app, first).await.remove(0);
    runs.cancel(run.id).await.unwrap();
    // What executes is dropped at its gate, and the next has its place.
    app.board.noted("at gate 2").await;
    assert!(matches!(runs.cancel(run.id).await, Err(StoreError::Stale)), "it has ended");
    assert_eq!(runs.get(run.id).await.unwrap().unwrap().state, RunState::Cancelled);
    app.board.open("gate 1");
    app.board.open("gate 2");
    let again = runs.replay(run.id).await.unwrap();
    let all = app.all_ended().await;
    let again = all.into_iter().find(|run| run.id == again).unwrap();
    assert_eq!((again.state, again.attempt, again.origin), (RunState::Done, 1, run.origin));
    let search = RunSearch { states: vec![RunState::Done], limit: 1, ..RunSearch::default() };
    let page = runs.list(search.clone()).await.unwrap();
    let rest = runs.list(RunSearch { before: page.next, limit: 10, ..search }).await.unwrap();
    assert_eq!((page.rows.len(), rest.rows.len()), (1, 1));
    assert_eq!(page.rows[0].id, again.id, "the newest first");
    app.stop().await;
}

#[job(
    id = "flow/ordered",
    version = "1.0.0",
    trigger = runs,
    fifo(key = body.customer),
    retry(limit = 2, min = "1ms", max = "1ms"),
)]
async fn ordered(Json(order): Json<Order>, ctx: Context, State(board): State<Board>) -> Result<()> {
    board.note(format_args!("{} attempt {}", order.id, ctx.attempt));
    if order.id == 1 && ctx.attempt == 1 {
        return Err(Error::msg("the first attempt fails"));
    }
    Ok(())
}

#[tokio::test]
async fn those_of_a_customer_run_in_order_also_past_a_failure() {
    let directory = tempfile::tempdir().unwrap();
    let app = sqlite(directory.path(), &["runs", "flow/ordered"]).start().await;
    for id in 1..=5 {
        order(&app, id, "ann").await;
    }
    app.all_ended().await;
    let wanted = ["1 attempt 1", "1 attempt 2", "2 attempt 1", "3 attempt 1", "4 attempt 1", "5 attempt 1"];
    assert_eq!(app.board.notes(), wanted);
    app.stop().await;
}

#[job(id = "flow/last", version = "1.0.0", trigger = runs, debounce(wait = "5s", key = body.customer))]
async fn last(Json(order): Json<Order>, State(board): State<Board>) {
    board.note(order.id);
}

#[tokio::test]
async fn of_a_burst_the_last_delivery_runs_and_the_others_say_why_they_did_not() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "flow/last"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let clock = Clock::manual(SystemTime::now().into());
        let given = clock.clone();
        let app = setup.builder(move |builder| builder.clock(given)).start().await;
        let first = order(&app, 1, "ann").await;
        order(&app, 2, "bob").await;
        clock.advance(Duration::from_secs(3));
        order(&app, 3, "ann").await;
        let run = app.in_state(first, RunState::Superseded).await;
        assert!(run.error.unwrap().contains("came before this one started"));
        clock.advance(Duration::from_secs(2));
        app.board.noted("2").await;
        clock.advance(Duration::from_secs(3));
        app.board.noted("3").await;
        app.all_ended().await;
        assert_eq!(app.board.notes(), ["2", "3"]);
        app.stop().await;
    }
}

#[job(id = "flow/together", version = "1.0.0", trigger = runs, batch(size = 3, wait = "1h", key = body.customer))]
async fn together(Json(orders): Json<Vec<Order>>, State(board): State<Board>) {
    let ids: Vec<_> = orders.iter().map(|order| order.id.to_string()).collect();
    board.note(ids.join(" "));
}

#[tokio::test]
async fn a_batch_is_one_run_over_the_payloads_of_several_deliveries() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "flow/together"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app = setup.start().await;
        let mut deliveries = Vec::new();
        for (id, customer) in [(1, "ann"), (2, "bob"), (3, "ann"), (4, "ann")] {
            deliveries.push(order(&app, id, customer).await);
        }
        app.board.noted("1 3 4").await;
        for delivery in [0, 2, 3] {
            app.in_state(deliveries[delivery], RunState::Done).await;
        }
        app.in_state(deliveries[1], RunState::Queued).await;
        app.stop().await;
    }
}

#[tokio::test]
async fn what_cannot_be_read_leaves_its_batch_and_the_others_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "flow/together"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app = setup.start().await;
        for (odd, customer, read) in [(0, "ann", "2 3"), (1, "bob", "1 3"), (2, "eve", "1 2")] {
            let mut deliveries = Vec::new();
            for (place, id) in (1..=3).enumerate() {
                let id = if place == odd { serde_json::json!("odd") } else { id.into() };
                let body = serde_json::json!({ "id": id, "customer": customer }).to_string();
                deliveries.push(app.send(&Call::post("/hooks/runs", body)).await.delivery());
            }
            app.board.noted(read).await;
            let refused = app.in_state(deliveries.remove(odd), RunState::InvalidPayload).await;
            let error = refused.error.unwrap();
            assert!(error.contains("invalid type: string \"odd\""), "{error}");
            for delivery in deliveries {
                assert_eq!(app.in_state(delivery, RunState::Done).await.failures, 0);
            }
        }
        app.stop().await;
    }
}

#[job(
    id = "flow/hooked",
    version = "1.0.0",
    trigger = runs,
    retry(limit = 1),
    on_success = celebrate,
    on_failure = alert,
)]
async fn hooked(Json(order): Json<Order>) -> Result<Receipt> {
    if order.id == 1 { Err(Error::msg("out of stock")) } else { Ok(Receipt { number: order.id * 100 }) }
}

#[derive(Debug, Serialize, Deserialize)]
struct Receipt {
    number: u32,
}

async fn celebrate(finished: FinishedRun, State(board): State<Board>) -> Result<()> {
    let other = finished.returned::<bool>().unwrap_err();
    assert_eq!(other.kind(), RunErrorKind::Output);
    let text = other.to_string();
    assert!(text.starts_with("what `flow/hooked` returned cannot be read as `bool`: invalid type"), "{text}");
    let receipt: Receipt = finished.returned()?;
    board.note(format_args!("{} is done: {}", finished.run.job, receipt.number));
    Ok(())
}

async fn alert(
    io: Io,
    failed: FailedRun,
    Json(order): Json<Order>,
    State(board): State<Board>,
) -> Result<()> {
    let text = format!("order {} of {}: {}", order.id, order.customer, failed.error);
    io.run_task("page", || async {
        board.note(text);
        done(())
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn hooks_run_once_at_the_end_with_what_the_job_could_ask_for() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "flow/hooked"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app = setup.start().await;
        let failed = order(&app, 1, "ann").await;
        app.board.noted("order 1 of ann: out of stock").await;
        order(&app, 2, "bob").await;
        app.board.noted("flow/hooked is done: 200").await;
        let all = until("the end of all", async || {
            let all = app.runs().await;
            (all.len() == 4 && all.iter().all(|run| run.state.is_final())).then_some(all)
        })
        .await;
        let of_failed: Vec<_> = all
            .iter()
            .filter(|run| run.origin == OriginId::Delivery(failed))
            .map(|run| run.job.as_str())
            .collect();
        assert_eq!(of_failed, ["flow/hooked:on_failure", "flow/hooked"]);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_hook_reads_what_a_run_returned_where_it_ended_well() {
    let store = Arc::new(Watched::default());
    let given = Arc::clone(&store);
    let app = memory(&["runs", "flow/hooked"]).builder(move |builder| builder.store(given)).start().await;
    order(&app, 1, "ann").await;
    app.board.noted("order 1 of ann: out of stock").await;
    assert_eq!(store.outputs(), 0, "a run that failed returned nothing");
    order(&app, 2, "bob").await;
    app.board.noted("flow/hooked is done: 200").await;
    assert_eq!(store.outputs(), 1);
    app.stop().await;
}

#[tokio::test]
async fn stored_runs_of_a_job_that_is_switched_off_wait() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "flow/last"];
    let app = sqlite(directory.path(), ids).start().await;
    let delivery = order(&app, 1, "ann").await;
    app.stop().await;
    let spec = Box::leak(Box::new(JobSpec { enabled: false, ..last::SPEC }));
    let clock = Clock::manual((SystemTime::now() + Duration::from_secs(60)).into());
    let given = clock.clone();
    let off = move |builder: triggerfish::runtime::Builder| {
        builder.registry(Registry::of(&[Registration::Job(spec)])).clock(given)
    };
    let app = sqlite(directory.path(), ids).builder(off).start().await;
    app.in_state(delivery, RunState::Parked).await;
    let other = order(&app, 2, "ann").await;
    assert!(runs_of(&app, other).await.is_empty(), "no delivery starts it either");
    app.stop().await;
    let app = sqlite(directory.path(), ids).builder(|builder| builder.clock(clock)).start().await;
    app.board.noted("1").await;
    app.ended(delivery).await;
    app.stop().await;
}

#[job(id = "flow/shared-a", version = "1.0.0", trigger = runs, concurrency(limit = 2, name = "api"))]
async fn shared_a() {}

#[job(id = "flow/shared-b", version = "1.0.0", trigger = runs, concurrency(limit = 3, name = "api"))]
async fn shared_b() {}

#[job(id = "flow/by-secret", version = "1.0.0", trigger = runs, fifo(key = headers["authorization"]))]
async fn by_secret() {}

#[tokio::test]
async fn limits_that_do_not_agree_and_keys_that_are_credentials_are_refused_at_the_start() {
    let error = memory(&["runs", "flow/shared-a", "flow/shared-b", "flow/by-secret"]).build().unwrap_err();
    let text = error.to_string();
    assert!(text.contains("share the concurrency \"api\", with a limit of 2 and a limit of 3"), "{text}");
    assert!(
        text.contains("takes its key from `headers[\"authorization\"]`, which holds a credential"),
        "{text}"
    );
}

#[job(
    id = "flow/withdrawn",
    version = "1.0.0",
    trigger = runs,
    cancel_on(event = "order.withdrawn", when = event.order == body.id),
)]
async fn withdrawn(Json(order): Json<Order>, io: Io, State(board): State<Board>) -> Result<()> {
    io.wait("cool-off", Duration::from_secs(3600)).await?;
    board.note(order.id);
    Ok(())
}

#[tokio::test]
async fn an_event_cancels_the_runs_that_have_its_value_and_no_others() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "flow/withdrawn"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app = setup.start().await;
        let first = order(&app, 1, "ann").await;
        let second = order(&app, 2, "ann").await;
        for delivery in [first, second] {
            app.in_state(delivery, RunState::Waiting).await;
        }
        let event = Outgoing::named("order.withdrawn", &serde_json::json!({ "order": 1 }));
        app.running.events().send(event).await.unwrap();
        app.in_state(first, RunState::Cancelled).await;
        app.in_state(second, RunState::Waiting).await;
        app.stop().await;
    }
}
