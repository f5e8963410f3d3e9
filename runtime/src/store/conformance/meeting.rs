//! What ends a wait beside its time: an event, or a request with its token.

use super::fixture::{HOUR, START, delivery, event, step};
use super::{Bed, Engine, Outcome};
use crate::store::record::{End, Progress, RunState, Ticket};
use crate::store::{Awaited, DueEvent, Listener, NewWait, Resumed, StepKind, StepState, Store, WaitStore};
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

fn for_event(key: &str, name: &str, filter: Option<&str>) -> NewWait {
    let (names, filter) = (vec![name.to_owned()], filter.map(|filter| format!("[{filter}]")));
    let awaited = Awaited::Event { names, source: None, filter };
    NewWait { key: key.to_owned(), awaited, due_at: START.plus(HOUR) }
}

fn for_request(key: &str, token: u8) -> NewWait {
    let awaited = Awaited::Request { token: [token; 32] };
    NewWait { key: key.to_owned(), awaited, due_at: START.plus(HOUR) }
}

/// Sends an event, and returns its id.
async fn send<E: Engine>(bed: &Bed<E>, name: &'static str, payload: &'static str) -> Outcome<Uuid> {
    let new = event(name).set(|event| event.payload = Bytes::from_static(payload.as_bytes())).build();
    let id = new.event.id;
    bed.sent(new).await?;
    Ok(id)
}

async fn asleep<E: Engine>(bed: &Bed<E>, waits: &[NewWait]) -> Outcome<Ticket> {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    for wait in waits {
        assert!(!bed.store.open_wait(ticket.fence, wait.clone(), Vec::new()).await?);
    }
    let open = waits.iter().map(|wait| wait.key.clone()).collect();
    let closed = bed.finish(&ticket, End::Suspended { open }, Vec::new()).await?;
    assert_eq!(closed.state, RunState::Waiting);
    Ok(ticket)
}

/// What was told, in order.
#[derive(Default)]
struct Told(Mutex<Vec<Vec<Uuid>>>);

