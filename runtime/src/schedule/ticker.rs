//! Sends what is due by the clock: events that were to be sent later, and the
//! ticks of schedules. It sleeps until the next is due.

use super::{Missed, Timing, parameter};
use crate::endpoint::TriggerSpec;
use crate::event::{Events, TICK};
use crate::id;
use crate::job::JobSpec;
use crate::store::{DueEvent, EventRecord, EventState, NewEvent, ScheduleRecord, ScheduleTick, StoreError};
use crate::time::Timestamp;
use bytes::Bytes;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Events, or schedules, that are looked at at once.
const PORTION: usize = 256;
/// A tick that comes so late counts as one that is on time.
const ON_TIME: Duration = Duration::from_secs(60);
/// So many missed ticks run at most.
const MOST_MISSED: usize = 1000;
/// How long it waits before it asks a store that failed again.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// Sends what is due by the clock.
pub(crate) struct Ticker {
    pub(crate) events: Events,
}

impl Ticker {
    /// Brings the stored schedules in line with what is declared. A schedule
    /// whose timing was changed counts anew from now; one that is the same goes
    /// on where it was, and what was missed is known by that.
    pub(crate) async fn declare(&self) -> Result<(), StoreError> {
        let store = self.events.store();
        let now = self.events.clock().now();
        let stored = store.schedules().await?;
        for job in self.events.subscriptions().scheduled() {
            let TriggerSpec::Schedule(spec) = job.trigger else { continue };
            // Checked at start-up.
            let Ok(timing) = Timing::try_from(spec.timing) else { continue };
            let known = stored.iter().find(|known| !known.dynamic && known.id == job.id);
            let text = timing.stored();
            if known.is_some_and(|known| known.timing == text) {
                continue;
            }
            if let Some(next_at) = timing.after(now) {
                let record = ScheduleRecord {
                    dynamic: false,
                    id: job.id.to_owned(),
                    job: job.id.to_owned(),
                    timing: text,
                    payload: Bytes::from_static(b"null"),
                    last_at: known.and_then(|known| known.last_at),
                    next_at,
                };
                store.put_schedule(record).await?;
            }
        }
        for known in stored.iter().filter(|known| !known.dynamic) {
            let declared = self.events.subscriptions().job(&known.id);
            if !declared.is_some_and(|job| matches!(job.trigger, TriggerSpec::Schedule(_))) {
                store.drop_schedule(false, known.id.clone()).await?;
            }
        }
        Ok(())
    }

    /// Runs for ever.
    pub(crate) async fn run(self) {
        loop {
            let next = match self.send_due().await {
                Ok(next) => next,
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::error!(%error, "what is due by the clock was not sent; again in {AFTER_ERROR:?}");
                    Some(self.events.clock().now().plus(AFTER_ERROR))
                }
            };
            let due = async {
                match next {
                    Some(next) => self.events.clock().sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.events.timer().notified() => {}
                () = due => {}
            }
        }
    }

    /// Sends all that is due, and says when more is.
    async fn send_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let store = self.events.store();
        loop {
            let now = self.events.clock().now();
            let events = store.due_events(PORTION, now).await?;
            let schedules = store.due_schedules(PORTION, now).await?;
            if events.is_empty() && schedules.is_empty() {
                return store.next_timer().await;
            }
            if !events.is_empty() {
                let events: Vec<_> = events.iter().map(|event| self.due(event, now)).collect();
                let wake = self.events.wake_for_runs(events.iter().map(|due| &due.runs));
                store.release_events(events).await?;
                wake.now();
            }
            for schedule in schedules {
                self.tick(schedule, now).await?;
            }
        }
    }

    fn due(&self, event: &EventRecord, now: Timestamp) -> DueEvent {
        let (runs, cancels) = (self.events.runs(event, now), self.events.cancels(event));
        DueEvent { id: event.id, runs, cancels }
    }

    /// Sends the ticks of a schedule that are due, in one transaction with the
    /// time of the next: of several programs on one store one succeeds.
    async fn tick(&self, schedule: ScheduleRecord, now: Timestamp) -> Result<(), StoreError> {
        let store = self.events.store();
        let job = self.events.subscriptions().job(&schedule.job);
        let (Ok(timing), Some(job)) = (Timing::read(&schedule.timing), job) else {
            // Another program's, or another version's: it is asked again when it would be due next.
            let later = Timing::read(&schedule.timing).ok().and_then(|timing| timing.after(now));
            let next_at = later.unwrap_or_else(|| now.plus(Duration::from_secs(3600)));
            tracing::warn!(
                job = schedule.job,
                schedule = schedule.id,
                "a schedule is due whose job this program does not run"
            );
            let events = Vec::new();
            let last_at = schedule.last_at;
            store.tick(ScheduleTick { schedule, last_at, next_at, events }).await?;
            return Ok(());
        };
        let (ticks, last_at, next_at) = due(&timing, &schedule, missed(job), now);
        let mut before = schedule.last_at;
        let events = ticks
            .into_iter()
            .map(|at| {
                let event = event(&schedule, &timing, job, at, before, now);
                before = Some(at);
                let runs = self.events.runs(&event, now);
                NewEvent { event: Arc::new(event), runs, cancels: Vec::new() }
            })
            .collect::<Vec<_>>();
        let Some(next_at) = next_at else {
            store.drop_schedule(schedule.dynamic, schedule.id).await?;
            return Ok(());
        };
        let wake = self.events.wake_for(&events);
        store.tick(ScheduleTick { schedule, last_at, next_at, events }).await?;
        wake.now();
        Ok(())
    }
}

