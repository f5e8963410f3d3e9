//! Opens waits, ends them, and records those that ended while a run was away.

use super::SqliteStore;
use super::calls::OpenCall;
use super::failure::Failure;
use super::rows;
use super::runs::{Held, ROW, held, record, size_of_steps};
use super::statements::{
    DROP_WAIT, DROP_WAIT_EVENTS, DROP_WAIT_EVENTS_OF_RUN, DROP_WAITS_OF_RUN, END_WAIT, EVENTS_BEFORE_WAIT,
    HAS_WAITS, INSERT_WAIT, INSERT_WAIT_EVENT, INSERT_WAIT_TOKEN, IS_AWAITED, NOTE_WAIT, OPEN_WAIT,
    STEP_BY_KEY, WAIT_BY_KEY, WAIT_OF_TOKEN, WAITS_ENDED_BY, WAITS_FOR_EVENT, WAITS_OF_RUN, WAKE_RUN,
};
use super::work::{Tx, Work};
use crate::store::StoreFuture;
use crate::store::call::NewCall;
use crate::store::event::EventRecord;
use crate::store::listener::Listener;
use crate::store::record::{Fence, RunState};
use crate::store::step::Step;
use crate::store::wait::{Awaited, Candidate, NewWait, Resumed, TokenHash, Wait, WaitStore, payload_of};
use crate::time::Timestamp;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use std::sync::Arc;
use uuid::Uuid;

