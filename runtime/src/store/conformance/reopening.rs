//! What is there after the process died, and what its death counts as.

use super::bed::{delivered, is_stale};
use super::fixture::{
    HOUR, START, delivery, due_event, event, failed_step, header_list, line, run, step, trace,
};
use super::{Bed, Engine, Outcome};
use crate::store::Store;
use crate::store::event::Sent;
use crate::store::record::{Accepted, ClosedRun, End, Progress, RunState};
use crate::store::schedule::{ScheduleRecord, ScheduleTick};
use bytes::Bytes;

pub(crate) async fn everything_is_there_again<E: Engine>(bed: Bed<E>) -> Outcome {
    let headers: [(&'static str, &[u8]); 2] = [("x-b", b"\xff"), ("x-a", b"1")];
    let ticket = bed.claimed(delivery().runs(1).body("body").headers(&headers).build()).await?;
    let run = ticket.fence.run;
    bed.store.log(vec![line(run, "x")]);
    let note = trace("x");
    bed.store.trace(note.clone());
    bed.finish(&ticket, End::DONE, vec![step("a", 0)]).await?;
    let before = bed.run(run).await?;
    let bed = bed.restart().await?;
    assert_eq!(bed.run(run).await?, before);
    assert_eq!(bed.store.steps(run).await?, [step("a", 0)]);
    assert_eq!(bed.store.logs(run).await?, [line(run, "x")]);
    assert_eq!(bed.store.traces(10).await?, [note]);
    let of = delivered(&ticket)?;
    let found = bed.store.delivery(of.id).await?.ok_or("not found")?;
    assert_eq!(found.request.body(), "body");
    assert_eq!(header_list(&found.request), header_list(&of.request));
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());
    Ok(())
}

pub(crate) async fn keys_hold_over_a_restart<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = bed.stored(delivery().key("k").runs(1).build()).await?;
    let bed = bed.restart().await?;
    let repeat = bed.store.accept(delivery().key("k").runs(1).build()).await?;
    assert_eq!(repeat, Accepted::Duplicate { first, at: START, answer: None });
    Ok(())
}

pub(crate) async fn a_run_that_was_running_is_queued_with_a_crash<E: Engine>(bed: Bed<E>) -> Outcome {
    let claimed = bed.claimed(delivery().runs(1).build()).await?;
    bed.record(claimed.fence, vec![step("a", 0)]).await?;
    bed.clock.advance(HOUR);
    let bed = bed.restart().await?;
    let run = bed.run(claimed.fence.run).await?;
    assert_eq!((run.state, run.crashes, run.failures), (RunState::Queued, 1, 0));
    assert_eq!(run.due_at, START.plus(HOUR), "due at once");
    let again = bed.claim().await?;
    assert_eq!((again.fence.run, again.fence.attempt), (claimed.fence.run, 2));
    assert!(again.fence.token > claimed.fence.token);
    assert_eq!(again.steps, [step("a", 0)], "what was recorded is kept");
    Ok(())
}

pub(crate) async fn crashes_end_a_run_at_its_limit<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let run = bed.claimed(delivery().run_with_limit(2).build()).await?.fence.run;
    bed = bed.restart().await?;
    assert_eq!(bed.claim().await?.fence.run, run);
    bed.clock.advance(HOUR);
    bed = bed.restart().await?;
    let ended = bed.run(run).await?;
    assert_eq!((ended.state, ended.crashes), (RunState::Crashed, 2));
    assert_eq!(ended.finished_at, Some(START.plus(HOUR)));
    let error = ended.error.ok_or("no error")?;
    assert!(error.contains("2 times") && error.contains("process died"), "{error}");
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());
    bed = bed.restart().await?;
    assert_eq!(bed.run(run).await?.crashes, 2, "it is over");
    Ok(())
}

pub(crate) async fn progress_makes_crashes_count_from_zero<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let mut ticket = bed.claimed(delivery().run_with_limit(2).build()).await?;
    for n in 0..4 {
        bed.record(ticket.fence, vec![step(&format!("{n}"), n)]).await?;
        bed = bed.restart().await?;
        assert_eq!(bed.run(ticket.fence.run).await?.crashes, 1);
        ticket = bed.claim().await?;
    }
    bed.record(ticket.fence, vec![failed_step("x", 9)]).await?;
    bed = bed.restart().await?;
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Crashed);
    Ok(())
}

pub(crate) async fn failures_and_crashes_are_counted_apart<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().run_with_limit(2).build()).await?;
    assert_eq!(bed.fail(&ticket).await?, ClosedRun { state: RunState::Queued, failures: 1 });
    bed.claim().await?;
    bed = bed.restart().await?;
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.state, run.failures, run.crashes), (RunState::Queued, 1, 1));
    assert_eq!(bed.claim().await?.failures, 1);
    Ok(())
}

