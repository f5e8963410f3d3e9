//! What a person does to runs and settings of the store in memory.

use super::state::State;
use crate::store::StoreError;
use crate::store::flow::Departure;
use crate::store::record::RunState;
use crate::store::step::StepState;
use crate::time::Timestamp;
use uuid::Uuid;

impl State {
    pub(super) fn retry(&mut self, run: Uuid, from: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        let row = self.runs.get_mut(&run).ok_or(StoreError::Stale)?;
        if !row.state.is_final() && row.state != RunState::Parked {
            return Err(StoreError::Stale);
        }
        if let Some(key) = from {
            let step = row.steps.iter().find(|step| step.key == key).ok_or(StoreError::Stale)?;
            let place = step.seq;
            let inside = format!("{key}/");
            row.steps.retain(|step| step.seq < place && !step.key.starts_with(&inside));
        }
        row.steps.retain(|step| matches!(step.state, StepState::Done | StepState::TimedOut));
        row.state = RunState::Queued;
        let flow = row.flow.clone();
        (row.failures, row.crashes) = (0, 0);
        row.token += 1;
        row.due_at = now;
        row.finished_at = None;
        row.output = None;
        let origin = row.origin;
        self.queue(run);
        self.woken.due = true;
        self.enter_again(run, flow, now);
        self.finished.retain(|id| *id != origin);
        Ok(())
    }

    pub(super) fn cancel(&mut self, run: Uuid, now: Timestamp) -> Result<(), StoreError> {
        self.unqueue(run);
        let row = self.runs.get_mut(&run).filter(|row| !row.state.is_final()).ok_or(StoreError::Stale)?;
        let was = std::mem::replace(&mut row.state, RunState::Cancelled);
        row.token += 1;
        row.finished_at = Some(now);
        let (waits, token) = (std::mem::take(&mut row.waits), row.token);
        if was == RunState::Running {
            self.woken.cancelled.push((run, token));
        }
        self.departed(run, Departure::Ended, RunState::Cancelled, None, now);
        // Its lanes may let others start now.
        self.woken.due = true;
        self.cancel_calls(run, &waits, now);
        Ok(())
    }

    pub(super) fn set(&mut self, name: String, value: Option<i64>) {
        match value {
            Some(value) => self.settings.insert(name, value),
            None => self.settings.remove(&name),
        };
    }

    pub(super) fn settings_below(&self, prefix: &str) -> Vec<(String, i64)> {
        let below = self.settings.iter().filter(|(name, _)| name.starts_with(prefix));
        below.map(|(name, value)| (name.clone(), *value)).collect()
    }
}
