//! Calls in memory: the waits for the ends of runs.

use super::state::{Started, State};
use super::waits::WaitRow;
use crate::store::StoreError;
use crate::store::call::{Ended, NewCall};
use crate::store::event::{EventState, OriginId, Sent};
use crate::store::record::{Fence, RunState};
use crate::store::step::Step;
use crate::store::wait::{Awaited, EndedWait, NewWait};
use crate::time::Timestamp;
use uuid::Uuid;

impl State {
    pub(super) fn open_call(
        &mut self,
        fence: Fence,
        NewCall { key, due_at, call }: NewCall,
        past: Vec<Step>,
        now: Timestamp,
        started: &mut Started,
    ) -> Result<bool, StoreError> {
        let run = self.held(fence)?;
        run.record(past);
        if run.steps.iter().any(|step| step.key == key) {
            return Ok(true);
        }
        let is_open = |row: &&WaitRow| row.wait.key == key && row.wait.call.is_some();
        if let Some(row) = run.waits.iter().find(is_open) {
            return Ok(row.wait.is_over(now));
        }
        let id = call.event.id;
        self.woken.due |= call.runs.iter().any(|run| run.slot.is_none());
        let event = match self.send(vec![call], now, started).first() {
            Some(Sent::Duplicate { first }) => *first,
            _ => id,
        };
        self.called.entry(event).or_default().insert(fence.run);
        self.open_wait(fence, NewWait { key, awaited: Awaited::Call { event }, due_at }, Vec::new(), now)?;
        // The run of an earlier call may have ended, or never begin.
        match self.run_of_call(event) {
            Some(run) => self.tell_callers(run, now),
            None => self.tell_of_cancelled_call(event, now),
        }
        let wait = self.held(fence)?.waits.last();
        Ok(wait.is_some_and(|row| row.wait.is_over(now)))
    }

    /// The run that a call started: of several for its event the first.
    fn run_of_call(&mut self, event: Uuid) -> Option<Uuid> {
        self.runs_of(OriginId::Event(event))?.first().copied()
    }

    /// Ends the waits for the end of a run, where it has ended.
    pub(super) fn tell_callers(&mut self, run: Uuid, now: Timestamp) {
        let Some(row) = self.runs.get(&run) else { return };
        let OriginId::Event(event) = row.origin else { return };
        if !row.state.is_final() || !self.called.contains_key(&event) || self.run_of_call(event) != Some(run)
        {
            return;
        }
        let Some(row) = self.runs.get(&run) else { return };
        let (error, output) = (row.error.as_deref(), row.output.as_deref());
        let ended = Ended { run: Some(run), job: &row.job, state: row.state, error, output };
        self.end_calls(event, ended.outcome(), now);
    }

    /// Ends the waits for the run of a call that will have none.
    pub(super) fn tell_of_cancelled_call(&mut self, event: Uuid, now: Timestamp) {
        let Some(record) = self.events.get(event) else { return };
        if record.state != EventState::Cancelled {
            return;
        }
        let job = record.job.as_deref().unwrap_or_default();
        let ended = Ended { run: None, job, state: RunState::Cancelled, error: None, output: None };
        self.end_calls(event, ended.outcome(), now);
    }

    fn end_calls(&mut self, event: Uuid, (output, failed): (String, bool), now: Timestamp) {
        for caller in self.called.remove(&event).unwrap_or_default() {
            let waits = self.runs.get_mut(&caller).into_iter().flat_map(|run| &mut run.waits);
            let open = waits.filter(|row| row.wait.call == Some(event) && !row.wait.is_over(now));
            let ended = EndedWait { at: now, output: output.clone(), event: Some(event), failed };
            let mut is_told = false;
            for row in open {
                row.wait.ended = Some(ended.clone());
                is_told = true;
            }
            if is_told {
                self.wake_run(caller, now);
            }
        }
    }

    /// Cancels what a run called itself and still waits for.
    pub(super) fn cancel_calls(&mut self, caller: Uuid, waits: &[WaitRow], now: Timestamp) {
        for event in waits.iter().filter(|row| row.wait.ended.is_none()).filter_map(|row| row.wait.call) {
            if self.events.get(event).is_none_or(|record| record.sender != Some(caller)) {
                continue;
            }
            self.cancel_event(event, now);
            if let Some(run) = self.run_of_call(event) {
                // One that has ended stays as it is.
                let _ = self.cancel(run, now);
            }
        }
    }
}
