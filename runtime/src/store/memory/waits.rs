//! Waits in memory.

use super::MemoryStore;
use super::rows::RunRow;
use super::state::State;
use crate::store::StoreError;
use crate::store::StoreFuture;
use crate::store::call::NewCall;
use crate::store::event::EventRecord;
use crate::store::listener::Listener;
use crate::store::record::{Fence, RunState};
use crate::store::step::Step;
use crate::store::wait::{
    Awaited, Candidate, EndedWait, NewWait, Resumed, TokenHash, Wait, WaitStore, payload_of,
};
use crate::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

impl WaitStore for MemoryStore {
    fn open_wait(&self, fence: Fence, wait: NewWait, past: Vec<Step>) -> StoreFuture<'_, bool> {
        self.with(|state, now| state.open_wait(fence, wait, past, now))
    }

    fn open_call(&self, fence: Fence, call: NewCall, past: Vec<Step>) -> StoreFuture<'_, bool> {
        self.starting(|state, now, started| state.open_call(fence, call, past, now, started))
    }

    fn end_wait(&self, fence: Fence, key: String, seq: u32) -> StoreFuture<'_, Step> {
        self.with(|state, now| state.end_wait(fence, &key, seq, now))
    }

    fn resume(&self, token: TokenHash, body: String) -> StoreFuture<'_, Resumed> {
        self.with(|state, now| Ok(state.resume(&token, body, now)))
    }

    fn complete(&self, run: Uuid, key: &str, output: String) -> StoreFuture<'_, Resumed> {
        self.with(|state, now| Ok(state.complete(run, key, output, now)))
    }

    fn ended_by(&self, event: Uuid) -> StoreFuture<'_, Vec<(Uuid, String)>> {
        self.with(|state, _| Ok(state.ended_by(event)))
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
        let NewWait { key, awaited, due_at } = new;
        if let Awaited::Request { token } = &awaited {
            run.tokens.push(*token);
            self.tokens.insert(*token, (fence.run, key.clone()));
        }
        let before = self.sent_before(fence.run, &awaited);
        let run = self.held(fence)?;
        if matches!(awaited, Awaited::Request { .. })
            && let Some(row) = run.waits.iter().find(|row| row.wait.key == key)
        {
            return Ok(row.wait.is_over(now));
        }
        run.waits.retain(|row| row.wait.key != key);
        let ended =
            before.map(|(event, output)| EndedWait { at: now, output, event: Some(event), failed: false });
        let is_over = ended.is_some();
        let (event, filter, call) = (awaited.event().cloned(), awaited.filter().cloned(), awaited.call());
        let wait = Wait { key, kind: awaited.kind(), due_at, opened_at: now, event, filter, call, ended };
        if let (Awaited::Event { names, .. }, false) = (&awaited, is_over) {
            for name in names {
                self.waiting_for.entry(name.clone()).or_default().insert(fence.run);
            }
        }
        if let Some(run) = self.runs.get_mut(&fence.run) {
            run.waits.push(WaitRow { wait, awaited });
        }
        Ok(is_over)
    }

    /// The first event that was sent since the run was made, ended no wait of
    /// it, and is what a wait is for.
    fn sent_before(&self, run: Uuid, awaited: &Awaited) -> Option<(Uuid, String)> {
        let Awaited::Event { names, source, filter } = awaited else { return None };
        let run = self.runs.get(&run)?;
        let wait = Candidate { source: source.as_deref(), filter: filter.as_deref() };
        let met = |id: Uuid| {
            run.steps.iter().any(|step| step.event == Some(id))
                || run.waits.iter().any(|row| row.wait.ended.as_ref().is_some_and(|by| by.event == Some(id)))
        };
        self.events.sent_after(run.after_event).find_map(|event| {
            let (payload, output) = payload_of(&event);
            let is_it = names.iter().any(|name| *name == event.name) && !met(event.id);
            (is_it && wait.takes(&event, &payload)).then_some((event.id, output))
        })
    }

    /// Ends the waits for an event that is sent, one of each run at most.
    pub(super) fn meet(&mut self, event: &EventRecord, now: Timestamp) {
        let Some(runs) = self.waiting_for.get(&*event.name).cloned() else { return };
        let (payload, output) = payload_of(event);
        for id in runs {
            let takes = |row: &&mut WaitRow| match &row.awaited {
                Awaited::Event { names, source, filter } if !row.wait.is_over(now) => {
                    let wait = Candidate { source: source.as_deref(), filter: filter.as_deref() };
                    names.iter().any(|name| *name == event.name) && wait.takes(event, &payload)
                }
                _ => false,
            };
            let run = self.runs.get_mut(&id);
            let met = run.and_then(|run| run.waits.iter_mut().find(takes));
            if let Some(row) = met {
                let (at, output) = (now, output.clone());
                row.wait.ended = Some(EndedWait { at, output, event: Some(event.id), failed: false });
                self.wake_run(id, now);
            }
            self.forget_waiting(&event.name, id);
        }
    }

    fn forget_waiting(&mut self, name: &str, run: Uuid) {
        let waits = |row: &WaitRow| {
            row.wait.ended.is_none()
                && matches!(&row.awaited, Awaited::Event { names, .. } if names.iter().any(|known| known == name))
        };
        if !self.runs.get(&run).is_some_and(|run| run.waits.iter().any(waits))
            && let Some(runs) = self.waiting_for.get_mut(name)
        {
            runs.remove(&run);
            if runs.is_empty() {
                self.waiting_for.remove(name);
            }
        }
    }

    pub(super) fn resume(&mut self, token: &TokenHash, body: String, now: Timestamp) -> Resumed {
        let Some((id, key)) = self.tokens.get(token).cloned() else { return Resumed::Unknown };
        if self.end_open(id, &key, body, now) { Resumed::Resumed } else { Resumed::TooLate }
    }

    pub(super) fn complete(&mut self, run: Uuid, key: &str, output: String, now: Timestamp) -> Resumed {
        if self.end_open(run, key, output, now) {
            return Resumed::Resumed;
        }
        let Some(run) = self.runs.get(&run) else { return Resumed::Unknown };
        let is_open = run.waits.iter().any(|row| row.wait.key == key);
        let has_ended = run.steps.iter().any(|step| step.key == key && step.kind.is_wait());
        if is_open || has_ended { Resumed::TooLate } else { Resumed::Unknown }
    }

    /// Ends a wait that is open, and lets its run go on; false where it is not open.
    fn end_open(&mut self, run: Uuid, key: &str, output: String, now: Timestamp) -> bool {
        let waits = self.runs.get_mut(&run).map(|run| &mut run.waits);
        let open = |row: &&mut WaitRow| row.wait.key == key && !row.wait.is_over(now);
        let Some(row) = waits.and_then(|waits| waits.iter_mut().find(open)) else { return false };
        row.wait.ended = Some(EndedWait { at: now, output, event: None, failed: false });
        self.wake_run(run, now);
        true
    }

    pub(super) fn ended_by(&self, event: Uuid) -> Vec<(Uuid, String)> {
        let of_run = |run: &RunRow| {
            let by = |ended: &Option<EndedWait>| ended.as_ref().and_then(|ended| ended.event) == Some(event);
            let steps = run.steps.iter().filter(|step| step.event == Some(event)).map(|step| &step.key);
            let waits = run.waits.iter().filter(|row| by(&row.wait.ended)).map(|row| &row.wait.key);
            steps.chain(waits).map(|key| (run.id, key.clone())).collect::<Vec<_>>()
        };
        self.runs.values().flat_map(of_run).collect()
    }

    /// A run that waits goes on; one that executes is told.
    pub(super) fn wake_run(&mut self, id: Uuid, now: Timestamp) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        match run.state {
            RunState::Waiting => {
                self.due.remove(run.priority, run.due_at, id);
                run.state = RunState::Queued;
                run.due_at = now;
                self.queue(id);
                self.woken.due = true;
            }
            RunState::Running => self.woken.ended.push(id),
            _ => {}
        }
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