impl Told {
    fn all(&self) -> Vec<Vec<Uuid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Listener for Told {
    fn due(&self) {
        self.ended(&[]);
    }

    fn ended(&self, runs: &[Uuid]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(runs.to_vec());
    }

    fn cancelled(&self, _: &[(Uuid, u64)]) {}
}

pub(crate) async fn an_event_wakes_the_run_that_waits_for_it<E: Engine>(bed: Bed<E>) -> Outcome {
    let told = Arc::new(Told::default());
    bed.store.listen(Arc::clone(&told) as Arc<dyn Listener>);
    let ticket = asleep(&bed, &[for_event("paid", "order.paid", None)]).await?;
    assert!(told.all().is_empty());
    bed.clock.advance(HOUR / 2);
    let id = send(&bed, "order.paid", r#"{ "cents": 7 }"#).await?;
    bed.store.flush().await?;
    assert_eq!(told.all(), [Vec::<Uuid>::new()], "something is due");
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Queued);
    let again = bed.claim().await?;
    let [step] = again.steps.as_slice() else { return Err("not one step".into()) };
    assert_eq!((step.key.as_str(), step.kind, step.state), ("paid", StepKind::Event, StepState::Done));
    assert_eq!((step.output.as_str(), step.event), (r#"{ "cents": 7 }"#, Some(id)));
    assert_eq!(step.finished_at, START.plus(HOUR / 2));
    assert!(again.waits.is_empty());
    Ok(())
}

pub(crate) async fn an_event_of_another_name_or_content_ends_no_wait<E: Engine>(bed: Bed<E>) -> Outcome {
    let filter = r#"{"order":["b"],"cents":[{"$gt":5}]}"#;
    let ticket = asleep(&bed, &[for_event("paid", "order.paid", Some(filter))]).await?;
    send(&bed, "order.made", r#"{"order":"b","cents":9}"#).await?;
    send(&bed, "order.paid", r#"{"order":"a","cents":9}"#).await?;
    send(&bed, "order.paid", r#"{"order":"b","cents":5}"#).await?;
    send(&bed, "order.paid", "no object").await?;
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Waiting);
    send(&bed, "order.paid", r#"{"order":"b","cents":9}"#).await?;
    assert_eq!(bed.claim().await?.steps.len(), 1);
    Ok(())
}

pub(crate) async fn a_wait_for_a_source_takes_its_events_alone<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut wait = for_event("paid", "paid", None);
    wait.awaited =
        Awaited::Event { names: vec!["paid".into()], source: Some("stripe.com".into()), filter: None };
    asleep(&bed, &[wait]).await?;
    send(&bed, "paid", "1").await?;
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());
    bed.sent(event("paid").set(|event| event.source = Some("stripe.com".into())).build()).await?;
    bed.claim().await?;
    Ok(())
}

pub(crate) async fn a_wait_for_several_names_takes_any<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut wait = for_event("end", "done", None);
    wait.awaited = Awaited::Event { names: vec!["done".into(), "failed".into()], source: None, filter: None };
    asleep(&bed, &[wait]).await?;
    send(&bed, "failed", "1").await?;
    assert_eq!(bed.claim().await?.steps.len(), 1);
    Ok(())
}

pub(crate) async fn an_event_before_the_wait_counts_if_it_is_younger_than_the_run<E: Engine>(
    bed: Bed<E>,
) -> Outcome {
    send(&bed, "paid", r#"{"n":0}"#).await?;
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    // The clock goes back: what counts is the order in the store.
    let younger = event("paid").set(|event| {
        event.payload = Bytes::from_static(b"{\"n\":1}");
        event.at = START.minus(HOUR * 1000);
    });
    bed.sent(younger.build()).await?;
    assert!(bed.store.open_wait(ticket.fence, for_event("first", "paid", None), Vec::new()).await?);
    let first = bed.store.end_wait(ticket.fence, "first".to_owned(), 0).await?;
    assert_eq!(first.output, r#"{"n":1}"#);
    assert!(
        !bed.store.open_wait(ticket.fence, for_event("second", "paid", None), Vec::new()).await?,
        "no event counts that is older than the run, and none counts twice"
    );
    Ok(())
}

pub(crate) async fn an_event_ends_one_wait_of_a_run_at_most<E: Engine>(bed: Bed<E>) -> Outcome {
    let waits = [for_event("a", "paid", None), for_event("b", "paid", None)];
    let ticket = asleep(&bed, &waits).await?;
    send(&bed, "paid", "1").await?;
    let again = bed.claim().await?;
    assert_eq!(again.steps.iter().map(|step| step.key.as_str()).collect::<Vec<_>>(), ["a"], "the first");
    assert_eq!(again.waits.iter().map(|wait| wait.key.as_str()).collect::<Vec<_>>(), ["b"]);
    assert!(!bed.store.open_wait(again.fence, for_event("c", "paid", None), Vec::new()).await?);
    send(&bed, "paid", "2").await?;
    let ended: Vec<_> = bed.store.waits(ticket.fence.run).await?;
    assert_eq!(ended.iter().filter(|wait| wait.ended.is_some()).count(), 1);
    Ok(())
}

pub(crate) async fn an_event_ends_the_waits_of_many_runs<E: Engine>(bed: Bed<E>) -> Outcome {
    for _ in 0..3 {
        asleep(&bed, &[for_event("a", "paid", None)]).await?;
    }
    send(&bed, "paid", "1").await?;
    assert_eq!(bed.store.claim(10, bed.clock.now()).await?.len(), 3);
    Ok(())
}

pub(crate) async fn a_pending_event_ends_waits_when_it_is_sent<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("paid").due(START.plus(HOUR / 2)).build();
    let id = new.event.id;
    bed.sent(new).await?;
    let ticket = asleep(&bed, &[for_event("a", "paid", None)]).await?;
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Waiting);
    bed.clock.advance(HOUR / 2);
    bed.store.release_events(vec![DueEvent { id, runs: Vec::new(), cancels: Vec::new() }]).await?;
    assert_eq!(bed.claim().await?.steps.len(), 1);
    let late = bed.claimed(delivery().runs(1).build()).await?;
    assert!(!bed.store.open_wait(late.fence, for_event("a", "paid", None), Vec::new()).await?);
    Ok(())
}

pub(crate) async fn an_event_of_a_step_ends_waits_with_it<E: Engine>(bed: Bed<E>) -> Outcome {
    let waiting = asleep(&bed, &[for_event("a", "paid", None)]).await?;
    let sender = bed.claimed(delivery().runs(1).build()).await?;
    let progress = Progress { steps: vec![step("send", 0)], events: vec![event("paid").build()] };
    bed.store.record(sender.fence, progress).await?;
    assert_eq!(bed.run(waiting.fence.run).await?.state, RunState::Queued);
    Ok(())
}

pub(crate) async fn a_run_that_executes_is_told_that_its_wait_has_ended<E: Engine>(bed: Bed<E>) -> Outcome {
    let told = Arc::new(Told::default());
    bed.store.listen(Arc::clone(&told) as Arc<dyn Listener>);
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let run = ticket.fence.run;
    bed.store.open_wait(ticket.fence, for_event("a", "paid", None), Vec::new()).await?;
    bed.store.open_wait(ticket.fence, for_request("b", 1), Vec::new()).await?;
    send(&bed, "paid", "1").await?;
    bed.store.resume([1; 32], "2".to_owned()).await?;
    bed.store.flush().await?;
    assert_eq!(told.all(), [vec![run], vec![run]]);
    let outputs = [("a", "1"), ("b", "2")];
    for ((key, output), seq) in outputs.into_iter().zip(0..) {
        assert_eq!(bed.store.end_wait(ticket.fence, key.to_owned(), seq).await?.output, output);
    }
    Ok(())
}

pub(crate) async fn what_ended_a_wait_before_its_time_wins<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.open_wait(ticket.fence, for_request("a", 1), Vec::new()).await?;
    assert_eq!(bed.store.resume([1; 32], "7".to_owned()).await?, Resumed::Resumed);
    bed.clock.advance(HOUR * 2);
    let ended = bed.store.end_wait(ticket.fence, "a".to_owned(), 0).await?;
    assert_eq!((ended.state, ended.output.as_str()), (StepState::Done, "7"), "its sender was told so");
    Ok(())
}

pub(crate) async fn what_comes_after_its_time_is_too_late<E: Engine>(bed: Bed<E>) -> Outcome {
    let waits = [for_request("a", 1), for_event("b", "paid", None)];
    let ticket = asleep(&bed, &waits).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.resume([1; 32], "7".to_owned()).await?, Resumed::TooLate);
    send(&bed, "paid", "1").await?;
    let again = bed.claim().await?;
    assert_eq!(again.fence.run, ticket.fence.run);
    let states: Vec<_> = again.steps.iter().map(|step| (step.state, step.output.as_str())).collect();
    assert_eq!(states, [(StepState::TimedOut, "null"), (StepState::TimedOut, "null")]);
    Ok(())
}

pub(crate) async fn outcomes_are_recorded_in_the_order_in_which_they_came<E: Engine>(bed: Bed<E>) -> Outcome {
    let timer = NewWait { key: "timer".to_owned(), awaited: Awaited::Time, due_at: START.plus(HOUR / 3) };
    asleep(&bed, &[timer, for_event("event", "paid", None), for_request("request", 1)]).await?;
    bed.clock.advance(HOUR / 4);
    bed.store.resume([1; 32], "7".to_owned()).await?;
    bed.clock.advance(HOUR / 4);
    send(&bed, "paid", "1").await?;
    let again = bed.claim().await?;
    let keys: Vec<_> = again.steps.iter().map(|step| (step.seq, step.key.as_str())).collect();
    assert_eq!(keys, [(0, "request"), (1, "timer"), (2, "event")]);
    Ok(())
}

pub(crate) async fn a_request_ends_a_wait_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = asleep(&bed, &[for_request("a", 1)]).await?;
    assert_eq!(bed.store.resume([2; 32], "0".to_owned()).await?, Resumed::Unknown);
    let both = ["1", "2"].map(|body| bed.store.resume([1; 32], body.to_owned()));
    let [first, second] = both;
    assert_eq!((first.await?, second.await?), (Resumed::Resumed, Resumed::TooLate));
    let again = bed.claim().await?;
    assert_eq!(again.steps.iter().map(|step| step.output.as_str()).collect::<Vec<_>>(), ["1"]);
    bed.finish(&again, End::DONE, Vec::new()).await?;
    assert_eq!(
        bed.store.resume([1; 32], "3".to_owned()).await?,
        Resumed::TooLate,
        "told as long as the run is kept"
    );
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Done);
    Ok(())
}

