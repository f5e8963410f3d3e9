//! Schedules in memory.

use super::state::{Started, State};
use crate::store::schedule::{ScheduleRecord, ScheduleTick};
use crate::time::Timestamp;

impl State {
    pub(super) fn next_timer(&self) -> Option<Timestamp> {
        let schedules = self.schedules.values().map(|schedule| schedule.next_at);
        schedules.chain(self.events.next_due()).min()
    }

    pub(super) fn put_schedule(&mut self, schedule: ScheduleRecord) {
        self.schedules.insert((schedule.dynamic, schedule.id.clone()), schedule);
    }

    pub(super) fn due_schedules(&self, limit: usize, now: Timestamp) -> Vec<ScheduleRecord> {
        let mut due: Vec<_> = self.schedules.values().filter(|schedule| schedule.next_at <= now).collect();
        due.sort_by_key(|schedule| schedule.next_at);
        due.into_iter().take(limit).cloned().collect()
    }

    pub(super) fn tick(&mut self, tick: ScheduleTick, now: Timestamp, started: &mut Started) -> bool {
        let ScheduleTick { schedule, last_at, next_at, events } = tick;
        let key = (schedule.dynamic, schedule.id.clone());
        let Some(row) = self.schedules.get_mut(&key).filter(|row| **row == schedule) else { return false };
        row.last_at = last_at;
        row.next_at = next_at;
        self.send(events, now, started);
        true
    }
}
