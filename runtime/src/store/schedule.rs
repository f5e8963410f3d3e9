//! Schedules as they are kept.

use super::event::NewEvent;
use crate::time::Timestamp;
use bytes::Bytes;

/// A stored schedule: when a job is due by the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleRecord {
    /// Whether it was registered at run time; the others are declared with their job.
    pub dynamic: bool,
    /// Its id, unique among those of its kind; the job's, where it is declared.
    pub id: String,
    /// The job's id.
    pub job: String,
    /// When it is due, as a text.
    pub timing: String,
    /// What its events carry, JSON.
    pub payload: Bytes,
    /// When it was last due.
    pub last_at: Option<Timestamp>,
    /// When it is due next.
    pub next_at: Timestamp,
}

/// Ticks of a schedule that are due.
#[derive(Debug)]
pub struct ScheduleTick {
    /// The schedule as it was read.
    pub schedule: ScheduleRecord,
    /// When it was last due.
    pub last_at: Option<Timestamp>,
    /// When it is due next.
    pub next_at: Timestamp,
    /// The events of the ticks that run.
    pub events: Vec<NewEvent>,
}