pub(crate) async fn a_released_run_has_not_crashed<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().run_with_limit(1).build()).await?;
    bed.store.release(vec![ticket.fence]).await?;
    bed = bed.restart().await?;
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.state, run.crashes), (RunState::Queued, 0));
    Ok(())
}

pub(crate) async fn a_parked_run_is_tried_again<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().run_with_limit(1).build()).await?;
    bed.finish(&ticket, End::Parked, Vec::new()).await?;
    bed.clock.advance(HOUR);
    bed = bed.restart().await?;
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.state, run.crashes, run.failures), (RunState::Queued, 0, 0));
    assert_eq!(run.due_at, START.plus(HOUR));
    assert_eq!(bed.claim().await?.fence.run, ticket.fence.run);
    Ok(())
}

pub(crate) async fn a_run_that_waits_keeps_its_time<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let at = START.plus(HOUR * 5);
    bed.finish(&ticket, End::Retry { error: "no".to_owned(), at, counted: true }, Vec::new()).await?;
    bed.clock.advance(HOUR);
    bed = bed.restart().await?;
    assert_eq!(bed.store.next_due().await?, Some(at));
    assert_eq!(bed.run(ticket.fence.run).await?.crashes, 0);
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());
    Ok(())
}

pub(crate) async fn a_fence_of_an_earlier_owner_is_stale<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let fence = bed.claimed(delivery().runs(1).build()).await?.fence;
    bed = bed.restart().await?;
    assert!(is_stale(&bed.record(fence, vec![step("a", 0)]).await));
    bed.claim().await?;
    assert!(is_stale(&bed.record(fence, vec![step("a", 0)]).await));
    assert!(is_stale(&bed.store.finish(fence, End::DONE, Progress::default()).await));
    assert!(bed.store.steps(fence.run).await?.is_empty());
    Ok(())
}

pub(crate) async fn logs_go_on_after_a_restart<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let run = bed.claimed(delivery().runs(1).build()).await?.fence.run;
    bed.store.log(vec![line(run, "z"), line(run, "y")]);
    bed = bed.restart().await?;
    bed.store.log(vec![line(run, "a")]);
    bed.store.flush().await?;
    assert_eq!(bed.store.logs(run).await?, [line(run, "z"), line(run, "y"), line(run, "a")]);
    Ok(())
}

pub(crate) async fn a_second_restart_counts_again<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let run = bed.claimed(delivery().runs(1).build()).await?.fence.run;
    bed = bed.restart().await?;
    // Queued, not running, when the process dies again.
    bed = bed.restart().await?;
    assert_eq!(bed.run(run).await?.crashes, 1);
    bed.claim().await?;
    bed = bed.restart().await?;
    assert_eq!(bed.run(run).await?.crashes, 2);
    Ok(())
}

pub(crate) async fn events_hold_over_a_restart<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("a").key("k").runs(1).build();
    let written = new.event.clone();
    bed.sent(new).await?;
    let bed = bed.restart().await?;
    assert_eq!(bed.store.event(written.id).await?, Some(written.clone()));
    let repeat = bed.sent(event("a").key("k").runs(1).build()).await?;
    assert_eq!(repeat, Sent::Duplicate { first: written.id });
    assert_eq!(bed.claim().await?.origin.event(), Some(&written));
    Ok(())
}

pub(crate) async fn a_pending_event_waits_over_a_restart<E: Engine>(bed: Bed<E>) -> Outcome {
    let at = START.plus(HOUR);
    let new = event("a").due(at).build();
    let id = new.event.id;
    bed.sent(new).await?;
    let bed = bed.restart().await?;
    assert_eq!(bed.store.next_timer().await?, Some(at));
    bed.clock.advance(HOUR);
    let due = bed.store.due_events(10, bed.clock.now()).await?;
    assert_eq!(due.iter().map(|event| event.id).collect::<Vec<_>>(), [id]);
    bed.store.release_events(vec![due_event(id, run(3, None))]).await?;
    assert_eq!(bed.claim().await?.origin.event().map(|event| event.id), Some(id));
    Ok(())
}

pub(crate) async fn schedules_go_on_after_a_restart<E: Engine>(bed: Bed<E>) -> Outcome {
    let schedule = ScheduleRecord {
        dynamic: true,
        id: "a".to_owned(),
        job: "job".to_owned(),
        timing: "every: 60000000".to_owned(),
        payload: Bytes::from_static(b"{}"),
        last_at: Some(START),
        next_at: START.plus(HOUR),
    };
    bed.store.put_schedule(schedule.clone()).await?;
    let bed = bed.restart().await?;
    assert_eq!(bed.store.schedules().await?, std::slice::from_ref(&schedule));
    assert_eq!(bed.store.next_timer().await?, Some(schedule.next_at));
    let events = vec![event("tick").key("1").build()];
    let tick = ScheduleTick { schedule, last_at: None, next_at: START, events };
    assert!(bed.store.tick(tick).await?);
    let bed = bed.restart().await?;
    assert_eq!(bed.events().await?.len(), 1);
    Ok(())
}
