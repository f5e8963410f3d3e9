//! Calls whose callers wait: made once, and ended by whatever ends the run.

use super::bed::{is_stale, slots};
use super::fixture::{self, HOUR, LIMIT, START, delivery, due_event, event, step};
use super::{Bed, Engine, Outcome};
use crate::store::event::NewEvent;
use crate::store::flow::{Lane, LaneKind, RunFlow};
use crate::store::record::{End, Fence, NewRun, RunState, Ticket};
use crate::store::{
    EventState, NewCall, OriginId, Slot, Step, StepKind, StepState, Store, Unsuccessful, Wait, WaitStore,
};
use crate::time::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeSet;
use uuid::Uuid;

fn returned(output: &str) -> End {
    End::Done { output: Some(output.to_owned()) }
}

/// A call by a run, with the run of the job that it calls.
pub(super) fn new_call(caller: Uuid, slot: Option<Slot>) -> NewEvent {
    let called = event("call").starting(slot);
    let called = called.set(|event| (event.job, event.sender) = (Some("child".into()), Some(caller)));
    called.build()
}

fn keyed(mut call: NewEvent, key: &str) -> NewEvent {
    if let Some(event) = std::sync::Arc::get_mut(&mut call.event) {
        event.key = Some(key.to_owned());
    }
    call
}

/// Opens a call at the key `call`, which never ends by itself.
pub(super) async fn open<E: Engine>(bed: &Bed<E>, fence: Fence, call: NewEvent) -> Outcome<bool> {
    open_until(bed, fence, call, Timestamp::NEVER).await
}

async fn open_until<E: Engine>(
    bed: &Bed<E>,
    fence: Fence,
    call: NewEvent,
    due_at: Timestamp,
) -> Outcome<bool> {
    let call = NewCall { key: "call".to_owned(), due_at, call };
    Ok(bed.store.open_call(fence, call, Vec::new()).await?)
}

pub(super) async fn suspend<E: Engine>(bed: &Bed<E>, caller: &Ticket) -> Outcome<RunState> {
    let end = End::Suspended { open: vec!["call".to_owned()] };
    Ok(bed.finish(caller, end, Vec::new()).await?.state)
}

/// A caller that is put away, and the run that it called.
pub(super) async fn called<E: Engine>(bed: &Bed<E>) -> Outcome<(Ticket, Ticket)> {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    assert!(!open(bed, caller.fence, new_call(caller.fence.run, None)).await?);
    assert_eq!(suspend(bed, &caller).await?, RunState::Waiting);
    Ok((caller, bed.claim().await?))
}

async fn wait_of<E: Engine>(bed: &Bed<E>, caller: Uuid) -> Outcome<Wait> {
    bed.store.waits(caller).await?.into_iter().next().ok_or_else(|| "no wait is open".into())
}

/// The step that the caller finds when it goes on.
pub(super) async fn outcome<E: Engine>(bed: &Bed<E>, caller: &Ticket) -> Outcome<Step> {
    let again = bed.claim().await?;
    assert_eq!(again.fence.run, caller.fence.run);
    again.steps.into_iter().find(|step| step.key == "call").ok_or_else(|| "the call has not ended".into())
}

pub(super) fn how(step: &Step) -> Outcome<String> {
    assert_eq!((step.kind, step.state), (StepKind::Call, StepState::Failed));
    Ok(Unsuccessful::read(step).ok_or("not told how")?.to_string())
}

pub(crate) async fn a_call_is_stored_with_its_wait<E: Engine>(bed: Bed<E>) -> Outcome {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    let call = new_call(caller.fence.run, None);
    let (record, child) = (call.event.clone(), call.runs[0].id);
    let past = vec![fixture::failed_step("past", 0)];
    let new = NewCall { key: "call".to_owned(), due_at: Timestamp::NEVER, call };
    assert!(!bed.store.open_call(caller.fence, new, past).await?);
    assert_eq!(bed.store.event(record.id).await?, Some(record.clone()));
    assert_eq!(bed.run(child).await?.origin, OriginId::Event(record.id));
    let wait = wait_of(&bed, caller.fence.run).await?;
    assert_eq!((wait.kind, wait.call, wait.ended), (StepKind::Call, Some(record.id), None));
    assert_eq!((wait.due_at, wait.opened_at), (Timestamp::NEVER, START));
    assert_eq!(bed.store.steps(caller.fence.run).await?.len(), 1, "what it went past");
    Ok(())
}

