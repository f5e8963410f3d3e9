//! The lanes of the store in memory.

use super::state::State;
use crate::store::flow::{Entry, Hold, Lane, LaneLimit, LaneRow, Lanes, Sort};
use crate::store::record::RunState;
use crate::time::Timestamp;
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
            stored.name.0 == sort && stored.name.1 == limit.name && (stored.row.most, stored.row.span) != (most, span)
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
        let entry = table.entries.get_mut(&run).and_then(|all| all.iter_mut().find(|entry| entry.lane == lane));
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
