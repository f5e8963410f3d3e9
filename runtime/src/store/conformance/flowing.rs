//! Lanes: concurrency, order, rates, debouncing, batches, priorities, hooks.

use super::bed::{Bed, Engine, Outcome, is_stale};
use super::fixture::{self, HOUR};
use crate::store::flow::{Lane, LaneKind, LaneLimit, RunFlow};
use crate::store::record::{End, NewDelivery, NewRun, Progress, RunHooks, RunState, Ticket};
use crate::store::{CancelKey, OriginId, RunQuery, Store};
use std::borrow::Cow;
use std::time::Duration;
use uuid::Uuid;

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn lane(kind: LaneKind, key: &str) -> Lane {
    Lane { kind, name: Cow::Borrowed("job"), key: key.to_owned() }
}

pub(super) fn concurrency(limit: u32, key: &str) -> Lane {
    lane(LaneKind::Concurrency { limit }, key)
}

fn rate(limit: u32) -> Lane {
    lane(LaneKind::Rate { limit, per: HOUR }, "")
}

fn debounce(wait: u64, max: Option<u64>) -> Lane {
    let seconds = Duration::from_secs;
    lane(LaneKind::Debounce { wait: seconds(wait), max: max.map(seconds) }, "")
}

pub(super) fn batch(size: u32) -> Lane {
    lane(LaneKind::Batch { size, wait: SECOND }, "")
}

/// A delivery with one run of these lanes.
pub(super) fn with(lanes: Vec<Lane>) -> NewDelivery {
    with_priority(0, lanes)
}

fn with_priority(priority: i32, lanes: Vec<Lane>) -> NewDelivery {
    let flow = Some(Box::new(RunFlow { priority, lanes }));
    let mut new = fixture::delivery().build();
    new.runs.push(NewRun { flow, ..fixture::run(fixture::LIMIT, None) });
    new
}

/// Stores a delivery and returns the id of its run.
pub(super) async fn store<E: Engine>(bed: &Bed<E>, new: NewDelivery) -> Outcome<Uuid> {
    let run = new.runs.first().map(|run| run.id).ok_or("no run")?;
    bed.stored(new).await?;
    Ok(run)
}

pub(super) async fn claim<E: Engine>(bed: &Bed<E>) -> Outcome<Vec<Ticket>> {
    Ok(bed.store.claim(100, bed.clock.now()).await?)
}

pub(super) fn ids(tickets: &[Ticket]) -> Vec<Uuid> {
    tickets.iter().map(|ticket| ticket.fence.run).collect()
}

pub(super) async fn done<E: Engine>(bed: &Bed<E>, ticket: &Ticket) -> Outcome {
    bed.finish(ticket, End::DONE, Vec::new()).await?;
    Ok(())
}

pub(super) async fn state<E: Engine>(bed: &Bed<E>, run: Uuid) -> Outcome<RunState> {
    Ok(bed.run(run).await?.state)
}

pub(crate) async fn no_more_than_the_limit_execute_at_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut runs = Vec::new();
    for _ in 0..5 {
        runs.push(store(&bed, with(vec![concurrency(2, "")])).await?);
    }
    let first = claim(&bed).await?;
    assert_eq!(ids(&first), runs[..2]);
    assert_eq!(state(&bed, runs[2]).await?, RunState::Blocked);
    assert!(claim(&bed).await?.is_empty(), "no place is free");
    done(&bed, &first[0]).await?;
    let second = claim(&bed).await?;
    assert_eq!(ids(&second), runs[2..3], "the one that waits longest gets the place");
    done(&bed, &first[1]).await?;
    done(&bed, &second[0]).await?;
    assert_eq!(ids(&claim(&bed).await?), runs[3..]);
    Ok(())
}

pub(crate) async fn each_key_has_its_own_places<E: Engine>(bed: Bed<E>) -> Outcome {
    let a = store(&bed, with(vec![concurrency(1, "a")])).await?;
    let blocked = store(&bed, with(vec![concurrency(1, "a")])).await?;
    let b = store(&bed, with(vec![concurrency(1, "b")])).await?;
    assert_eq!(ids(&claim(&bed).await?), [a, b]);
    assert_eq!(state(&bed, blocked).await?, RunState::Blocked);
    Ok(())
}

