//! The tick as a job takes it.

use super::Timing;
use crate::job::{FromRun, JobError, Needs};
use crate::run::Invocation;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// The tick of a schedule that started the run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tick {
    /// When it was to be.
    pub scheduled_at: SystemTime,
    /// When the tick before it was to be; `None` for the first.
    pub last: Option<SystemTime>,
    /// When it was noticed: later than `scheduled_at` where the program was not running.
    pub now: SystemTime,
    /// The time zone of its clock; `None` for an interval.
    pub timezone: Option<String>,
    /// The id of the schedule that was registered at run time.
    pub schedule: Option<String>,
}

/// A tick as it is stored, in the context of its event.
#[derive(Serialize, Deserialize)]
struct Stored {
    scheduled_at: String,
    last: Option<String>,
    now: String,
    timezone: Option<String>,
    schedule: Option<String>,
}

pub(super) fn context(
    scheduled_at: Timestamp,
    last: Option<Timestamp>,
    now: Timestamp,
    timing: &Timing,
    schedule: Option<&str>,
) -> Option<String> {
    let stored = Stored {
        scheduled_at: scheduled_at.to_string(),
        last: last.map(|last| last.to_string()),
        now: now.to_string(),
        timezone: timing.zone().map(str::to_owned),
        schedule: schedule.map(str::to_owned),
    };
    // Strings alone: writing them does not fail.
    serde_json::to_string(&stored).ok()
}

fn read(context: &str) -> Option<Tick> {
    let Stored { scheduled_at, last, now, timezone, schedule } = serde_json::from_str(context).ok()?;
    let time = |text: String| text.parse::<jiff::Timestamp>().ok().map(SystemTime::from);
    Some(Tick {
        scheduled_at: time(scheduled_at)?,
        last: last.map(time).map_or(Some(None), |last| last.map(Some))?,
        now: time(now)?,
        timezone,
        schedule,
    })
}

#[diagnostic::do_not_recommend]
impl FromRun for Tick {
    const NEEDS: Needs = Needs::Tick;

    fn from_run(invocation: &Invocation) -> Result<Self, JobError> {
        let event = invocation.origin().event();
        let context = event.and_then(|event| event.context.as_deref());
        context
            .and_then(read)
            .ok_or_else(|| JobError::Payload("no schedule started the run, so there is no tick".to_owned()))
    }
}
