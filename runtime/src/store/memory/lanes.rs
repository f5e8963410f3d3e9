//! The lanes of the store in memory.

use super::rows::RunRow;
use super::state::State;
use crate::store::StoreError;
use crate::store::flow::{
    self, Departure, Entry, Hold, Lane, LaneLimit, LaneRow, Lanes, Placement, RunFlow, Sort,
};
use crate::store::lifecycle::{HOOK_LIMIT, hook, superseded};
use crate::store::record::{BatchMember, RunHooks, RunState};
use crate::time::Timestamp;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use uuid::Uuid;

/// Every lane, and who is in it.
#[derive(Debug, Default)]
pub(super) struct LaneTable {
    rows: HashMap<i64, Stored>,
    ids: HashMap<(Sort, String, String), i64>,
    next_id: i64,
    next_place: u64,
    entries: HashMap<Uuid, Vec<InLane>>,
    opening: BTreeSet<(Timestamp, i64)>,
}

#[derive(Debug)]
struct Stored {
    row: LaneRow,
    name: (Sort, String, String),
    /// Those that wait, by rank and then as they came.
    blocked: BTreeSet<(Reverse<i32>, u64, Uuid)>,
    members: BTreeSet<Uuid>,
    starts: BTreeMap<i64, Timestamp>,
}

#[derive(Clone, Copy, Debug)]
struct InLane {
    lane: i64,
    rank: i32,
    place: u64,
    hold: Hold,
}

impl LaneTable {
    /// When the next lane is to be looked at.
    pub(super) fn next_opening(&self) -> Option<Timestamp> {
        self.opening.first().map(|(at, _)| *at)
    }
}

impl Lanes for State {
    type Error = Infallible;

    fn lane(&mut self, lane: &Lane) -> Result<LaneRow, Infallible> {
        let table = &mut self.lanes;
        let sort = Sort::of(lane.kind);
        let name = (sort, lane.name.to_string(), lane.key.clone());
        let (most, span) = (lane.kind.most(), lane.kind.span());
        let next_id = &mut table.next_id;
        let id = *table.ids.entry(name.clone()).or_insert_with(|| {
            *next_id += 1;
            *next_id
        });
        let stored = table.rows.entry(id).or_insert_with(|| Stored {
            row: LaneRow { id, sort, most, span, held: 0, leader: None, since: Timestamp(0), opens_at: None },
            name,
            blocked: BTreeSet::new(),
            members: BTreeSet::new(),
            starts: BTreeMap::new(),
        });
        (stored.row.most, stored.row.span) = (most, span);
        Ok(stored.row.clone())
    }

    fn find(&mut self, sort: Sort, name: &str, key: &str) -> Result<Option<LaneRow>, Infallible> {
        let id = self.lanes.ids.get(&(sort, name.to_owned(), key.to_owned()));
        Ok(id.and_then(|id| self.lanes.rows.get(id)).map(|stored| stored.row.clone()))
    }

    fn save(&mut self, lane: &LaneRow) -> Result<(), Infallible> {
        let table = &mut self.lanes;
        if let Some(stored) = table.rows.get_mut(&lane.id) {
            if let Some(at) = stored.row.opens_at {
                table.opening.remove(&(at, lane.id));
            }
            table.opening.extend(lane.opens_at.map(|at| (at, lane.id)));
            stored.row = lane.clone();
        }
        Ok(())
    }

    fn drop_if_empty(&mut self, lane: i64) -> Result<(), Infallible> {
        let table = &mut self.lanes;
        if table.rows.get(&lane).is_some_and(|stored| stored.members.is_empty())
            && let Some(stored) = table.rows.remove(&lane)
        {
            table.ids.remove(&stored.name);
            if let Some(at) = stored.row.opens_at {
                table.opening.remove(&(at, lane));
            }
        }
        Ok(())
    }

    fn set_limit(&mut self, limit: &LaneLimit) -> Result<Vec<LaneRow>, Infallible> {
        let (sort, most, span) = (Sort::of(limit.kind), limit.kind.most(), limit.kind.span());
        let of = self.lanes.rows.values_mut().filter(|stored| {
            stored.name.0 == sort
                && stored.name.1 == limit.name
                && (stored.row.most, stored.row.span) != (most, span)
        });
        Ok(of
            .map(|stored| {
                (stored.row.most, stored.row.span) = (most, span);
                stored.row.clone()
            })
            .collect())
    }