pub(crate) async fn jobs_share_a_limit_by_its_name<E: Engine>(bed: Bed<E>) -> Outcome {
    let shared = Lane { name: Cow::Borrowed("=api"), ..concurrency(1, "") };
    let first = store(&bed, with(vec![shared.clone()])).await?;
    let mut other = with(vec![shared]);
    for run in &mut other.runs {
        run.job = "other";
    }
    let second = store(&bed, other).await?;
    let tickets = claim(&bed).await?;
    assert_eq!(ids(&tickets), [first]);
    done(&bed, &tickets[0]).await?;
    assert_eq!(ids(&claim(&bed).await?), [second]);
    Ok(())
}

pub(crate) async fn a_run_needs_a_place_in_each_of_its_lanes<E: Engine>(bed: Bed<E>) -> Outcome {
    let both = || vec![concurrency(1, "a"), concurrency(1, "b")];
    let first = store(&bed, with(both())).await?;
    let second = store(&bed, with(both())).await?;
    let only_b = store(&bed, with(vec![concurrency(1, "b")])).await?;
    let tickets = claim(&bed).await?;
    assert_eq!(ids(&tickets), [first]);
    done(&bed, &tickets[0]).await?;
    let tickets = claim(&bed).await?;
    assert_eq!(tickets.len(), 1, "one place in `b`");
    done(&bed, &tickets[0]).await?;
    let last = claim(&bed).await?;
    assert_eq!(last.len(), 1, "nobody is forgotten");
    let mut all = [ids(&tickets), ids(&last)].concat();
    all.sort_unstable();
    let mut wanted = vec![second, only_b];
    wanted.sort_unstable();
    assert_eq!(all, wanted);
    Ok(())
}

pub(crate) async fn a_run_that_waits_for_its_next_attempt_takes_no_place<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = store(&bed, with(vec![concurrency(1, "")])).await?;
    let second = store(&bed, with(vec![concurrency(1, "")])).await?;
    let tickets = claim(&bed).await?;
    assert_eq!(ids(&tickets), [first]);
    bed.fail(&tickets[0]).await?;
    bed.clock.advance(SECOND);
    // The place went to the one that waited for it.
    let tickets = claim(&bed).await?;
    assert_eq!(ids(&tickets), [second]);
    assert_eq!(state(&bed, first).await?, RunState::Blocked);
    done(&bed, &tickets[0]).await?;
    assert_eq!(ids(&claim(&bed).await?), [first]);
    Ok(())
}

pub(crate) async fn a_released_run_gives_its_place_back<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = store(&bed, with(vec![concurrency(1, "")])).await?;
    let tickets = claim(&bed).await?;
    bed.store.release(vec![tickets[0].fence]).await?;
    assert_eq!(ids(&claim(&bed).await?), [first]);
    Ok(())
}

pub(crate) async fn a_cancelled_run_gives_its_place_back<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = store(&bed, with(vec![concurrency(1, "")])).await?;
    let second = store(&bed, with(vec![concurrency(1, "")])).await?;
    let third = store(&bed, with(vec![concurrency(1, "")])).await?;
    assert_eq!(ids(&claim(&bed).await?), [first]);
    bed.store.cancel(second).await?;
    bed.store.cancel(first).await?;
    assert_eq!(ids(&claim(&bed).await?), [third], "the one that was cancelled while it waited has no place");
    Ok(())
}

pub(crate) async fn a_place_that_was_promised_is_not_lost_with_its_run<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = store(&bed, with(vec![concurrency(1, "")])).await?;
    let second = store(&bed, with(vec![concurrency(1, "")])).await?;
    let third = store(&bed, with(vec![concurrency(1, "")])).await?;
    let tickets = claim(&bed).await?;
    assert_eq!(ids(&tickets), [first]);
    done(&bed, &tickets[0]).await?;
    // The second has the place now, and has not been claimed.
    bed.store.cancel(second).await?;
    assert_eq!(ids(&claim(&bed).await?), [third]);
    Ok(())
}