pub(crate) async fn a_wait_for_a_request_may_have_several_addresses<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.open_wait(ticket.fence, for_request("a", 1), Vec::new()).await?;
    bed.clock.advance(HOUR / 2);
    let again = NewWait { due_at: START.plus(HOUR * 9), ..for_request("a", 2) };
    assert!(!bed.store.open_wait(ticket.fence, again, Vec::new()).await?);
    let open = bed.store.waits(ticket.fence.run).await?;
    assert_eq!(open.iter().map(|wait| wait.due_at).collect::<Vec<_>>(), [START.plus(HOUR)], "it counts on");
    assert_eq!(
        bed.store.resume([1; 32], "7".to_owned()).await?,
        Resumed::Resumed,
        "one that was told is kept"
    );
    assert!(bed.store.open_wait(ticket.fence, for_request("a", 3), Vec::new()).await?, "it has ended");
    assert_eq!(bed.store.end_wait(ticket.fence, "a".to_owned(), 0).await?.output, "7");
    Ok(())
}

pub(crate) async fn an_answer_before_the_suspension_lets_the_run_go_on<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.open_wait(ticket.fence, for_request("a", 1), Vec::new()).await?;
    bed.store.resume([1; 32], "7".to_owned()).await?;
    let closed = bed.finish(&ticket, End::Suspended { open: vec!["a".to_owned()] }, Vec::new()).await?;
    assert_eq!(closed.state, RunState::Queued);
    assert_eq!(bed.claim().await?.steps.len(), 1);
    Ok(())
}