    fn opening(&mut self, now: Timestamp) -> Result<Vec<LaneRow>, Infallible> {
        let due = self.lanes.opening.iter().take_while(|(at, _)| *at <= now);
        Ok(due.filter_map(|(_, id)| self.lanes.rows.get(id)).map(|stored| stored.row.clone()).collect())
    }

    fn enter(&mut self, lane: i64, run: Uuid, rank: i32, hold: Hold) -> Result<(), Infallible> {
        let table = &mut self.lanes;
        let place = table.next_place;
        table.next_place += 1;
        table.entries.entry(run).or_default().push(InLane { lane, rank, place, hold });
        if let Some(stored) = table.rows.get_mut(&lane) {
            stored.members.insert(run);
            if hold == Hold::Blocked {
                stored.blocked.insert((Reverse(rank), place, run));
            }
        }
        Ok(())
    }

    fn entries(&mut self, run: Uuid) -> Result<Vec<Entry>, Infallible> {
        let entries = self.lanes.entries.get(&run).into_iter().flatten();
        let entry = |entry: &InLane| {
            let lane = self.lanes.rows.get(&entry.lane)?.row.clone();
            Some(Entry { lane, hold: entry.hold })
        };
        Ok(entries.filter_map(entry).collect())
    }

    fn set_hold(&mut self, lane: i64, run: Uuid, hold: Hold) -> Result<(), Infallible> {
        let table = &mut self.lanes;
        let entry =
            table.entries.get_mut(&run).and_then(|all| all.iter_mut().find(|entry| entry.lane == lane));
        if let (Some(entry), Some(stored)) = (entry, table.rows.get_mut(&lane)) {
            entry.hold = hold;
            let waiting = (Reverse(entry.rank), entry.place, run);
            if hold == Hold::Blocked {
                stored.blocked.insert(waiting);
            } else {
                stored.blocked.remove(&waiting);
            }
        }
        Ok(())
    }

    fn leave(&mut self, lane: i64, run: Uuid) -> Result<(), Infallible> {
        self.set_hold(lane, run, Hold::Wants)?;
        let table = &mut self.lanes;
        if let Some(stored) = table.rows.get_mut(&lane) {
            stored.members.remove(&run);
        }
        if let Some(entries) = table.entries.get_mut(&run) {
            entries.retain(|entry| entry.lane != lane);
            if entries.is_empty() {
                table.entries.remove(&run);
            }
        }
        Ok(())
    }

    fn first_blocked(&mut self, lane: i64) -> Result<Option<Uuid>, Infallible> {
        Ok(self.lanes.rows.get(&lane).and_then(|stored| stored.blocked.first()).map(|(_, _, run)| *run))
    }

    fn runs_in(&mut self, lane: i64) -> Result<Vec<Uuid>, Infallible> {
        Ok(self.lanes.rows.get(&lane).into_iter().flat_map(|stored| &stored.members).copied().collect())
    }

    fn note_start(&mut self, lane: i64, n: i64, at: Timestamp, keep: u32) -> Result<(), Infallible> {
        if let Some(stored) = self.lanes.rows.get_mut(&lane) {
            stored.starts.insert(n, at);
            stored.starts = stored.starts.split_off(&(n - i64::from(keep) + 1));
        }
        Ok(())
    }

    fn start(&mut self, lane: i64, n: i64) -> Result<Option<Timestamp>, Infallible> {
        Ok(self.lanes.rows.get(&lane).and_then(|stored| stored.starts.get(&n)).copied())
    }

    fn block(&mut self, run: Uuid) -> Result<(), Infallible> {
        self.set_state(run, RunState::Blocked);
        Ok(())
    }

    fn unblock(&mut self, run: Uuid) -> Result<(), Infallible> {
        self.set_state(run, RunState::Queued);
        Ok(())
    }

    fn hasten(&mut self, run: Uuid, now: Timestamp) -> Result<(), Infallible> {
        self.reschedule(run, now);
        Ok(())
    }

    fn supersede(&mut self, run: Uuid, by: Uuid, now: Timestamp) -> Result<(), Infallible> {
        self.superseded(run, by, now);
        Ok(())
    }
}

impl State {
    fn set_state(&mut self, run: Uuid, state: RunState) {
        self.unqueue(run);
        if let Some(row) = self.runs.get_mut(&run) {
            row.state = state;
        }
        self.queue(run);
    }

    /// Makes a run that has not begun due now.
    fn reschedule(&mut self, run: Uuid, now: Timestamp) {
        if self.runs.get(&run).is_some_and(|row| row.attempt == 0 && row.due_at > now) {
            self.unqueue(run);
            if let Some(row) = self.runs.get_mut(&run) {
                row.due_at = now;
            }
            self.queue(run);
        }
    }