pub(crate) async fn a_limit_that_is_raised_lets_those_that_wait_start<E: Engine>(bed: Bed<E>) -> Outcome {
    for _ in 0..4 {
        store(&bed, with(vec![concurrency(1, "")])).await?;
    }
    assert_eq!(claim(&bed).await?.len(), 1);
    let raised = LaneLimit { kind: LaneKind::Concurrency { limit: 3 }, name: Cow::Borrowed("job") };
    bed.store.set_limits(vec![raised]).await?;
    assert_eq!(claim(&bed).await?.len(), 2);
    Ok(())
}

pub(crate) async fn a_limit_that_is_lowered_holds_for_those_that_wait<E: Engine>(bed: Bed<E>) -> Outcome {
    for _ in 0..4 {
        store(&bed, with(vec![concurrency(2, "")])).await?;
    }
    let tickets = claim(&bed).await?;
    assert_eq!(tickets.len(), 2);
    let lowered = LaneLimit { kind: LaneKind::Concurrency { limit: 1 }, name: Cow::Borrowed("job") };
    bed.store.set_limits(vec![lowered]).await?;
    done(&bed, &tickets[0]).await?;
    assert!(claim(&bed).await?.is_empty());
    done(&bed, &tickets[1]).await?;
    assert_eq!(claim(&bed).await?.len(), 1);
    Ok(())
}

pub(crate) async fn fifo_runs_in_the_order_of_storing<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(store(&bed, with(vec![lane(LaneKind::Fifo, "k")])).await?);
        // A clock that is set back changes no order.
        bed.clock.set_back(SECOND);
    }
    bed.clock.advance(HOUR);
    for run in runs {
        let tickets = claim(&bed).await?;
        assert_eq!(ids(&tickets), [run]);
        done(&bed, &tickets[0]).await?;
    }
    Ok(())
}

pub(crate) async fn fifo_waits_for_the_attempts_of_the_one_before<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = store(&bed, with(vec![lane(LaneKind::Fifo, "k")])).await?;
    let second = store(&bed, with(vec![lane(LaneKind::Fifo, "k")])).await?;
    for _ in 1..fixture::LIMIT {
        let tickets = claim(&bed).await?;
        assert_eq!(ids(&tickets), [first]);
        bed.fail(&tickets[0]).await?;
    }
    let tickets = claim(&bed).await?;
    assert_eq!(bed.fail(&tickets[0]).await?.state, RunState::Failed);
    assert_eq!(ids(&claim(&bed).await?), [second]);
    Ok(())
}

pub(crate) async fn fifo_goes_on_past_one_that_is_cancelled<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = store(&bed, with(vec![lane(LaneKind::Fifo, "k")])).await?;
    let second = store(&bed, with(vec![lane(LaneKind::Fifo, "k")])).await?;
    let third = store(&bed, with(vec![lane(LaneKind::Fifo, "k")])).await?;
    bed.store.cancel(second).await?;
    bed.store.cancel(first).await?;
    assert_eq!(ids(&claim(&bed).await?), [third]);
    Ok(())
}

pub(crate) async fn fifo_is_for_each_key<E: Engine>(bed: Bed<E>) -> Outcome {
    let a = store(&bed, with(vec![lane(LaneKind::Fifo, "a")])).await?;
    store(&bed, with(vec![lane(LaneKind::Fifo, "a")])).await?;
    let b = store(&bed, with(vec![lane(LaneKind::Fifo, "b")])).await?;
    assert_eq!(ids(&claim(&bed).await?), [a, b]);
    Ok(())
}

