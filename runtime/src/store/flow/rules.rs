//! How runs come into their lanes, start, and leave them.

use super::{Departure, Entry, Hold, LaneKind, LaneLimit, LaneRow, Lanes, Placement, RunFlow, Sort};
use crate::time::Timestamp;
use uuid::Uuid;

/// Puts a new run into its lanes.
pub(in crate::store) fn enter<L: Lanes>(
    lanes: &mut L,
    run: Uuid,
    flow: &RunFlow,
    now: Timestamp,
) -> Result<Placement, L::Error> {
    let mut due_at = now;
    let mut is_blocked = false;
    for lane in &flow.lanes {
        let mut row = lanes.lane(lane)?;
        let hold = match lane.kind {
            LaneKind::Debounce { wait, max } => {
                match row.leader {
                    Some(earlier) => {
                        lanes.supersede(earlier, run, now)?;
                        depart(lanes, earlier, Departure::Ended, now)?;
                        // Its departure may have dropped the lane.
                        let since = row.since;
                        row = LaneRow { since, ..lanes.lane(lane)? };
                    }
                    None => row.since = now,
                }
                row.leader = Some(run);
                due_at = now.plus(wait);
                if let Some(max) = max {
                    due_at = due_at.min(row.since.plus(max));
                }
                lanes.save(&row)?;
                Hold::Holds
            }
            LaneKind::Batch { size, wait } => {
                row.held += 1;
                if let Some(leader) = row.leader {
                    if row.held >= i64::from(size) {
                        row.leader = None;
                        row.held = 0;
                        lanes.hasten(leader, now)?;
                    }
                    lanes.save(&row)?;
                    return Ok(Placement::Joined(leader));
                }
                row.leader = Some(run);
                due_at = now.plus(wait);
                lanes.save(&row)?;
                Hold::Holds
            }
            LaneKind::Fifo if row.leader.is_none() => {
                row.leader = Some(run);
                lanes.save(&row)?;
                Hold::Holds
            }
            LaneKind::Fifo => Hold::Blocked,
            // Where others wait already there is no place. One that is put off asks when it is due.
            LaneKind::Concurrency { .. } | LaneKind::Rate { .. }
                if !is_blocked && due_at <= now && lanes.first_blocked(row.id)?.is_some() =>
            {
                Hold::Blocked
            }
            LaneKind::Concurrency { .. } | LaneKind::Rate { .. } => Hold::Wants,
            LaneKind::Cancel => Hold::Holds,
        };
        let rank = if lane.kind == LaneKind::Fifo { 0 } else { flow.priority };
        is_blocked |= hold == Hold::Blocked;
        lanes.enter(row.id, run, rank, hold)?;
    }
    Ok(if is_blocked { Placement::Blocked(due_at) } else { Placement::Queued(due_at) })
}

/// Takes a place in each lane of a queued run that is to be claimed. False where
/// one has none: the run is blocked there then.
pub(in crate::store) fn admit<L: Lanes>(lanes: &mut L, run: Uuid, now: Timestamp) -> Result<bool, L::Error> {
    let entries = lanes.entries(run)?;
    for Entry { lane, hold } in &entries {
        if *hold != Hold::Wants {
            continue;
        }
        let has_place = match lane.sort {
            Sort::Concurrency => lane.held < i64::from(lane.most),
            Sort::Rate => match next_start(lanes, lane)? {
                Some(at) if at > now => {
                    lanes.save(&LaneRow { opens_at: Some(at), ..lane.clone() })?;
                    false
                }
                _ => true,
            },
            Sort::Debounce | Sort::Batch | Sort::Fifo | Sort::Cancel => true,
        };
        if !has_place {
            lanes.set_hold(lane.id, run, Hold::Blocked)?;
            lanes.block(run)?;
            // What it holds elsewhere is of no use to it now.
            for entry in entries.iter().filter(|entry| entry.hold == Hold::Holds) {
                give_back(lanes, entry, run)?;
            }
            return Ok(false);
        }
    }
    for Entry { mut lane, hold } in entries {
        match (lane.sort, hold) {
            (Sort::Concurrency, Hold::Wants) => {
                lane.held += 1;
                lanes.save(&lane)?;
                lanes.set_hold(lane.id, run, Hold::Holds)?;
            }
            (Sort::Rate, Hold::Wants) => {
                lane.held += 1;
                lanes.note_start(lane.id, lane.held, now, lane.most)?;
                lanes.save(&lane)?;
                lanes.set_hold(lane.id, run, Hold::Holds)?;
            }
            (Sort::Debounce | Sort::Batch, _) => close(lanes, lane, run)?,
            _ => {}
        }
    }
    Ok(true)
}

