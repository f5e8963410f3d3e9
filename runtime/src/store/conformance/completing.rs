//! Waits that a person ends, and which waits an event ended.

use super::fixture::{HOUR, START, delivery, event};
use super::{Bed, Engine, Outcome};
use crate::store::record::{End, RunState, Ticket};
use crate::store::{Awaited, Listener, NewWait, Resumed, StepKind, StepState, Store, WaitStore};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

fn waiting(key: &str, awaited: Awaited) -> NewWait {
    NewWait { key: key.to_owned(), awaited, due_at: START.plus(HOUR) }
}

fn for_event(key: &str, name: &str) -> NewWait {
    let (names, filter) = (vec![name.to_owned()], Some(r#"[{"n":[1]}]"#.to_owned()));
    waiting(key, Awaited::Event { names, source: None, filter })
}

/// A run that is suspended over waits.
async fn asleep<E: Engine>(bed: &Bed<E>, waits: &[NewWait]) -> Outcome<Ticket> {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    for wait in waits {
        assert!(!bed.store.open_wait(ticket.fence, wait.clone(), Vec::new()).await?);
    }
    let open = waits.iter().map(|wait| wait.key.clone()).collect();
    bed.finish(&ticket, End::Suspended { open }, Vec::new()).await?;
    Ok(ticket)
}

async fn complete<E: Engine>(bed: &Bed<E>, run: Uuid, key: &str, output: &str) -> Outcome<Resumed> {
    Ok(bed.store.complete(run, key, output.to_owned()).await?)
}

pub(crate) async fn a_person_ends_a_wait_for_a_time_early<E: Engine>(bed: Bed<E>) -> Outcome {
    let run = asleep(&bed, &[waiting("sleep", Awaited::Time)]).await?.fence.run;
    bed.clock.advance(HOUR / 2);
    assert_eq!(complete(&bed, run, "sleep", "null").await?, Resumed::Resumed);
    let queued = bed.run(run).await?;
    assert_eq!((queued.state, queued.due_at), (RunState::Queued, bed.clock.now()));
    let again = bed.claim().await?;
    let [step] = again.steps.as_slice() else { return Err("not one step".into()) };
    assert_eq!((step.kind, step.state, step.output.as_str()), (StepKind::Wait, StepState::Done, "null"));
    assert_eq!((step.finished_at, step.event), (START.plus(HOUR / 2), None));
    assert!(again.waits.is_empty());
    Ok(())
}

pub(crate) async fn what_a_person_says_is_what_the_run_gets<E: Engine>(bed: Bed<E>) -> Outcome {
    let waits = [for_event("paid", "order.paid"), waiting("answer", Awaited::Request { token: [7; 32] })];
    let run = asleep(&bed, &waits).await?.fence.run;
    let filters: Vec<_> = bed.store.waits(run).await?.into_iter().map(|wait| wait.filter).collect();
    assert_eq!(filters, [Some(r#"[{"n":[1]}]"#.to_owned()), None]);
    assert_eq!(complete(&bed, run, "answer", r#"{ "by":1.0 }"#).await?, Resumed::Resumed);
    assert_eq!(complete(&bed, run, "paid", r#"{"n":1}"#).await?, Resumed::Resumed);
    assert_eq!(bed.store.resume([7; 32], "2".to_owned()).await?, Resumed::TooLate);
    bed.sent(event("order.paid").set(|event| event.payload = r#"{"n":1}"#.into()).build()).await?;
    let again = bed.claim().await?;
    let mut seen: Vec<_> = again
        .steps
        .iter()
        .map(|step| (step.key.as_str(), step.state, step.output.as_str(), step.event))
        .collect();
    seen.sort_unstable_by_key(|(key, ..)| *key);
    assert_eq!(
        seen,
        [("answer", StepState::Done, r#"{ "by":1.0 }"#, None), ("paid", StepState::Done, r#"{"n":1}"#, None)]
    );
    Ok(())
}

pub(crate) async fn a_wait_is_completed_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let run = asleep(&bed, &[for_event("paid", "order.paid")]).await?.fence.run;
    assert_eq!(complete(&bed, run, "paid", "1").await?, Resumed::Resumed);
    assert_eq!(complete(&bed, run, "paid", "2").await?, Resumed::TooLate);
    let again = bed.claim().await?;
    assert_eq!(again.steps.first().map(|step| step.output.as_str()), Some("1"));
    assert_eq!(complete(&bed, run, "paid", "3").await?, Resumed::TooLate, "it is a step by now");
    Ok(())
}

pub(crate) async fn a_wait_that_is_over_or_unknown_is_not_completed<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = asleep(&bed, &[waiting("sleep", Awaited::Time)]).await?;
    let run = ticket.fence.run;
    assert_eq!(complete(&bed, run, "other", "1").await?, Resumed::Unknown);
    assert_eq!(complete(&bed, Uuid::now_v7(), "sleep", "1").await?, Resumed::Unknown);
    bed.clock.advance(HOUR);
    assert_eq!(complete(&bed, run, "sleep", "1").await?, Resumed::TooLate, "its time has come");
    let again = bed.claim().await?;
    assert_eq!(again.steps.first().map(|step| step.output.as_str()), Some("null"));
    bed.record(again.fence, vec![super::fixture::step("task", 5)]).await?;
    assert_eq!(complete(&bed, run, "task", "1").await?, Resumed::Unknown, "a task is no wait");
    let open = waiting("more", Awaited::Request { token: [9; 32] });
    let open = NewWait { due_at: bed.clock.now().plus(HOUR), ..open };
    bed.store.open_wait(again.fence, open, Vec::new()).await?;
    bed.store.cancel(run).await?;
    assert_eq!(complete(&bed, run, "more", "1").await?, Resumed::Unknown, "it went with its run");
    Ok(())
}

/// The runs that were told.
#[derive(Default)]
struct Told(Mutex<Vec<Uuid>>);

impl Listener for Told {
    fn due(&self) {}

    fn ended(&self, runs: &[Uuid]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(runs);
    }

    fn cancelled(&self, _: &[(Uuid, u64)]) {}
}

pub(crate) async fn a_run_that_executes_is_told_of_a_completed_wait<E: Engine>(bed: Bed<E>) -> Outcome {
    let told = Arc::new(Told::default());
    bed.store.listen(Arc::clone(&told) as Arc<dyn Listener>);
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.open_wait(ticket.fence, waiting("sleep", Awaited::Time), Vec::new()).await?;
    assert_eq!(complete(&bed, ticket.fence.run, "sleep", "null").await?, Resumed::Resumed);
    bed.store.flush().await?;
    assert_eq!(*told.0.lock().unwrap_or_else(PoisonError::into_inner), [ticket.fence.run]);
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Running);
    let step = bed.store.end_wait(ticket.fence, "sleep".to_owned(), 0).await?;
    assert_eq!((step.state, step.finished_at), (StepState::Done, START));
    Ok(())
}

pub(crate) async fn the_waits_that_an_event_ended_are_known<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = asleep(&bed, &[for_event("paid", "order.paid")]).await?.fence.run;
    let second = asleep(&bed, &[for_event("paid", "order.paid")]).await?.fence.run;
    asleep(&bed, &[for_event("other", "order.made")]).await?;
    let paid = event("order.paid").set(|event| event.payload = r#"{"n":1}"#.into()).build();
    let id = paid.event.id;
    bed.sent(paid).await?;
    let mut wanted = vec![(first, "paid".to_owned()), (second, "paid".to_owned())];
    wanted.sort();
    let ended = async || -> Outcome<_> {
        let mut ended = bed.store.ended_by(id).await?;
        ended.sort();
        Ok(ended)
    };
    assert_eq!(ended().await?, wanted, "not taken by the runs yet");
    assert_eq!(bed.store.claim(1, bed.clock.now()).await?.len(), 1);
    assert_eq!(ended().await?, wanted, "one is a step by now");
    assert!(bed.store.ended_by(Uuid::now_v7()).await?.is_empty());
    Ok(())
}