pub(crate) async fn a_rate_holds_over_every_window<E: Engine>(bed: Bed<E>) -> Outcome {
    for _ in 0..7 {
        store(&bed, with(vec![rate(2)])).await?;
    }
    assert_eq!(claim(&bed).await?.len(), 2);
    bed.clock.advance(HOUR / 2);
    assert!(claim(&bed).await?.is_empty());
    assert_eq!(bed.store.next_due().await?, Some(fixture::START.plus(HOUR)));
    bed.clock.advance(HOUR / 2);
    assert_eq!(claim(&bed).await?.len(), 2);
    // Two started at one hour, so none before two.
    bed.clock.advance(HOUR - SECOND);
    assert!(claim(&bed).await?.is_empty());
    bed.clock.advance(SECOND);
    assert_eq!(claim(&bed).await?.len(), 2);
    Ok(())
}

pub(crate) async fn a_rate_counts_attempts_and_not_what_goes_on<E: Engine>(bed: Bed<E>) -> Outcome {
    store(&bed, with(vec![rate(2)])).await?;
    let tickets = claim(&bed).await?;
    bed.store.release(vec![tickets[0].fence]).await?;
    let tickets = claim(&bed).await?;
    assert_eq!(tickets.len(), 1, "one that was given back at shutdown goes on");
    bed.fail(&tickets[0]).await?;
    let tickets = claim(&bed).await?;
    assert_eq!(tickets.len(), 1, "the second start");
    bed.fail(&tickets[0]).await?;
    assert!(claim(&bed).await?.is_empty(), "a third would be one too many");
    bed.clock.advance(HOUR);
    assert_eq!(claim(&bed).await?.len(), 1);
    Ok(())
}

pub(crate) async fn a_rate_is_forgotten_when_it_counts_no_more<E: Engine>(bed: Bed<E>) -> Outcome {
    store(&bed, with(vec![rate(2)])).await?;
    let tickets = claim(&bed).await?;
    done(&bed, &tickets[0]).await?;
    assert_eq!(bed.store.next_due().await?, Some(fixture::START.plus(HOUR)));
    bed.clock.advance(HOUR);
    assert!(claim(&bed).await?.is_empty());
    assert_eq!(bed.store.next_due().await?, None, "nothing is left to look at");
    Ok(())
}

pub(crate) async fn of_those_put_off_the_last_runs<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = store(&bed, with(vec![debounce(5, None)])).await?;
    bed.clock.advance(SECOND * 4);
    let last = store(&bed, with(vec![debounce(5, None)])).await?;
    assert_eq!(state(&bed, first).await?, RunState::Superseded);
    let error = bed.run(first).await?.error.unwrap_or_default();
    assert!(error.contains(&last.to_string()), "{error}");
    bed.clock.advance(SECOND * 4);
    assert!(claim(&bed).await?.is_empty());
    bed.clock.advance(SECOND);
    let tickets = claim(&bed).await?;
    assert_eq!(ids(&tickets), [last]);
    let next = store(&bed, with(vec![debounce(5, None)])).await?;
    assert_eq!(state(&bed, last).await?, RunState::Running, "what has started is not replaced");
    done(&bed, &tickets[0]).await?;
    bed.clock.advance(SECOND * 5);
    assert_eq!(ids(&claim(&bed).await?), [next]);
    Ok(())
}

pub(crate) async fn putting_off_has_an_end<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut last = Uuid::nil();
    for _ in 0..4 {
        last = store(&bed, with(vec![debounce(5, Some(10))])).await?;
        bed.clock.advance(SECOND * 3);
    }
    assert_eq!(ids(&claim(&bed).await?), [last], "12 seconds after the first");
    Ok(())
}

pub(crate) async fn a_full_batch_starts_at_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut new = Vec::new();
    for _ in 0..4 {
        let delivery = with(vec![batch(3)]);
        let id = delivery.id;
        new.push((store(&bed, delivery).await?, id));
    }
    let tickets = claim(&bed).await?;
    assert_eq!(ids(&tickets), [new[0].0]);
    let others: Vec<_> = tickets[0].batch.iter().map(|member| member.origin.id()).collect();
    assert_eq!(others, [OriginId::Delivery(new[1].1), OriginId::Delivery(new[2].1)]);
    assert_eq!(state(&bed, new[1].0).await?, RunState::Batched);
    assert_eq!(state(&bed, new[3].0).await?, RunState::Queued, "the next batch has begun");
    done(&bed, &tickets[0]).await?;
    for (run, _) in &new[..3] {
        assert_eq!(state(&bed, *run).await?, RunState::Done);
    }
    Ok(())
}

