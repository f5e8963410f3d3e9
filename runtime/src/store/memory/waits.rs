//! Waits in memory.

use super::MemoryStore;
use super::rows::RunRow;
use super::state::State;
use crate::store::StoreError;
use crate::store::StoreFuture;
use crate::store::listener::Listener;
use crate::store::record::Fence;
use crate::store::step::Step;
use crate::store::wait::{Awaited, NewWait, Wait, WaitStore};
use crate::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

impl WaitStore for MemoryStore {
    fn open_wait(&self, fence: Fence, wait: NewWait, past: Vec<Step>) -> StoreFuture<'_, bool> {
        self.with(|state, now| state.open_wait(fence, wait, past, now))
    }

    fn end_wait(&self, fence: Fence, key: String, seq: u32) -> StoreFuture<'_, Step> {
        self.with(|state, now| state.end_wait(fence, &key, seq, now))
    }

    fn waits(&self, run: Uuid) -> StoreFuture<'_, Vec<Wait>> {
        self.with(|state, _| Ok(state.waits(run)))
    }

    fn listen(&self, listener: Arc<dyn Listener>) {
        self.listening.set(listener);
    }
}

#[derive(Debug)]
pub(super) struct WaitRow {
    pub(super) wait: Wait,
    #[expect(dead_code, reason = "waits for events look at it")]
    pub(super) awaited: Awaited,
}

impl State {
    pub(super) fn open_wait(
        &mut self,
        fence: Fence,
        new: NewWait,
        past: Vec<Step>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let run = self.held(fence)?;
        run.record(past);
        if run.steps.iter().any(|step| step.key == new.key) {
            return Ok(true);
        }
        run.waits.retain(|row| row.wait.key != new.key);
        let NewWait { key, awaited, due_at } = new;
        let event = match &awaited {
            Awaited::Event { name, .. } => Some(name.clone()),
            Awaited::Time | Awaited::Request { .. } => None,
        };
        let wait = Wait { key, kind: awaited.kind(), due_at, opened_at: now, event, ended: None };
        run.waits.push(WaitRow { wait, awaited });
        Ok(false)
    }

    pub(super) fn end_wait(
        &mut self,
        fence: Fence,
        key: &str,
        seq: u32,
        now: Timestamp,
    ) -> Result<Step, StoreError> {
        let run = self.held(fence)?;
        if let Some(step) = run.steps.iter().find(|step| step.key == key) {
            return Ok(step.clone());
        }
        let place = run.waits.iter().position(|row| row.wait.key == key);
        let row = run.waits.remove(place.ok_or_else(|| no_such_wait(key))?);
        let step = row.wait.into_step(seq, fence.attempt, now);
        run.record(vec![step.clone()]);
        Ok(step)
    }
}

fn no_such_wait(key: &str) -> StoreError {
    StoreError::Engine(format!("no wait `{key}` is open").into())
}

impl RunRow {
    /// Keeps the waits that are open, and says when the first of them ends.
    pub(super) fn suspend(&mut self, open: &[String]) -> Option<Timestamp> {
        self.waits.retain(|row| open.contains(&row.wait.key));
        self.waits.iter().map(|row| row.wait.ends_at()).min()
    }

    /// Records the waits that are over, in the order in which they ended.
    pub(super) fn settle_waits(&mut self, now: Timestamp) {
        let mut over: Vec<_> = self.waits.extract_if(.., |row| row.wait.is_over(now)).collect();
        over.sort_by_key(|row| row.wait.ends_at());
        let last = self.steps.iter().filter(|step| step.state.is_recorded()).map(|step| step.seq).max();
        let first = last.map_or(0, |last| last + 1);
        let steps = over.into_iter().zip(first..);
        let steps = steps.map(|(row, seq)| {
            let at = row.wait.ends_at();
            row.wait.into_step(seq, self.attempt, at)
        });
        let steps = steps.collect();
        self.record(steps);
    }

    pub(super) fn shown_waits(&self) -> Vec<Wait> {
        self.waits.iter().map(|row| row.wait.clone()).collect()
    }
}
