//! What an execution's end, or the process's, makes of a run: the same for every store.

use super::record::{ClosedRun, End, RunHooks, RunState};
use super::step::{Step, StepState};
use crate::time::Timestamp;
use uuid::Uuid;

/// What stands after a job's id in the id of its hook. No job has a colon in its own.
const ON_SUCCESS: &str = ":on_success";
/// The same for the hook of failures.
const ON_FAILURE: &str = ":on_failure";

/// What is to be written to a run at the end of an execution.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Closing<'a> {
    pub(super) run: ClosedRun,
    /// The error to note; `None` leaves the last one as it is.
    pub(super) error: Option<&'a str>,
    /// When it is due next; `None` where it is not.
    pub(super) due_at: Option<Timestamp>,
}

/// Decides what `end` makes of a run that had `failures` in a row and ends at
/// the `limit`-th. Progress made in the same write must already be counted.
pub(super) fn closing(end: &End, failures: u32, limit: u32) -> Closing<'_> {
    let close = |state, error| Closing { run: ClosedRun { state, failures }, error, due_at: None };
    match end {
        End::Done { .. } => close(RunState::Done, None),
        End::Failed { error } => close(RunState::Failed, Some(error.as_str())),
        End::InvalidPayload { error } => close(RunState::InvalidPayload, Some(error.as_str())),
        End::Parked => close(RunState::Parked, None),
        End::Unreadable { .. } => close(RunState::Queued, None),
        End::Retry { error, at, counted } => {
            let failures = failures.saturating_add((*counted).into());
            let (state, due_at) = if *counted && failures >= limit {
                (RunState::Failed, None)
            } else {
                (RunState::Queued, Some(*at))
            };
            Closing { run: ClosedRun { state, failures }, error: Some(error), due_at }
        }
        End::Suspended { .. } => close(RunState::Waiting, None),
    }
}

/// What the run of a hook is called beside its job, and how often it is tried.
pub(super) const HOOK_LIMIT: u32 = 3;

/// The hook that a state sets off: what is added to the job's id.
pub(super) fn hook(hooks: RunHooks, state: RunState) -> Option<&'static str> {
    match state {
        RunState::Done if hooks.success => Some(ON_SUCCESS),
        state if state.is_failure() && hooks.failure => Some(ON_FAILURE),
        _ => None,
    }
}

/// What a run is told that a later one replaced.
pub(super) fn superseded(by: Uuid) -> String {
    format!("run {by} came before this one started, and runs in its place")
}

/// Makes a run wait until `first`, when the first of its waits ends; one that
/// waits for nothing goes on at once.
pub(super) fn suspend(closing: &mut Closing<'_>, first: Option<Timestamp>, now: Timestamp) {
    let due_at = first.filter(|at| *at > now);
    closing.run.state = if due_at.is_some() { RunState::Waiting } else { RunState::Queued };
    closing.due_at = due_at.or(Some(now));
}

/// Whether recording these steps is progress, which makes failures and crashes
/// count from zero again.
pub(super) fn is_progress(steps: &[Step]) -> bool {
    steps.iter().any(|step| matches!(step.state, StepState::Done | StepState::TimedOut))
}

/// The error of a run that is given up because the process died while it ran.
pub(super) fn crash_error(crashes: u32) -> String {
    let times = if crashes == 1 { "once".to_owned() } else { format!("{crashes} times in a row") };
    format!("the process died {times} while the run executed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry() -> End {
        End::Retry { error: "no".to_owned(), at: Timestamp(7), counted: true }
    }

    #[test]
    fn a_retry_ends_the_run_at_its_limit() {
        let rows = [
            (0, 3, RunState::Queued, Some(Timestamp(7))),
            (1, 3, RunState::Queued, Some(Timestamp(7))),
            (2, 3, RunState::Failed, None),
            (0, 1, RunState::Failed, None),
            (0, 0, RunState::Failed, None),
            (u32::MAX, u32::MAX, RunState::Failed, None),
        ];
        for (failures, limit, state, due_at) in rows {
            let end = retry();
            let closing = closing(&end, failures, limit);
            assert_eq!((closing.run.state, closing.due_at), (state, due_at), "{failures} of {limit}");
            assert_eq!(closing.error, Some("no"));
        }
    }

    #[test]
    fn parking_and_success_keep_the_last_error() {
        for end in [End::DONE, End::Parked] {
            assert_eq!(closing(&end, 2, 3).error, None);
            assert_eq!(closing(&end, 2, 3).run.failures, 2);
        }
    }

    #[test]
    fn the_crash_error_counts() {
        assert_eq!(crash_error(1), "the process died once while the run executed");
        assert_eq!(crash_error(3), "the process died 3 times in a row while the run executed");
    }
}
