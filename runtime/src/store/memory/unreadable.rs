//! Takes what cannot be read out of a batch in memory; the others go on.

use super::state::State;
use crate::store::flow::{self, Departure};
use crate::store::record::{ClosedRun, Fence, RunState};
use crate::time::Timestamp;
use uuid::Uuid;

impl State {
    /// Ends these runs of the batch that `fence` leads, and says what becomes of the leader.
    pub(super) fn refuse(&mut self, fence: Fence, runs: &[(Uuid, String)], now: Timestamp) -> ClosedRun {
        let id = fence.run;
        self.woken.due = true;
        let mut rest = self.runs.get_mut(&id).map(|row| std::mem::take(&mut row.members)).unwrap_or_default();
        rest.retain(|member| runs.iter().all(|(run, _)| run != member));
        rest.retain(|member| self.runs.get(member).is_some_and(|row| row.state == RunState::Batched));
        for (run, error) in runs.iter().filter(|(run, _)| *run != id) {
            if self.runs.get(run).is_some_and(|row| row.state == RunState::Batched) {
                self.end_unreadable(*run, error, now);
            }
        }
        let failures = self.runs.get(&id).map_or(0, |row| row.failures);
        let Some((_, error)) = runs.iter().find(|(run, _)| *run == id) else {
            self.lead(id, rest, now);
            let Ok(()) = flow::depart(self, id, Departure::Paused, now);
            return ClosedRun { state: RunState::Queued, failures };
        };
        let heir = (!rest.is_empty()).then(|| rest.remove(0));
        if let Some(heir) = heir {
            self.lead(heir, rest, now);
        }
        self.end_unreadable(id, error, now);
        if let Some(heir) = heir {
            let flow = self.runs.get(&heir).and_then(|row| row.flow.clone());
            self.enter_again(heir, flow, now);
        }
        ClosedRun { state: RunState::InvalidPayload, failures }
    }

    /// Queues a run with those that go along.
    fn lead(&mut self, run: Uuid, members: Vec<Uuid>, now: Timestamp) {
        if let Some(row) = self.runs.get_mut(&run) {
            (row.state, row.due_at, row.members) = (RunState::Queued, now, members);
        }
        self.queue(run);
    }

    fn end_unreadable(&mut self, run: Uuid, error: &str, now: Timestamp) {
        if let Some(row) = self.runs.get_mut(&run) {
            (row.state, row.finished_at) = (RunState::InvalidPayload, Some(now));
            row.error = Some(error.to_owned());
        }
        self.departed(run, Departure::Ended, RunState::InvalidPayload, Some(error), now);
    }
}
