//! Keeps schedules, and sends their ticks once.

use super::events;
use super::failure::Failure;
use super::statements::{DROP_SCHEDULE, NEXT_TIMER, PUT_SCHEDULE, TICK_SCHEDULE};
use super::work::{Tx, Work};
use crate::store::record::Ticket;
use crate::store::schedule::{ScheduleRecord, ScheduleTick};
use crate::time::Timestamp;
use rusqlite::params;

/// Asks when the next pending event or schedule is due. It goes through the
/// writer, so that the answer knows of every write that was begun before.
pub(super) struct NextTimer;

impl Work for NextTimer {
    type Output = Option<Timestamp>;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Option<Timestamp>, Failure> {
        let at = tx.db()?.prepare_cached(NEXT_TIMER)?.query_row([], |row| row.get::<_, Option<i64>>(0))?;
        Ok(at.map(Timestamp))
    }
}

/// Stores a schedule.
pub(super) struct PutSchedule(pub(super) ScheduleRecord);

impl Work for PutSchedule {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let ScheduleRecord { dynamic, id, job, timing, payload, last_at, next_at } = &self.0;
        tx.db()?.prepare_cached(PUT_SCHEDULE)?.execute(params![
            dynamic,
            id,
            job,
            timing,
            payload.as_ref(),
            last_at.map(|at| at.0),
            next_at.0,
        ])?;
        Ok(())
    }
}

/// Removes a schedule.
pub(super) struct DropSchedule {
    pub(super) dynamic: bool,
    pub(super) id: String,
}

impl Work for DropSchedule {
    type Output = bool;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<bool, Failure> {
        Ok(tx.db()?.prepare_cached(DROP_SCHEDULE)?.execute(params![self.dynamic, self.id])? == 1)
    }
}

/// Sends ticks of a schedule that is as it was read.
pub(super) struct TickSchedule {
    pub(super) tick: ScheduleTick,
    pub(super) tickets: Vec<Ticket>,
}

impl Work for TickSchedule {
    type Output = bool;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<bool, Failure> {
        self.tickets.clear();
        let ScheduleTick { schedule, last_at, next_at, events } = &self.tick;
        let ScheduleRecord { dynamic, id, job, timing, payload, last_at: was_last, next_at: was_next } =
            schedule;
        let changed = tx.db()?.prepare_cached(TICK_SCHEDULE)?.execute(params![
            dynamic,
            id,
            job,
            timing,
            payload.as_ref(),
            was_last.map(|at| at.0),
            was_next.0,
            last_at.map(|at| at.0),
            next_at.0,
        ])?;
        if changed == 1 {
            events::send(tx, events, &mut self.tickets)?;
        }
        Ok(changed == 1)
    }

    fn committed(self) {
        events::hand_over(self.tick.events, self.tickets);
    }

    fn size(&self) -> usize {
        events::size(&self.tick.events)
    }
}
