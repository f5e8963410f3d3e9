//! How executions end, what is counted, and who may write.

use super::bed::is_stale;
use super::fixture::{HOUR, LIMIT, START, about, delivery, failed_step, failing_step, step};
use super::{Bed, Engine, Outcome};
use crate::store::record::{ClosedRun, End, Fence, RunState};
use crate::store::{Step, StepState, Store};
use std::time::Duration;
use uuid::Uuid;

fn failed() -> End {
    End::Failed { error: "broken".to_owned() }
}

async fn ends_as<E: Engine>(bed: Bed<E>, end: End, state: RunState, error: Option<&str>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.clock.advance(HOUR);
    let closed = bed.finish(&ticket, end, vec![step("a", 0)]).await?;
    assert_eq!(closed, ClosedRun { state, failures: 0 });
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.state, run.error.as_deref()), (state, error));
    assert_eq!(run.finished_at, Some(START.plus(HOUR)));
    assert_eq!(bed.store.steps(run.id).await?, [step("a", 0)], "recorded in the same write");
    bed.clock.advance(HOUR * 1000);
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());
    assert_eq!(bed.store.next_due().await?, None);
    Ok(())
}

pub(crate) async fn a_run_that_is_done_is_final<E: Engine>(bed: Bed<E>) -> Outcome {
    ends_as(bed, End::DONE, RunState::Done, None).await
}

pub(crate) async fn an_end_is_written_whether_or_not_it_is_waited_for<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let end = bed.store.finish(ticket.fence, End::DONE, Vec::new().into());
    bed.store.flush().await?;
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Done);
    assert_eq!(end.await?, ClosedRun { state: RunState::Done, failures: 0 });
    Ok(())
}

pub(crate) async fn a_run_that_failed_is_final<E: Engine>(bed: Bed<E>) -> Outcome {
    ends_as(bed, failed(), RunState::Failed, Some("broken")).await
}

pub(crate) async fn a_payload_that_does_not_decode_is_final<E: Engine>(bed: Bed<E>) -> Outcome {
    let end = End::InvalidPayload { error: "at .a: expected u8".to_owned() };
    ends_as(bed, end, RunState::InvalidPayload, Some("at .a: expected u8")).await
}

pub(crate) async fn a_retry_waits_for_its_time<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let at = START.plus(HOUR);
    let closed =
        bed.finish(&ticket, End::Retry { error: "no".to_owned(), at, counted: true }, Vec::new()).await?;
    assert_eq!(closed, ClosedRun { state: RunState::Queued, failures: 1 });
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.state, run.due_at, run.finished_at), (RunState::Queued, at, None));
    assert_eq!((run.failures, run.error.as_deref()), (1, Some("no")));
    Ok(())
}

pub(crate) async fn the_limit_ends_a_run<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut ticket = bed.claimed(delivery().runs(1).build()).await?;
    for failures in 1..LIMIT {
        assert_eq!(bed.fail(&ticket).await?, ClosedRun { state: RunState::Queued, failures });
        ticket = bed.claim().await?;
        assert_eq!(ticket.failures, failures);
    }
    assert_eq!(bed.fail(&ticket).await?, ClosedRun { state: RunState::Failed, failures: LIMIT });
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.attempt, run.error.as_deref()), (LIMIT, Some("no")));
    assert_eq!(run.finished_at, Some(START));
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());

    let once = bed.claimed(delivery().run_with_limit(1).build()).await?;
    assert_eq!(bed.fail(&once).await?, ClosedRun { state: RunState::Failed, failures: 1 });
    Ok(())
}

pub(crate) async fn progress_makes_failures_count_from_zero<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut ticket = bed.claimed(delivery().run_with_limit(2).build()).await?;
    for n in 0..5 {
        bed.record(ticket.fence, vec![step(&format!("step {n}"), n)]).await?;
        assert_eq!(bed.run(ticket.fence.run).await?.failures, 0);
        assert_eq!(bed.fail(&ticket).await?, ClosedRun { state: RunState::Queued, failures: 1 });
        ticket = bed.claim().await?;
    }
    assert_eq!(bed.fail(&ticket).await?, ClosedRun { state: RunState::Failed, failures: 2 });
    Ok(())
}

pub(crate) async fn a_failed_step_is_no_progress<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = bed.claimed(delivery().run_with_limit(2).build()).await?;
    bed.fail(&first).await?;
    let second = bed.claim().await?;
    bed.record(second.fence, vec![failed_step("a", 0)]).await?;
    bed.record(second.fence, Vec::new()).await?;
    assert_eq!(bed.run(second.fence.run).await?.failures, 1);
    assert_eq!(bed.fail(&second).await?, ClosedRun { state: RunState::Failed, failures: 2 });
    Ok(())
}