pub(crate) async fn a_batch_starts_when_its_first_has_waited<E: Engine>(bed: Bed<E>) -> Outcome {
    let leader = store(&bed, with(vec![batch(3)])).await?;
    store(&bed, with(vec![batch(3)])).await?;
    assert!(claim(&bed).await?.is_empty());
    bed.clock.advance(SECOND);
    let tickets = claim(&bed).await?;
    assert_eq!(ids(&tickets), [leader]);
    assert_eq!(tickets[0].batch.len(), 1);
    store(&bed, with(vec![batch(3)])).await?;
    bed.store.release(vec![tickets[0].fence]).await?;
    let again = claim(&bed).await?;
    assert_eq!(again[0].batch.len(), 1, "what came after the start is another batch");
    Ok(())
}

pub(crate) async fn a_batch_fails_and_is_tried_again_as_a_whole<E: Engine>(bed: Bed<E>) -> Outcome {
    let leader = store(&bed, with(vec![batch(2)])).await?;
    let member = store(&bed, with(vec![batch(2)])).await?;
    let tickets = claim(&bed).await?;
    bed.finish(&tickets[0], End::Failed { error: "no".to_owned() }, Vec::new()).await?;
    assert_eq!(state(&bed, member).await?, RunState::Failed);
    assert_eq!(bed.run(member).await?.error.as_deref(), Some("no"));
    bed.store.retry(leader, None).await?;
    let tickets = claim(&bed).await?;
    assert_eq!((ids(&tickets), tickets[0].batch.len()), (vec![leader], 1));
    done(&bed, &tickets[0]).await?;
    assert_eq!(state(&bed, member).await?, RunState::Done);
    Ok(())
}

pub(crate) async fn a_member_of_a_batch_can_be_cancelled<E: Engine>(bed: Bed<E>) -> Outcome {
    store(&bed, with(vec![batch(3)])).await?;
    let member = store(&bed, with(vec![batch(3)])).await?;
    bed.store.cancel(member).await?;
    bed.clock.advance(SECOND);
    let tickets = claim(&bed).await?;
    assert!(tickets[0].batch.is_empty());
    done(&bed, &tickets[0]).await?;
    assert_eq!(state(&bed, member).await?, RunState::Cancelled);
    Ok(())
}

pub(crate) async fn more_priority_comes_first<E: Engine>(bed: Bed<E>) -> Outcome {
    let low = store(&bed, with_priority(-5, Vec::new())).await?;
    let middle = store(&bed, fixture::delivery().runs(1).build()).await?;
    bed.clock.advance(SECOND);
    let high = store(&bed, with_priority(100, Vec::new())).await?;
    let one_by_one = [
        bed.store.claim(1, bed.clock.now()).await?,
        bed.store.claim(1, bed.clock.now()).await?,
        bed.store.claim(1, bed.clock.now()).await?,
    ];
    assert_eq!(ids(&one_by_one.concat()), [high, middle, low]);
    Ok(())
}

pub(crate) async fn more_priority_gets_the_next_place<E: Engine>(bed: Bed<E>) -> Outcome {
    store(&bed, with(vec![concurrency(1, "")])).await?;
    let low = store(&bed, with(vec![concurrency(1, "")])).await?;
    let tickets = claim(&bed).await?;
    let high = store(&bed, with_priority(1, vec![concurrency(1, "")])).await?;
    assert_eq!(state(&bed, low).await?, RunState::Blocked);
    done(&bed, &tickets[0]).await?;
    assert_eq!(ids(&claim(&bed).await?), [high]);
    Ok(())
}

