//! Schedules: jobs that run by the clock.

mod handle;
mod next;
mod parameter;
mod ticker;
mod timing;

pub use handle::{Entry, ScheduleError, Scheduled, Schedules};
pub use parameter::Tick;
pub(crate) use ticker::Ticker;
pub use timing::{Timing, TimingError};

use std::time::Duration;
pub use triggerfish_cron::Cron;

/// When a job runs by itself: what `cron(..)` and `every(..)` declare.
#[derive(Clone, Copy, Debug)]
pub struct ScheduleSpec {
    /// When.
    pub timing: TimingSpec,
    /// What becomes of ticks that nobody was there for.
    pub missed: Missed,
}

/// When a job runs by itself.
#[derive(Clone, Copy, Debug)]
pub enum TimingSpec {
    /// By a cron expression.
    Cron {
        /// As it was written.
        text: &'static str,
        /// As it was read.
        cron: Cron,
        /// The time zone whose clock it means; UTC where there is none.
        tz: Option<&'static str>,
    },
    /// Each time that so much has passed.
    Every(Duration),
}

/// What becomes of ticks whose time passed while no program ran that has the job.
///
/// A tick that comes up to a minute late counts as one that is on time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// They are left out.
    Skip,
    /// The last of them runs.
    #[default]
    One,
    /// Each of them runs, the oldest first; the last thousand, where there are more.
    All,
}