pub(crate) async fn progress_in_the_last_write_counts_first<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = bed.claimed(delivery().run_with_limit(2).build()).await?;
    bed.fail(&first).await?;
    let second = bed.claim().await?;
    let end = End::Retry { error: "no".to_owned(), at: bed.clock.now(), counted: true };
    let steps = vec![failed_step("a", 0), step("b", 1)];
    let closed = bed.finish(&second, end, steps).await?;
    assert_eq!(closed, ClosedRun { state: RunState::Queued, failures: 1 });
    Ok(())
}

pub(crate) async fn a_release_counts_as_nothing<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().run_with_limit(1).build()).await?;
    bed.clock.advance(HOUR);
    bed.store.release(vec![ticket.fence]).await?;
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.state, run.failures, run.crashes), (RunState::Queued, 0, 0));
    assert_eq!(run.due_at, START.plus(HOUR), "due at once");
    let again = bed.claim().await?;
    assert_eq!(bed.finish(&again, End::DONE, Vec::new()).await?.state, RunState::Done);
    Ok(())
}

pub(crate) async fn a_parked_run_is_not_claimed<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let closed = bed.finish(&ticket, End::Parked, Vec::new()).await?;
    assert_eq!(closed, ClosedRun { state: RunState::Parked, failures: 0 });
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.state, run.finished_at), (RunState::Parked, None));
    bed.clock.advance(HOUR);
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());
    assert_eq!(bed.store.next_due().await?, None);
    Ok(())
}

pub(crate) async fn the_last_error_is_kept<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = bed.claimed(delivery().runs(1).build()).await?;
    bed.fail(&first).await?;
    let second = bed.claim().await?;
    bed.finish(&second, End::DONE, Vec::new()).await?;
    assert_eq!(bed.run(first.fence.run).await?.error.as_deref(), Some("no"));
    Ok(())
}

/// Every write with this fence is refused, and the run stays as it is.
async fn is_refused<E: Engine>(bed: &Bed<E>, fence: Fence) -> Outcome {
    let before = bed.store.runs(Default::default()).await?;
    let steps_before = bed.store.steps(fence.run).await?;
    assert!(is_stale(&bed.record(fence, vec![step("stale", 9)]).await));
    assert!(is_stale(&bed.record(fence, Vec::new()).await));
    assert!(is_stale(&bed.store.forget_failure(fence, "a".to_owned()).await));
    let retry = End::Retry { error: "stale".to_owned(), at: START, counted: true };
    for end in [End::DONE, failed(), retry, End::Parked] {
        assert!(is_stale(&bed.store.finish(fence, end, vec![step("stale", 9)].into()).await));
    }
    bed.store.release(vec![fence]).await?;
    assert_eq!(bed.store.runs(Default::default()).await?, before);
    assert_eq!(bed.store.steps(fence.run).await?, steps_before);
    Ok(())
}

pub(crate) async fn a_failure_that_is_forgotten_is_gone<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let all = vec![step("a", 0), failed_step("b", 1), failed_step("bb", 2), step("c", 3)];
    bed.record(ticket.fence, all).await?;
    bed.store.forget_failure(ticket.fence, "b".to_owned()).await?;
    bed.store.forget_failure(ticket.fence, "c".to_owned()).await?;
    let kept = [step("a", 0), failed_step("bb", 2), step("c", 3)];
    assert_eq!(bed.store.steps(ticket.fence.run).await?, kept, "outputs stay, and so do other failures");
    Ok(())
}

pub(crate) async fn a_forgotten_failure_takes_those_inside_it_along<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let all = vec![step("a/x", 0), failed_step("a/y", 1), failed_step("a", 2)];
    bed.record(ticket.fence, all).await?;
    bed.store.forget_failure(ticket.fence, "a".to_owned()).await?;
    assert_eq!(bed.store.steps(ticket.fence.run).await?, [step("a/x", 0)]);
    Ok(())
}

pub(crate) async fn a_write_after_the_end_is_stale<E: Engine>(bed: Bed<E>) -> Outcome {
    for end in [
        End::DONE,
        failed(),
        End::Parked,
        End::Retry { error: String::new(), at: START.plus(HOUR), counted: true },
    ] {
        let ticket = bed.claimed(delivery().runs(1).build()).await?;
        bed.finish(&ticket, end, Vec::new()).await?;
        is_refused(&bed, ticket.fence).await?;
    }
    Ok(())
}

pub(crate) async fn a_write_after_a_release_is_stale<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.release(vec![first.fence]).await?;
    is_refused(&bed, first.fence).await?;
    let second = bed.claim().await?;
    is_refused(&bed, first.fence).await?;
    bed.finish(&second, End::DONE, Vec::new()).await?;
    Ok(())
}

pub(crate) async fn a_write_with_another_token_or_attempt_is_stale<E: Engine>(bed: Bed<E>) -> Outcome {
    let Fence { run, attempt, token } = bed.claimed(delivery().runs(1).build()).await?.fence;
    for (attempt, token) in [(attempt + 1, token), (attempt, token + 1), (0, token), (attempt, u64::MAX)] {
        is_refused(&bed, Fence { run, attempt, token }).await?;
    }
    bed.record(Fence { run, attempt, token }, vec![step("a", 0)]).await?;
    Ok(())
}