    fn superseded(&mut self, run: Uuid, by: Uuid, now: Timestamp) {
        self.unqueue(run);
        let Some(row) = self.runs.get_mut(&run) else { return };
        row.state = RunState::Superseded;
        row.error = Some(superseded(by));
        row.finished_at = Some(now);
        let origin = row.origin;
        self.tell_callers(run, now);
        if self.is_finished(origin) {
            self.retire(origin);
        }
    }

    /// The runs that go along in the batch of a run.
    pub(super) fn batch_of(&self, run: Uuid) -> Vec<BatchMember> {
        let members = self.runs.get(&run).into_iter().flat_map(|row| &row.members);
        let members = members.filter_map(|id| self.runs.get(id)).filter(|row| row.state == RunState::Batched);
        members
            .filter_map(|row| Some(BatchMember { run: row.id, origin: self.origin(row.origin)? }))
            .collect()
    }

    /// What the end of an execution means for others: its lanes have a place, its
    /// batch ends with it, its hook is queued.
    pub(super) fn departed(
        &mut self,
        run: Uuid,
        how: Departure,
        state: RunState,
        error: Option<&str>,
        now: Timestamp,
    ) {
        let Ok(()) = flow::depart(self, run, how, now);
        if how != Departure::Ended {
            return;
        }
        self.tell_callers(run, now);
        let ended = self.runs.get(&run);
        let members = ended.map(|row| row.members.clone()).unwrap_or_default();
        let output = ended.and_then(|row| row.output.clone());
        for id in members {
            if let Some(member) = self.runs.get_mut(&id).filter(|row| row.state == RunState::Batched) {
                member.state = state;
                member.error = error.map(str::to_owned);
                member.output.clone_from(&output);
                member.finished_at = Some(now);
                let Ok(()) = flow::depart(self, id, how, now);
                self.tell_callers(id, now);
                self.retire_if_finished(id);
            }
        }
        self.add_hook(run, state, now);
        self.retire_if_finished(run);
    }

    fn retire_if_finished(&mut self, run: Uuid) {
        if let Some(origin) = self.runs.get(&run).map(|row| row.origin)
            && self.is_finished(origin)
        {
            self.retire(origin);
        }
    }

    fn add_hook(&mut self, run: Uuid, state: RunState, now: Timestamp) {
        let Some(parent) = self.runs.get(&run) else { return };
        let Some(name) = hook(parent.hooks, state) else { return };
        let (hooks, job) = (RunHooks::default(), Cow::Owned(format!("{}{name}", parent.job)));
        let row = RunRow {
            job,
            limit: HOOK_LIMIT,
            flow: None,
            hooks,
            parent: Some(run),
            ..parent.anew(now, self.events.last_sent())
        };
        self.add_run(row);
    }

    /// Stores a new run of the same job for the same delivery or event.
    pub(super) fn replay(&mut self, run: Uuid, now: Timestamp) -> Result<Uuid, StoreError> {
        let row = self.runs.get(&run).ok_or(StoreError::Stale)?.anew(now, self.events.last_sent());
        let (id, flow, origin) = (row.id, row.flow.clone(), row.origin);
        self.add_run(row);
        self.enter_again(id, flow, now);
        self.finished.retain(|finished| *finished != origin);
        Ok(id)
    }

    fn add_run(&mut self, row: RunRow) {
        let id = row.id;
        if let Some(runs) = self.runs_of(row.origin) {
            runs.push(id);
        }
        self.runs.insert(id, row);
        self.queue(id);
    }

    /// Puts a run that is tried again into its lanes, and its batch beside it.
    pub(super) fn enter_again(&mut self, run: Uuid, flow: Option<Box<RunFlow>>, now: Timestamp) {
        let Some(flow) = flow else { return };
        // A parked run is in them still.
        let Ok(()) = flow::depart(self, run, Departure::Ended, now);
        if let Ok(Placement::Blocked(_)) = flow::enter(self, run, &flow.again(), now) {
            self.set_state(run, RunState::Blocked);
        }
        let members = self.runs.get(&run).map(|row| row.members.clone()).unwrap_or_default();
        for member in members {
            let again = |row: &&mut RunRow| row.state == RunState::Done || row.state.is_failure();
            if let Some(row) = self.runs.get_mut(&member).filter(again) {
                (row.state, row.error, row.finished_at) = (RunState::Batched, None, None);
                let origin = row.origin;
                self.finished.retain(|id| *id != origin);
            }
        }
    }
}