fn missed(job: &JobSpec) -> Missed {
    match job.trigger {
        TriggerSpec::Schedule(spec) => spec.missed,
        _ => Missed::default(),
    }
}

/// The ticks that run of those that are due, the time of the last one that was
/// due, and when the next is.
fn due(
    timing: &Timing,
    schedule: &ScheduleRecord,
    missed: Missed,
    now: Timestamp,
) -> (Vec<Timestamp>, Option<Timestamp>, Option<Timestamp>) {
    let mut ticks = VecDeque::new();
    let mut next = Some(schedule.next_at);
    let mut last = schedule.last_at;
    while let Some(at) = next.filter(|at| *at <= now) {
        let keeps = match missed {
            Missed::Skip => now.since(at) <= ON_TIME,
            Missed::One => {
                ticks.clear();
                true
            }
            Missed::All => true,
        };
        if keeps {
            ticks.push_back(at);
        }
        if ticks.len() > MOST_MISSED {
            ticks.pop_front();
        }
        last = Some(at);
        next = timing.after(at);
    }
    (ticks.into(), last, next)
}

fn event(
    schedule: &ScheduleRecord,
    timing: &Timing,
    job: &'static JobSpec,
    at: Timestamp,
    last: Option<Timestamp>,
    now: Timestamp,
) -> EventRecord {
    let kind = if schedule.dynamic { "dynamic" } else { "declared" };
    let key = format!("{kind}:{}@{at}", schedule.id);
    EventRecord {
        id: id::of_key(TICK, None, &key),
        name: Cow::Borrowed(TICK),
        source: None,
        job: Some(Cow::Borrowed(job.id)),
        key: Some(key),
        payload: schedule.payload.clone(),
        context: parameter::context(at, last, now, timing, schedule.dynamic.then_some(schedule.id.as_str())),
        properties: None,
        at,
        due_at: None,
        state: EventState::Sent,
        delivery: None,
        sender: None,
        test: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn at(hours: i64) -> Timestamp {
        Timestamp(1_763_683_200_000_000 + hours * HOUR)
    }

    fn hourly(next: i64) -> (Timing, ScheduleRecord) {
        let timing = Timing::cron("0 * * * *").unwrap();
        let schedule = ScheduleRecord {
            dynamic: false,
            id: "j".to_owned(),
            job: "j".to_owned(),
            timing: timing.stored(),
            payload: Bytes::new(),
            last_at: Some(at(next - 1)),
            next_at: at(next),
        };
        (timing, schedule)
    }

    #[test]
    fn a_tick_on_time_runs_whatever_the_policy() {
        let (timing, schedule) = hourly(1);
        for missed in [Missed::Skip, Missed::One, Missed::All] {
            let now = at(1).plus(Duration::from_secs(30));
            assert_eq!(due(&timing, &schedule, missed, now), (vec![at(1)], Some(at(1)), Some(at(2))));
        }
    }

    #[test]
    fn missed_ticks_run_by_policy() {
        let (timing, schedule) = hourly(1);
        let now = at(4).plus(Duration::from_secs(120));
        let of = |missed| due(&timing, &schedule, missed, now);
        assert_eq!(of(Missed::Skip), (vec![], Some(at(4)), Some(at(5))));
        assert_eq!(of(Missed::One), (vec![at(4)], Some(at(4)), Some(at(5))));
        assert_eq!(of(Missed::All), (vec![at(1), at(2), at(3), at(4)], Some(at(4)), Some(at(5))));
    }

    #[test]
    fn a_long_absence_is_bounded() {
        let (timing, schedule) = hourly(1);
        let (ticks, ..) = due(&timing, &schedule, Missed::All, at(5000));
        assert_eq!((ticks.len(), ticks.last()), (MOST_MISSED, Some(&at(5000))));
    }
}