pub(crate) async fn a_write_to_an_unknown_run_is_stale<E: Engine>(bed: Bed<E>) -> Outcome {
    is_refused(&bed, Fence { run: Uuid::now_v7(), attempt: 1, token: 1 }).await
}

pub(crate) async fn a_stale_write_writes_nothing<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    // Sent together: the second must not gain from the first's transaction.
    let ends =
        [End::DONE, failed()].map(|end| bed.store.finish(ticket.fence, end, vec![step("a", 0)].into()));
    let [first, second] = ends;
    assert_eq!(first.await?.state, RunState::Done);
    assert!(is_stale(&second.await));
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Done);
    assert_eq!(bed.store.steps(ticket.fence.run).await?.len(), 1);
    Ok(())
}

pub(crate) async fn a_stale_fence_among_others_is_skipped<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.stored(delivery().runs(3).build()).await?;
    let tickets = bed.store.claim(3, bed.clock.now()).await?;
    let done = tickets.get(1).ok_or("too few")?;
    bed.finish(done, End::DONE, Vec::new()).await?;
    bed.store.release(tickets.iter().map(|ticket| ticket.fence).collect()).await?;
    let again = bed.store.claim(3, bed.clock.now()).await?;
    assert_eq!(again.len(), 2);
    assert_eq!(bed.run(done.fence.run).await?.state, RunState::Done);
    Ok(())
}

pub(crate) async fn a_recorded_step_stays_as_it_is<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.record(ticket.fence, vec![step("a", 0)]).await?;
    bed.record(ticket.fence, vec![failed_step("a", 0), step("b", 1)]).await?;
    assert_eq!(bed.store.steps(ticket.fence.run).await?, [step("a", 0), step("b", 1)]);
    Ok(())
}

pub(crate) async fn steps_come_back_whole_and_in_order<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let run = ticket.fence.run;
    let mut late = step("a/é/\u{0}", 2);
    late.finished_at = START.plus(Duration::from_secs(1));
    late.state = StepState::Failed;
    late.output = "x".repeat(100_000);
    late.attempt = 7;
    bed.record(ticket.fence, vec![late.clone(), step("b", 1)]).await?;
    bed.record(ticket.fence, vec![step("z", 0)]).await?;
    assert_eq!(bed.store.steps(run).await?, [step("z", 0), step("b", 1), late]);
    assert!(bed.store.steps(Uuid::now_v7()).await?.is_empty());
    Ok(())
}

pub(crate) async fn a_failure_that_ended_an_execution_is_replaced_by_what_comes_next<E: Engine>(
    bed: Bed<E>,
) -> Outcome {
    let first = bed.claimed(delivery().runs(1).build()).await?;
    let again = End::Retry { error: "no".to_owned(), at: bed.clock.now(), counted: true };
    bed.finish(&first, again, vec![failing_step("a", 0, 1)]).await?;
    let second = bed.claim().await?;
    assert_eq!(second.steps, [failing_step("a", 0, 1)], "the next execution knows how often it failed");
    assert_eq!(second.failures, 1, "it is no progress");
    bed.store.record(second.fence, vec![step("a", 0)].into()).await?;
    assert_eq!(bed.store.steps(second.fence.run).await?, [step("a", 0)]);
    bed.store.record(second.fence, vec![failing_step("a", 0, 2)].into()).await?;
    assert_eq!(bed.store.steps(second.fence.run).await?, [step("a", 0)], "an output stays");
    Ok(())
}

pub(crate) async fn a_retry_that_is_not_counted_reaches_no_limit<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut ticket = bed.claimed(delivery().run_with_limit(1).build()).await?;
    for _ in 0..3 {
        let again = End::Retry { error: "no".to_owned(), at: bed.clock.now(), counted: false };
        let closed = bed.finish(&ticket, again, Vec::new()).await?;
        assert_eq!(closed, ClosedRun { state: RunState::Queued, failures: 0 });
        ticket = bed.claim().await?;
    }
    Ok(())
}

pub(crate) async fn what_is_shown_of_a_step_is_kept<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let told = Step { about: Some(about()), failures: 2, event: Some(Uuid::now_v7()), ..step("a", 0) };
    bed.store.record(ticket.fence, vec![told.clone()].into()).await?;
    assert_eq!(bed.store.steps(ticket.fence.run).await?, [told]);
    Ok(())
}

pub(crate) async fn a_redacted_output_is_shown_to_nobody_but_the_run<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let output = r#"{"card":4242,"ok":true}"#.to_owned();
    let secret = Step { about: Some(about()), output: output.clone(), ..step("a", 0) };
    bed.store.record(ticket.fence, vec![secret].into()).await?;
    let shown = bed.store.steps(ticket.fence.run).await?;
    assert_eq!(shown.first().ok_or("none")?.output, r#"{"card":"***","ok":true}"#);
    bed.fail(&ticket).await?;
    assert_eq!(bed.claim().await?.steps.first().ok_or("none")?.output, output);
    Ok(())
}