/// Gives back the places of a run whose execution ended, or that will have none.
pub(in crate::store) fn depart<L: Lanes>(
    lanes: &mut L,
    run: Uuid,
    how: Departure,
    now: Timestamp,
) -> Result<(), L::Error> {
    for entry in lanes.entries(run)? {
        if how == Departure::Ended {
            lanes.leave(entry.lane.id, run)?;
        }
        match (entry.lane.sort, how) {
            (Sort::Concurrency, _) if entry.hold == Hold::Holds => give_back(lanes, &entry, run)?,
            (Sort::Rate, Departure::Retried) => lanes.set_hold(entry.lane.id, run, Hold::Wants)?,
            (Sort::Fifo, Departure::Ended) if entry.lane.leader == Some(run) => {
                let next = lanes.first_blocked(entry.lane.id)?;
                lanes.save(&LaneRow { leader: next, ..entry.lane.clone() })?;
                if let Some(next) = next {
                    lanes.set_hold(entry.lane.id, next, Hold::Holds)?;
                    lanes.unblock(next)?;
                }
            }
            (Sort::Debounce | Sort::Batch, Departure::Ended) => close(lanes, entry.lane.clone(), run)?,
            _ => {}
        }
        match (entry.lane.sort, how) {
            // What it has counted holds until its time is over.
            (Sort::Rate, Departure::Ended) if entry.lane.opens_at.is_none() => {
                refill(lanes, entry.lane, now)?;
            }
            (Sort::Concurrency | Sort::Fifo | Sort::Cancel, Departure::Ended) => {
                lanes.drop_if_empty(entry.lane.id)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Lets runs go on whose lanes open with time.
pub(in crate::store) fn open_due<L: Lanes>(lanes: &mut L, now: Timestamp) -> Result<(), L::Error> {
    for lane in lanes.opening(now)? {
        refill(lanes, lane, now)?;
    }
    Ok(())
}

/// Takes over the limits that the program declares now.
pub(in crate::store) fn set_limits<L: Lanes>(
    lanes: &mut L,
    limits: &[LaneLimit],
    now: Timestamp,
) -> Result<(), L::Error> {
    for limit in limits {
        for lane in lanes.set_limit(limit)? {
            refill(lanes, lane, now)?;
        }
    }
    Ok(())
}

/// The runs that an event with this key cancels.
pub(in crate::store) fn cancelled_by<L: Lanes>(
    lanes: &mut L,
    name: &str,
    key: &str,
) -> Result<Vec<Uuid>, L::Error> {
    match lanes.find(Sort::Cancel, name, key)? {
        Some(lane) => lanes.runs_in(lane.id),
        None => Ok(Vec::new()),
    }
}

/// When a rate next lets a run start; `None` for at once.
fn next_start<L: Lanes>(lanes: &mut L, lane: &LaneRow) -> Result<Option<Timestamp>, L::Error> {
    let oldest = lane.held + 1 - i64::from(lane.most);
    let at = if oldest > 0 { lanes.start(lane.id, oldest)? } else { None };
    Ok(at.map(|at| at.plus(lane.span)))
}

/// Gives back a place that is counted, to the first who waits for it.
fn give_back<L: Lanes>(lanes: &mut L, entry: &Entry, run: Uuid) -> Result<(), L::Error> {
    if entry.lane.sort != Sort::Concurrency {
        return Ok(());
    }
    let mut lane = entry.lane.clone();
    lanes.set_hold(lane.id, run, Hold::Wants)?;
    lane.held -= 1;
    hand_on(lanes, &mut lane)?;
    lanes.save(&lane)
}

/// Gives free places to those that wait, the first first.
fn hand_on<L: Lanes>(lanes: &mut L, lane: &mut LaneRow) -> Result<(), L::Error> {
    while lane.held < i64::from(lane.most) {
        let Some(next) = lanes.first_blocked(lane.id)? else { break };
        lanes.set_hold(lane.id, next, Hold::Holds)?;
        lane.held += 1;
        lanes.unblock(next)?;
    }
    Ok(())
}

/// Looks at a lane whose time has come, or whose limit has changed.
fn refill<L: Lanes>(lanes: &mut L, mut lane: LaneRow, now: Timestamp) -> Result<(), L::Error> {
    match lane.sort {
        Sort::Concurrency => {
            hand_on(lanes, &mut lane)?;
            lanes.save(&lane)
        }
        Sort::Rate => {
            lane.opens_at = let_start(lanes, &lane, now)?;
            lanes.save(&lane)?;
            if lane.opens_at.is_none() { lanes.drop_if_empty(lane.id) } else { Ok(()) }
        }
        Sort::Debounce | Sort::Batch | Sort::Fifo | Sort::Cancel => Ok(()),
    }
}

/// Queues as many as may start now; returns when to look again. They are counted when they start: where
/// another lane holds them back their places are free again at the next look.
fn let_start<L: Lanes>(lanes: &mut L, lane: &LaneRow, now: Timestamp) -> Result<Option<Timestamp>, L::Error> {
    let mut then = lane.clone();
    while let Some(next) = lanes.first_blocked(lane.id)? {
        let at = next_start(lanes, &then)?.unwrap_or(now);
        if at > now {
            return Ok(Some(at));
        }
        if then.held - lane.held >= i64::from(lane.most) {
            return Ok(Some(now.plus(lane.span)));
        }
        lanes.set_hold(lane.id, next, Hold::Wants)?;
        lanes.unblock(next)?;
        then.held += 1;
    }
    // Its starts are forgotten when they count no more.
    let idle_at = lanes.start(lane.id, lane.held)?.map(|at| at.plus(lane.span));
    Ok(idle_at.filter(|at| *at > now))
}

/// The run starts, or never will: what comes now is put off, or collected, anew.
fn close<L: Lanes>(lanes: &mut L, mut lane: LaneRow, run: Uuid) -> Result<(), L::Error> {
    lanes.leave(lane.id, run)?;
    if lane.leader == Some(run) {
        lane.leader = None;
        lane.held = 0;
        lanes.save(&lane)?;
    }
    lanes.drop_if_empty(lane.id)
}