pub(crate) async fn a_withdrawn_wait_gives_its_event_back<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let timer = NewWait { key: "timer".to_owned(), awaited: Awaited::Time, due_at: START.plus(HOUR) };
    bed.store.open_wait(ticket.fence, timer, Vec::new()).await?;
    bed.store.open_wait(ticket.fence, for_event("lost", "paid", None), Vec::new()).await?;
    send(&bed, "paid", "1").await?;
    bed.finish(&ticket, End::Suspended { open: vec!["timer".to_owned()] }, Vec::new()).await?;
    bed.clock.advance(HOUR);
    let again = bed.claim().await?;
    assert!(bed.store.open_wait(again.fence, for_event("next", "paid", None), Vec::new()).await?);
    Ok(())
}

pub(crate) async fn a_cancelled_run_takes_no_answer<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = asleep(&bed, &[for_request("a", 1), for_event("b", "paid", None)]).await?;
    bed.store.cancel(ticket.fence.run).await?;
    assert_eq!(bed.store.resume([1; 32], "7".to_owned()).await?, Resumed::TooLate);
    send(&bed, "paid", "1").await?;
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Cancelled);
    assert!(bed.store.waits(ticket.fence.run).await?.is_empty());
    Ok(())
}

pub(crate) async fn a_token_goes_with_its_run<E: Engine>(bed: Bed<E>) -> Outcome {
    asleep(&bed, &[for_request("a", 1)]).await?;
    bed.store.resume([1; 32], "7".to_owned()).await?;
    let again = bed.claim().await?;
    bed.finish(&again, End::DONE, Vec::new()).await?;
    let later = START.plus(HOUR * 10);
    assert_eq!(bed.store.prune(later, later).await?, 1);
    assert_eq!(bed.store.resume([1; 32], "7".to_owned()).await?, Resumed::Unknown);
    Ok(())
}