impl WaitStore for SqliteStore {
    fn open_wait(&self, fence: Fence, wait: NewWait, past: Vec<Step>) -> StoreFuture<'_, bool> {
        self.write(OpenWait { fence, wait, past }, None)
    }

    fn open_call(&self, fence: Fence, call: NewCall, past: Vec<Step>) -> StoreFuture<'_, bool> {
        self.write(OpenCall { fence, call, past, tickets: Vec::new() }, None)
    }

    fn end_wait(&self, fence: Fence, key: String, seq: u32) -> StoreFuture<'_, Step> {
        self.write(EndWait { fence, key, seq }, None)
    }

    fn resume(&self, token: TokenHash, body: String) -> StoreFuture<'_, Resumed> {
        self.write(Resume { token, body }, None)
    }

    fn complete(&self, run: Uuid, key: &str, output: String) -> StoreFuture<'_, Resumed> {
        self.write(Complete { run, key: key.to_owned(), output }, None)
    }

    fn ended_by(&self, event: Uuid) -> StoreFuture<'_, Vec<(Uuid, String)>> {
        self.read(move |db| {
            let mut ended = db.prepare_cached(WAITS_ENDED_BY)?;
            let ended = ended.query_map([event.as_bytes()], |row| Ok((rows::uuid(row, 0)?, row.get(1)?)))?;
            Ok(ended.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn waits(&self, run: Uuid) -> StoreFuture<'_, Vec<Wait>> {
        self.read(move |db| Ok(waits_of(db, run)?))
    }

    fn listen(&self, listener: Arc<dyn Listener>) {
        self.listening.set(listener);
    }
}

/// Stores a wait that a run has reached.
pub(super) struct OpenWait {
    pub(super) fence: Fence,
    pub(super) wait: NewWait,
    pub(super) past: Vec<Step>,
}

impl Work for OpenWait {
    type Output = bool;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<bool, Failure> {
        let run = held(tx, self.fence)?;
        let id = self.fence.run;
        record(tx, id, &run, &self.past)?;
        let NewWait { key, awaited, .. } = &self.wait;
        if recorded(tx.db()?, id, key)?.is_some() {
            return Ok(true);
        }
        insert(tx, id, &self.wait)?;
        match awaited {
            Awaited::Time | Awaited::Call { .. } => {}
            Awaited::Request { token } => {
                tx.db()?.prepare_cached(INSERT_WAIT_TOKEN)?.execute(params![token, id.as_bytes(), key])?;
                let wait = tx.db()?.prepare_cached(WAIT_BY_KEY)?;
                return Ok(wait_by_key(wait, id, key)?.is_over(tx.now));
            }
            Awaited::Event { names, source, filter } => {
                for name in names {
                    tx.db()?.prepare_cached(INSERT_WAIT_EVENT)?.execute(params![name, id.as_bytes(), key])?;
                }
                let wait = Candidate { source: source.as_deref(), filter: filter.as_deref() };
                if let Some((event, output)) = sent_before(tx, id, names, &wait)? {
                    end(tx, id, key, &Ending { output: &output, event: Some(event), failed: false })?;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn size(&self) -> usize {
        ROW + self.wait.key.len() + size_of_steps(&self.past)
    }
}

/// Records a wait that is over, in the place that the run gives it.
pub(super) struct EndWait {
    pub(super) fence: Fence,
    pub(super) key: String,
    pub(super) seq: u32,
}

impl Work for EndWait {
    type Output = Step;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Step, Failure> {
        let run = held(tx, self.fence)?;
        let id = self.fence.run;
        if let Some(step) = recorded(tx.db()?, id, &self.key)? {
            return Ok(step);
        }
        let wait = tx.db()?.prepare_cached(WAIT_BY_KEY)?;
        let wait = wait_by_key(wait, id, &self.key)?;
        let step = wait.into_step(self.seq, self.fence.attempt, tx.now);
        drop_wait(tx, id, &self.key)?;
        record(tx, id, &run, std::slice::from_ref(&step))?;
        Ok(step)
    }

    fn size(&self) -> usize {
        2 * ROW
    }
}

/// Ends a wait for a request.
pub(super) struct Resume {
    pub(super) token: TokenHash,
    pub(super) body: String,
}

impl Work for Resume {
    type Output = Resumed;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Resumed, Failure> {
        let found = tx
            .db()?
            .prepare_cached(WAIT_OF_TOKEN)?
            .query_row([self.token], |row| Ok((rows::uuid(row, 0)?, row.get::<_, String>(1)?)))
            .optional()?;
        let Some((run, key)) = found else { return Ok(Resumed::Unknown) };
        let resumed = end_open(tx, run, &key, &self.body)?;
        Ok(if resumed { Resumed::Resumed } else { Resumed::TooLate })
    }

    fn size(&self) -> usize {
        ROW + self.body.len()
    }
}

/// Ends a wait for a person.
struct Complete {
    run: Uuid,
    key: String,
    output: String,
}

impl Work for Complete {
    type Output = Resumed;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Resumed, Failure> {
        let Complete { run, key, output } = &*self;
        if end_open(tx, *run, key, output)? {
            return Ok(Resumed::Resumed);
        }
        let is_open = tx.db()?.prepare_cached(WAIT_BY_KEY)?.exists(params![run.as_bytes(), key])?;
        let has_ended = recorded(tx.db()?, *run, key)?.is_some_and(|step| step.kind.is_wait());
        Ok(if is_open || has_ended { Resumed::TooLate } else { Resumed::Unknown })
    }

    fn size(&self) -> usize {
        ROW + self.output.len()
    }
}

/// Ends a wait that is open, and lets its run go on; false where it is not open.
fn end_open(tx: &Tx<'_>, run: Uuid, key: &str, output: &str) -> rusqlite::Result<bool> {
    let state = tx
        .db()?
        .prepare_cached(OPEN_WAIT)?
        .query_row(params![run.as_bytes(), key, tx.now.0], |row| rows::run_state(row, 0))
        .optional()?;
    if let Some(state) = state {
        end(tx, run, key, &Ending { output, event: None, failed: false })?;
        wake(tx, run, state)?;
    }
    Ok(state.is_some())
}

/// Ends the waits for an event that is sent, one of each run at most.
pub(super) fn meet(tx: &Tx<'_>, event: &EventRecord) -> Result<(), Failure> {
    // Nobody waits for most events, and those who do are sorted, which costs more than all else here.
    if !tx.aside().prepare_cached(IS_AWAITED)?.exists([&event.name])? {
        return Ok(());
    }
    let mut waits = tx.db()?.prepare_cached(WAITS_FOR_EVENT)?;
    let mut waits = waits.query(params![event.name, tx.now.0])?;
    let mut read = None;
    let mut met: Vec<(Uuid, String, RunState)> = Vec::new();
    while let Some(row) = waits.next()? {
        let run = rows::uuid(row, 0)?;
        if met.last().is_some_and(|(last, ..)| *last == run) {
            continue;
        }
        let (payload, _) = read.get_or_insert_with(|| payload_of(event));
        let (source, filter): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
        let wait = Candidate { source: source.as_deref(), filter: filter.as_deref() };
        if wait.takes(event, payload) {
            met.push((run, row.get(1)?, rows::run_state(row, 4)?));
        }
    }
    drop(waits);
    for (run, key, state) in met {
        if let Some((_, output)) = &read {
            end(tx, run, &key, &Ending { output, event: Some(event.id), failed: false })?;
            wake(tx, run, state)?;
        }
    }
    Ok(())
}

/// The first event that was sent since the run was made, ended no wait of it,
/// and is what a wait of it is for.
fn sent_before(
    tx: &Tx<'_>,
    run: Uuid,
    names: &[String],
    wait: &Candidate<'_>,
) -> Result<Option<(Uuid, String)>, Failure> {
    for name in names {
        let mut events = tx.db()?.prepare_cached(EVENTS_BEFORE_WAIT)?;
        let mut events = events.query(params![run.as_bytes(), name])?;
        while let Some(row) = events.next()? {
            let event = rows::event(row)?;
            let (payload, output) = payload_of(&event);
            if wait.takes(&event, &payload) {
                return Ok(Some((event.id, output)));
            }
        }
    }
    Ok(None)
}

/// What ends a wait.
pub(super) struct Ending<'a> {
    pub(super) output: &'a str,
    pub(super) event: Option<Uuid>,
    pub(super) failed: bool,
}

pub(super) fn end(tx: &Tx<'_>, run: Uuid, key: &str, ending: &Ending<'_>) -> rusqlite::Result<()> {
    let Ending { output, event, failed } = ending;
    let event = event.as_ref().map(Uuid::as_bytes);
    let mut end = tx.db()?.prepare_cached(END_WAIT)?;
    end.execute(params![run.as_bytes(), key, tx.now.0, output, event, failed])?;
    Ok(())
}

/// Stores a wait, in place of one with its key.
pub(super) fn insert(tx: &Tx<'_>, run: Uuid, wait: &NewWait) -> rusqlite::Result<()> {
    let NewWait { key, awaited, due_at } = wait;
    let (source, filter) = match awaited {
        Awaited::Event { source, filter, .. } => (source.as_ref(), filter.as_ref()),
        Awaited::Time | Awaited::Request { .. } | Awaited::Call { .. } => (None, None),
    };
    let (kind, call) = (awaited.kind().name(), awaited.call());
    tx.db()?.prepare_cached(INSERT_WAIT)?.execute(params![
        run.as_bytes(),
        key,
        kind,
        due_at.0,
        tx.now.0,
        source,
        filter,
        awaited.event(),
        call.as_ref().map(Uuid::as_bytes),
    ])?;
    note(tx, run)
}

/// Notes that there are waits, those of the run or those for its end.
pub(super) fn note(tx: &Tx<'_>, run: Uuid) -> rusqlite::Result<()> {
    tx.db()?.prepare_cached(NOTE_WAIT)?.execute([run.as_bytes()])?;
    Ok(())
}

/// A run that waits goes on; one that executes is told.
pub(super) fn wake(tx: &Tx<'_>, run: Uuid, state: RunState) -> rusqlite::Result<()> {
    match state {
        RunState::Waiting => {
            tx.db()?.prepare_cached(WAKE_RUN)?.execute(params![run.as_bytes(), tx.now.0])?;
            tx.woken.borrow_mut().due = true;
        }
        RunState::Running => tx.woken.borrow_mut().ended.push(run),
        _ => {}
    }
    Ok(())
}

fn drop_wait(tx: &Tx<'_>, run: Uuid, key: &str) -> rusqlite::Result<()> {
    tx.db()?.prepare_cached(DROP_WAIT)?.execute(params![run.as_bytes(), key])?;
    tx.db()?.prepare_cached(DROP_WAIT_EVENTS)?.execute(params![run.as_bytes(), key])?;
    Ok(())
}

/// Drops the waits of a run that has ended. Tokens stay as long as the run.
pub(super) fn drop_waits(tx: &Tx<'_>, run: Uuid) -> rusqlite::Result<()> {
    if !tx.db()?.prepare_cached(HAS_WAITS)?.exists([run.as_bytes()])? {
        return Ok(());
    }
    tx.db()?.prepare_cached(DROP_WAITS_OF_RUN)?.execute([run.as_bytes()])?;
    tx.db()?.prepare_cached(DROP_WAIT_EVENTS_OF_RUN)?.execute([run.as_bytes()])?;
    Ok(())
}

fn wait_by_key(mut statement: CachedStatement<'_>, run: Uuid, key: &str) -> rusqlite::Result<Wait> {
    statement.query_row(params![run.as_bytes(), key], rows::wait)
}

pub(super) fn recorded(connection: &Connection, run: Uuid, key: &str) -> rusqlite::Result<Option<Step>> {
    connection.prepare_cached(STEP_BY_KEY)?.query_row(params![run.as_bytes(), key], rows::step).optional()
}

/// The waits of a run, in the order in which they were opened.
pub(super) fn waits_of(connection: &Connection, run: Uuid) -> rusqlite::Result<Vec<Wait>> {
    connection.prepare_cached(WAITS_OF_RUN)?.query_map([run.as_bytes()], rows::wait)?.collect()
}

/// Drops the waits of a run that are not open, and says when the first of the
/// others ends.
pub(super) fn suspend(tx: &Tx<'_>, run: Uuid, open: &[String]) -> rusqlite::Result<Option<Timestamp>> {
    let mut first = None;
    for wait in waits_of(tx.db()?, run)? {
        if open.contains(&wait.key) {
            let at = wait.ends_at();
            first = Some(first.map_or(at, |first: Timestamp| first.min(at)));
        } else {
            drop_wait(tx, run, &wait.key)?;
        }
    }
    Ok(first)
}

/// Records the waits that are over, in the order in which they ended, after
/// `steps`, and adds them to these. Returns the ones that are open, and the
/// run's failures in a row after that.
pub(super) fn settle(
    tx: &Tx<'_>,
    fence: Fence,
    run: &Held,
    steps: &mut Vec<Step>,
    now: Timestamp,
) -> rusqlite::Result<(Vec<Wait>, u32)> {
    let (mut over, open): (Vec<_>, Vec<_>) =
        waits_of(tx.db()?, fence.run)?.into_iter().partition(|wait| wait.is_over(now));
    over.sort_by_key(Wait::ends_at);
    let last = steps.iter().filter(|step| step.state.is_recorded()).map(|step| step.seq).max();
    let ended = over.into_iter().zip(last.map_or(0, |last| last + 1)..).map(|(wait, seq)| {
        let at = wait.ends_at();
        wait.into_step(seq, fence.attempt, at)
    });
    let ended: Vec<_> = ended.collect();
    for step in &ended {
        drop_wait(tx, fence.run, &step.key)?;
    }
    let failures = record(tx, fence.run, run, &ended)?;
    steps.extend(ended);
    Ok((open, failures))
}