pub(crate) async fn a_run_in_the_future_of_more_priority_holds_nobody_up<E: Engine>(bed: Bed<E>) -> Outcome {
    let later = with_priority(100, vec![debounce(60, None)]);
    store(&bed, later).await?;
    let now = store(&bed, fixture::delivery().runs(1).build()).await?;
    assert_eq!(bed.store.next_due().await?, Some(fixture::START));
    assert_eq!(ids(&claim(&bed).await?), [now]);
    Ok(())
}

/// A delivery with one run that has hooks.
pub(super) fn hooked(hooks: RunHooks) -> NewDelivery {
    let mut new = fixture::delivery().build();
    new.runs.push(NewRun { hooks, ..fixture::run(1, None) });
    new
}

pub(crate) async fn the_end_of_a_run_queues_its_hook<E: Engine>(bed: Bed<E>) -> Outcome {
    for (hooks, end, job) in [
        (RunHooks { success: true, failure: true }, End::DONE, "job:on_success"),
        (
            RunHooks { success: false, failure: true },
            End::Failed { error: "no".to_owned() },
            "job:on_failure",
        ),
    ] {
        let run = store(&bed, hooked(hooks)).await?;
        let ticket = bed.claim().await?;
        bed.finish(&ticket, end, Vec::new()).await?;
        let hook = bed.claim().await?;
        assert_eq!((&*hook.job, hook.parent), (job, Some(run)));
        assert_eq!(hook.origin.id(), ticket.origin.id(), "it can ask for all that the job could");
        done(&bed, &hook).await?;
        assert!(claim(&bed).await?.is_empty(), "a hook has no hook");
    }
    Ok(())
}

pub(crate) async fn an_end_without_a_hook_queues_nothing<E: Engine>(bed: Bed<E>) -> Outcome {
    let run = store(&bed, hooked(RunHooks { success: true, failure: false })).await?;
    let ticket = bed.claim().await?;
    assert_eq!(bed.fail(&ticket).await?.state, RunState::Failed);
    let cancelled = store(&bed, hooked(RunHooks { success: true, failure: true })).await?;
    bed.store.cancel(cancelled).await?;
    assert!(claim(&bed).await?.is_empty());
    let all =
        bed.store.runs(RunQuery { job: Some("job:on_failure".to_owned()), ..RunQuery::default() }).await?;
    assert!(all.is_empty(), "{run}");
    Ok(())
}

pub(crate) async fn an_event_cancels_the_runs_of_its_key<E: Engine>(bed: Bed<E>) -> Outcome {
    let cancel = |key: &str| vec![lane(LaneKind::Cancel, key), lane(LaneKind::Fifo, "k")];
    let first = store(&bed, with(cancel("1"))).await?;
    let second = store(&bed, with(cancel("1"))).await?;
    let other = store(&bed, with(cancel("2"))).await?;
    let tickets = claim(&bed).await?;
    assert_eq!(ids(&tickets), [first]);
    let mut event = fixture::event("order.cancelled").build();
    event.cancels = vec![CancelKey { lane: "job".to_owned(), key: "1".to_owned() }];
    bed.store.send_events(vec![event]).await?;
    assert_eq!(state(&bed, first).await?, RunState::Cancelled);
    assert_eq!(state(&bed, second).await?, RunState::Cancelled);
    assert!(is_stale(&bed.store.finish(tickets[0].fence, End::DONE, Progress::default()).await));
    assert_eq!(ids(&claim(&bed).await?), [other], "what they held is free");
    Ok(())
}

pub(crate) async fn a_replay_is_a_new_run_of_the_same_delivery<E: Engine>(bed: Bed<E>) -> Outcome {
    let run = store(&bed, with(vec![concurrency(1, "")])).await?;
    let ticket = bed.claim().await?;
    let new = bed.store.replay(run).await?;
    assert!(claim(&bed).await?.is_empty(), "limits hold for it too");
    done(&bed, &ticket).await?;
    let again = bed.claim().await?;
    assert_eq!((again.fence.run, again.fence.attempt), (new, 1));
    assert_eq!(again.origin.id(), ticket.origin.id());
    assert!(is_stale(&bed.store.replay(Uuid::nil()).await));
    Ok(())
}