pub(crate) async fn a_called_run_starts_at_once_where_a_place_is_free<E: Engine>(bed: Bed<E>) -> Outcome {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    let (slots, mut handed) = slots(1);
    open(&bed, caller.fence, new_call(caller.fence.run, slots.reserve())).await?;
    let (child, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    assert_eq!((child.fence.attempt, child.created_at), (1, START));
    bed.finish(&child, returned("1"), Vec::new()).await?;
    assert!(wait_of(&bed, caller.fence.run).await?.ended.is_some());
    Ok(())
}

/// As calls are made: the run has the id of the call.
fn with_one_id(mut call: NewEvent) -> NewEvent {
    for run in &mut call.runs {
        run.id = call.event.id;
    }
    call
}

pub(crate) async fn a_run_that_has_the_id_of_its_call_is_found_by_it<E: Engine>(bed: Bed<E>) -> Outcome {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    let (slots, mut handed) = slots(1);
    let call = with_one_id(new_call(caller.fence.run, slots.reserve()));
    let id = call.event.id;
    open(&bed, caller.fence, call).await?;
    let (child, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    assert_eq!((child.fence.run, child.origin.id()), (id, OriginId::Event(id)));
    let again = bed.store.replay(id).await?;
    let of_call: BTreeSet<_> = bed.runs_of_event(id).await?.iter().map(|run| run.id).collect();
    assert_eq!(of_call, BTreeSet::from([id, again]));
    assert_eq!(bed.run(id).await?.origin, OriginId::Event(id));
    bed.finish(&child, returned("1"), Vec::new()).await?;
    let ended = wait_of(&bed, caller.fence.run).await?;
    assert!(ended.ended.is_some(), "its caller is told");
    Ok(())
}

pub(crate) async fn a_caller_that_is_cancelled_takes_the_run_with_the_id_of_its_call_along<E: Engine>(
    bed: Bed<E>,
) -> Outcome {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    let call = with_one_id(new_call(caller.fence.run, None));
    let id = call.event.id;
    open(&bed, caller.fence, call).await?;
    bed.store.cancel(caller.fence.run).await?;
    assert_eq!(bed.run(id).await?.state, RunState::Cancelled);
    Ok(())
}

pub(crate) async fn who_waits_for_a_call_that_is_under_way_is_told<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(1);
    let call = with_one_id(keyed(new_call(Uuid::now_v7(), slots.reserve()), "once"));
    bed.sent(call).await?;
    let (child, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    assert!(!open(&bed, caller.fence, keyed(new_call(caller.fence.run, None), "once")).await?);
    bed.finish(&child, returned("1"), Vec::new()).await?;
    let ended = wait_of(&bed, caller.fence.run).await?;
    assert!(ended.ended.is_some());
    Ok(())
}

pub(crate) async fn the_end_of_a_called_run_ends_the_wait<E: Engine>(bed: Bed<E>) -> Outcome {
    let (caller, child) = called(&bed).await?;
    bed.clock.advance(HOUR);
    bed.finish(&child, returned(r#"{"a":1}"#), Vec::new()).await?;
    assert_eq!(bed.run(caller.fence.run).await?.state, RunState::Queued);
    let step = outcome(&bed, &caller).await?;
    assert_eq!((step.kind, step.state), (StepKind::Call, StepState::Done));
    assert_eq!(
        (step.output.as_str(), step.event),
        (r#"{"a":1}"#, Some(child.origin.id().event().ok_or("")?))
    );
    assert_eq!((step.started_at, step.finished_at), (START, START.plus(HOUR)));
    assert_eq!(bed.store.output(child.fence.run).await?.as_deref(), Some(r#"{"a":1}"#));
    Ok(())
}

pub(crate) async fn a_called_run_that_returns_nothing_returns_null<E: Engine>(bed: Bed<E>) -> Outcome {
    let (caller, child) = called(&bed).await?;
    bed.finish(&child, End::DONE, Vec::new()).await?;
    let step = outcome(&bed, &caller).await?;
    assert_eq!((step.state, step.output.as_str()), (StepState::Done, "null"));
    assert_eq!(bed.store.output(child.fence.run).await?, None);
    Ok(())
}

pub(crate) async fn a_called_run_that_goes_on_ends_no_wait<E: Engine>(bed: Bed<E>) -> Outcome {
    let (caller, mut child) = called(&bed).await?;
    bed.fail(&child).await?;
    child = bed.claim().await?;
    bed.finish(&child, End::Suspended { open: Vec::new() }, Vec::new()).await?;
    assert_eq!(bed.run(caller.fence.run).await?.state, RunState::Waiting);
    Ok(())
}

pub(crate) async fn every_end_of_a_called_run_is_told<E: Engine>(bed: Bed<E>) -> Outcome {
    let error = || "no".to_owned();
    let at = bed.clock.now();
    for (end, text) in [
        (End::Failed { error: error() }, "failed: no"),
        (End::InvalidPayload { error: error() }, "does not take its payload: no"),
        (End::Retry { error: error(), at, counted: true }, "failed: no"),
    ] {
        let (caller, mut child) = called(&bed).await?;
        let tries = if matches!(end, End::Retry { .. }) { LIMIT } else { 1 };
        for n in 1..=tries {
            bed.finish(&child, end.clone(), Vec::new()).await?;
            if n < tries {
                child = bed.claim().await?;
            }
        }
        let told = how(&outcome(&bed, &caller).await?)?;
        assert_eq!(told, format!("run {} of job `job` {text}", child.fence.run));
    }
    let (caller, child) = called(&bed).await?;
    bed.store.cancel(child.fence.run).await?;
    let told = how(&outcome(&bed, &caller).await?)?;
    assert!(told.ends_with("was cancelled"), "{told}");
    let shown = bed.store.steps(caller.fence.run).await?;
    assert!(shown.iter().any(|step| step.output == told), "a person reads a text: {shown:?}");
    Ok(())
}

fn laned(mut call: NewEvent, kind: LaneKind) -> NewEvent {
    let lanes = vec![Lane { kind, name: Cow::Borrowed("child"), key: String::new() }];
    let flow = || Some(Box::new(RunFlow { priority: 0, lanes: lanes.clone() }));
    call.runs = call.runs.into_iter().map(|run| NewRun { flow: flow(), ..run }).collect();
    call
}

pub(crate) async fn the_caller_of_a_replaced_run_is_told<E: Engine>(bed: Bed<E>) -> Outcome {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    let kind = LaneKind::Debounce { wait: HOUR, max: None };
    open(&bed, caller.fence, laned(new_call(caller.fence.run, None), kind)).await?;
    suspend(&bed, &caller).await?;
    bed.sent(laned(new_call(Uuid::now_v7(), None), kind)).await?;
    let told = how(&outcome(&bed, &caller).await?)?;
    assert!(told.contains("was superseded: run "), "{told}");
    Ok(())
}

pub(crate) async fn the_callers_of_a_batch_get_what_it_returned<E: Engine>(bed: Bed<E>) -> Outcome {
    let kind = LaneKind::Batch { size: 2, wait: HOUR };
    let mut callers = Vec::new();
    for _ in 0..2 {
        let caller = bed.claimed(delivery().runs(1).build()).await?;
        open(&bed, caller.fence, laned(new_call(caller.fence.run, None), kind)).await?;
        suspend(&bed, &caller).await?;
        callers.push(caller.fence.run);
    }
    let batch = bed.claim().await?;
    bed.finish(&batch, returned("7"), Vec::new()).await?;
    let tickets = bed.store.claim(10, bed.clock.now()).await?;
    let mut woken: Vec<_> = tickets.iter().map(|ticket| ticket.fence.run).collect();
    woken.sort_unstable();
    callers.sort_unstable();
    assert_eq!(woken, callers);
    let outputs = tickets.iter().flat_map(|ticket| &ticket.steps).map(|step| step.output.as_str());
    assert_eq!(outputs.collect::<Vec<_>>(), ["7", "7"]);
    Ok(())
}

pub(crate) async fn a_call_is_made_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    let (run, first) = (caller.fence.run, new_call(caller.fence.run, None));
    let id = first.event.id;
    open(&bed, caller.fence, first).await?;
    assert!(!open(&bed, caller.fence, new_call(run, None)).await?);
    bed.fail(&caller).await?;
    let tickets = bed.store.claim(10, bed.clock.now()).await?;
    let (caller, child) = match tickets.as_slice() {
        [a, b] if a.fence.run == run => (a, b),
        [b, a] => (a, b),
        other => return Err(format!("not the caller and one run that it called: {other:?}").into()),
    };
    assert_eq!(child.origin.id(), OriginId::Event(id));
    bed.finish(child, returned("1"), Vec::new()).await?;
    assert!(open(&bed, caller.fence, new_call(run, None)).await?, "it has ended");
    let ended = bed.store.end_wait(caller.fence, "call".to_owned(), 0).await?;
    assert_eq!((ended.state, ended.output.as_str()), (StepState::Done, "1"));
    assert!(open(&bed, caller.fence, new_call(run, None)).await?, "it is recorded");
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());
    Ok(())
}

pub(crate) async fn a_call_with_a_key_waits_for_the_first_of_its_key<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = keyed(new_call(Uuid::now_v7(), None), "k");
    let id = first.event.id;
    bed.sent(first).await?;
    let child = bed.claim().await?;
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    assert!(!open(&bed, caller.fence, keyed(new_call(caller.fence.run, None), "k")).await?);
    assert_eq!(wait_of(&bed, caller.fence.run).await?.call, Some(id));
    suspend(&bed, &caller).await?;
    bed.finish(&child, returned("1"), Vec::new()).await?;
    assert_eq!(outcome(&bed, &caller).await?.output, "1");
    let late = bed.claimed(delivery().runs(1).build()).await?;
    assert!(open(&bed, late.fence, keyed(new_call(late.fence.run, None), "k")).await?, "it ended before");
    assert_eq!(bed.store.end_wait(late.fence, "call".to_owned(), 0).await?.output, "1");
    Ok(())
}

/// A caller of what is to be called in an hour, and the event of the call.
async fn delayed<E: Engine>(bed: &Bed<E>) -> Outcome<(Ticket, Uuid)> {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    let (job, sender) = (Some("child".into()), Some(caller.fence.run));
    let call = event("call").due(START.plus(HOUR)).set(|event| (event.job, event.sender) = (job, sender));
    let call = call.build();
    let id = call.event.id;
    assert!(!open(bed, caller.fence, call).await?);
    suspend(bed, &caller).await?;
    Ok((caller, id))
}

pub(crate) async fn a_delayed_call_is_waited_for<E: Engine>(bed: Bed<E>) -> Outcome {
    let (caller, id) = delayed(&bed).await?;
    bed.clock.advance(HOUR);
    bed.store.release_events(vec![due_event(id, fixture::run(LIMIT, None))]).await?;
    let child = bed.claim().await?;
    bed.finish(&child, returned("1"), Vec::new()).await?;
    assert_eq!(outcome(&bed, &caller).await?.output, "1");
    Ok(())
}

pub(crate) async fn the_caller_of_a_cancelled_call_is_told<E: Engine>(bed: Bed<E>) -> Outcome {
    let (caller, id) = delayed(&bed).await?;
    assert!(bed.store.cancel_event(id).await?);
    let told = how(&outcome(&bed, &caller).await?)?;
    assert_eq!(told, "the call of job `child` was cancelled before its run began");
    Ok(())
}

pub(crate) async fn a_wait_for_a_called_run_ends_at_its_time<E: Engine>(bed: Bed<E>) -> Outcome {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    open_until(&bed, caller.fence, new_call(caller.fence.run, None), START.plus(HOUR)).await?;
    suspend(&bed, &caller).await?;
    let child = bed.claim().await?;
    bed.clock.advance(HOUR);
    bed.finish(&child, returned("1"), Vec::new()).await?;
    let step = outcome(&bed, &caller).await?;
    assert_eq!(step.state, StepState::TimedOut, "what comes after its time is too late");
    assert_eq!(bed.run(child.fence.run).await?.state, RunState::Done, "the called run goes on");
    Ok(())
}

pub(crate) async fn a_cancelled_caller_cancels_what_it_waits_for<E: Engine>(bed: Bed<E>) -> Outcome {
    let (caller, child) = called(&bed).await?;
    open(&bed, child.fence, new_call(child.fence.run, None)).await?;
    suspend(&bed, &child).await?;
    let grandchild = bed.claim().await?;
    bed.store.cancel(caller.fence.run).await?;
    for run in [caller, child, grandchild] {
        assert_eq!(bed.run(run.fence.run).await?.state, RunState::Cancelled);
    }
    let (caller, id) = delayed(&bed).await?;
    bed.store.cancel(caller.fence.run).await?;
    let call = bed.store.event(id).await?.ok_or("no event")?;
    assert_eq!(call.state, EventState::Cancelled);
    Ok(())
}

pub(crate) async fn who_shares_a_call_that_goes_with_its_caller_is_told<E: Engine>(bed: Bed<E>) -> Outcome {
    let later = |caller| {
        let call = event("call").key("once").due(START.plus(HOUR));
        call.set(|event| (event.job, event.sender) = (Some("child".into()), Some(caller))).build()
    };
    let first = bed.claimed(delivery().runs(1).build()).await?;
    open(&bed, first.fence, later(first.fence.run)).await?;
    let second = bed.claimed(delivery().runs(1).build()).await?;
    open(&bed, second.fence, later(second.fence.run)).await?;
    suspend(&bed, &second).await?;
    bed.store.cancel(first.fence.run).await?;
    let told = how(&outcome(&bed, &second).await?)?;
    assert_eq!(told, "the call of job `child` was cancelled before its run began");
    Ok(())
}

pub(crate) async fn a_cancelled_caller_leaves_what_others_called<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.sent(keyed(new_call(Uuid::now_v7(), None), "k")).await?;
    let child = bed.claim().await?;
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    open(&bed, caller.fence, keyed(new_call(caller.fence.run, None), "k")).await?;
    bed.store.cancel(caller.fence.run).await?;
    assert_eq!(bed.run(child.fence.run).await?.state, RunState::Running);
    Ok(())
}

pub(crate) async fn a_withdrawn_call_goes_on<E: Engine>(bed: Bed<E>) -> Outcome {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    open(&bed, caller.fence, new_call(caller.fence.run, None)).await?;
    bed.finish(&caller, End::DONE, Vec::new()).await?;
    let child = bed.claim().await?;
    bed.finish(&child, returned("1"), Vec::new()).await?;
    assert_eq!(bed.run(caller.fence.run).await?.state, RunState::Done);
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());
    Ok(())
}

pub(crate) async fn a_replay_of_a_called_run_ends_no_wait<E: Engine>(bed: Bed<E>) -> Outcome {
    let (caller, child) = called(&bed).await?;
    let replay = bed.store.replay(child.fence.run).await?;
    let ticket = bed.claim().await?;
    assert_eq!(ticket.fence.run, replay);
    bed.finish(&ticket, returned("2"), Vec::new()).await?;
    assert_eq!(bed.run(caller.fence.run).await?.state, RunState::Waiting);
    bed.finish(&child, returned("1"), Vec::new()).await?;
    assert_eq!(outcome(&bed, &caller).await?.output, "1");
    Ok(())
}

pub(crate) async fn a_stale_fence_calls_nothing<E: Engine>(bed: Bed<E>) -> Outcome {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    bed.fail(&caller).await?;
    let call =
        NewCall { key: "call".to_owned(), due_at: Timestamp::NEVER, call: new_call(caller.fence.run, None) };
    assert!(is_stale(&bed.store.open_call(caller.fence, call, Vec::new()).await));
    assert!(bed.events().await?.is_empty());
    assert_eq!(bed.claim().await?.fence.run, caller.fence.run, "the caller alone");
    Ok(())
}

pub(crate) async fn a_failed_call_is_made_again_by_a_retry<E: Engine>(bed: Bed<E>) -> Outcome {
    let (caller, child) = called(&bed).await?;
    bed.finish(&child, End::Failed { error: "no".to_owned() }, Vec::new()).await?;
    let ticket = bed.claim().await?;
    bed.finish(&ticket, End::Failed { error: "no".to_owned() }, vec![step("other", 9)]).await?;
    bed.store.retry(caller.fence.run, None).await?;
    let ticket = bed.claim().await?;
    let keys: Vec<_> = ticket.steps.iter().map(|step| step.key.as_str()).collect();
    assert_eq!(keys, ["other"], "what is done is kept, and the call is not");
    Ok(())
}

pub(crate) async fn a_run_that_is_tried_again_has_no_output<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.finish(&ticket, returned("1"), Vec::new()).await?;
    assert_eq!(bed.store.output(ticket.fence.run).await?.as_deref(), Some("1"));
    bed.store.retry(ticket.fence.run, None).await?;
    assert_eq!(bed.store.output(ticket.fence.run).await?, None);
    assert_eq!(bed.store.output(Uuid::now_v7()).await?, None);
    Ok(())
}
