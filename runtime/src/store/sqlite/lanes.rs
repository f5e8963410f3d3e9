//! The lanes of runs, in their tables.

use super::calls;
use super::rows;
use super::statements::{
    BLOCK_RUN, BLOCKED_RUN, DROP_EMPTY_LANE, DROP_STARTS, ENTER_LANE, ENTRIES_OF_RUN, FORGET_STARTS,
    HASTEN_RUN, INSERT_LANE, LANE, LEAVE_LANE, LIMIT_LANES, NOTE_START, OPENING_LANES, RUNS_IN_LANE,
    SAVE_LANE, SET_HOLD, START_OF_LANE, SUPERSEDE_RUN, UNBLOCK_RUN,
};
use super::work::Tx;
use crate::store::flow::{Entry, Hold, Lane, LaneLimit, LaneRow, Lanes, Sort};
use crate::time::Timestamp;
use rusqlite::types::Type;
use rusqlite::{CachedStatement, OptionalExtension, Result, Row, params};
use std::time::Duration;
use uuid::Uuid;

/// The lanes behind an open transaction.
pub(super) struct SqlLanes<'t, 'c>(pub(super) &'t Tx<'c>);

impl SqlLanes<'_, '_> {
    fn prepared(&self, sql: &str) -> Result<CachedStatement<'_>> {
        self.0.db()?.prepare_cached(sql)
    }
}

/// Columns of a lane: id, sort, most, span, held, leader, since, opens_at.
fn lane_row(row: &Row<'_>) -> Result<LaneRow> {
    let name = row.get_ref(1)?.as_str()?;
    let sort = Sort::ALL.into_iter().find(|(_, known)| *known == name).map(|(sort, _)| sort);
    Ok(LaneRow {
        id: row.get(0)?,
        sort: sort.ok_or_else(|| rows::broken(1, Type::Text, "not a lane"))?,
        most: row.get(2)?,
        span: Duration::from_micros(u64::try_from(row.get::<_, i64>(3)?).unwrap_or_default()),
        held: row.get(4)?,
        leader: rows::optional_uuid(row, 5)?,
        since: rows::time(row, 6)?,
        opens_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
    })
}

fn name_of(sort: Sort) -> &'static str {
    Sort::ALL.into_iter().find(|(known, _)| *known == sort).map_or("", |(_, name)| name)
}

fn micros(span: Duration) -> i64 {
    rows::integer(span.as_micros())
}

impl Lanes for SqlLanes<'_, '_> {
    type Error = rusqlite::Error;

    fn lane(&mut self, lane: &Lane) -> Result<LaneRow> {
        let (most, span) = (lane.kind.most(), lane.kind.span());
        self.prepared(INSERT_LANE)?.query_row(
            params![name_of(Sort::of(lane.kind)), lane.name, lane.key, most, micros(span)],
            lane_row,
        )
    }

    fn find(&mut self, sort: Sort, name: &str, key: &str) -> Result<Option<LaneRow>> {
        self.prepared(LANE)?.query_row(params![name_of(sort), name, key], lane_row).optional()
    }

    fn save(&mut self, lane: &LaneRow) -> Result<()> {
        self.prepared(SAVE_LANE)?.execute(params![
            lane.id,
            lane.held,
            lane.leader.as_ref().map(Uuid::as_bytes),
            lane.since.0,
            lane.opens_at.map(|at| at.0),
        ])?;
        Ok(())
    }

    fn drop_if_empty(&mut self, lane: i64) -> Result<()> {
        if self.prepared(DROP_EMPTY_LANE)?.execute([lane])? > 0 {
            self.prepared(DROP_STARTS)?.execute([lane])?;
        }
        Ok(())
    }

    fn set_limit(&mut self, limit: &LaneLimit) -> Result<Vec<LaneRow>> {
        let (sort, most, span) = (Sort::of(limit.kind), limit.kind.most(), limit.kind.span());
        self.prepared(LIMIT_LANES)?
            .query_map(params![name_of(sort), limit.name, most, micros(span)], lane_row)?
            .collect()
    }

    fn opening(&mut self, now: Timestamp) -> Result<Vec<LaneRow>> {
        self.prepared(OPENING_LANES)?.query_map([now.0], lane_row)?.collect()
    }

    fn enter(&mut self, lane: i64, run: Uuid, rank: i32, hold: Hold) -> Result<()> {
        // Backwards, so that the first of a lane is the first of the index.
        let rank = -i64::from(rank);
        self.prepared(ENTER_LANE)?.execute(params![lane, run.as_bytes(), rank, hold.number()])?;
        Ok(())
    }

    fn entries(&mut self, run: Uuid) -> Result<Vec<Entry>> {
        let entry = |row: &Row<'_>| {
            let number: i64 = row.get(8)?;
            let hold = Hold::ALL.into_iter().find(|hold| hold.number() == number);
            let hold = hold.ok_or_else(|| rows::broken(8, Type::Integer, "not a hold"))?;
            Ok(Entry { lane: lane_row(row)?, hold })
        };
        self.prepared(ENTRIES_OF_RUN)?.query_map([run.as_bytes()], entry)?.collect()
    }

    fn set_hold(&mut self, lane: i64, run: Uuid, hold: Hold) -> Result<()> {
        self.prepared(SET_HOLD)?.execute(params![run.as_bytes(), lane, hold.number()])?;
        Ok(())
    }

    fn leave(&mut self, lane: i64, run: Uuid) -> Result<()> {
        self.prepared(LEAVE_LANE)?.execute(params![run.as_bytes(), lane])?;
        Ok(())
    }

    fn first_blocked(&mut self, lane: i64) -> Result<Option<Uuid>> {
        self.prepared(BLOCKED_RUN)?.query_row([lane], |row| rows::uuid(row, 0)).optional()
    }

    fn runs_in(&mut self, lane: i64) -> Result<Vec<Uuid>> {
        self.prepared(RUNS_IN_LANE)?.query_map([lane], |row| rows::uuid(row, 0))?.collect()
    }

    fn note_start(&mut self, lane: i64, n: i64, at: Timestamp, keep: u32) -> Result<()> {
        self.prepared(NOTE_START)?.execute(params![lane, n, at.0])?;
        self.prepared(FORGET_STARTS)?.execute(params![lane, n - i64::from(keep)])?;
        Ok(())
    }

    fn start(&mut self, lane: i64, n: i64) -> Result<Option<Timestamp>> {
        self.prepared(START_OF_LANE)?.query_row([lane, n], |row| rows::time(row, 0)).optional()
    }

    fn block(&mut self, run: Uuid) -> Result<()> {
        self.prepared(BLOCK_RUN)?.execute([run.as_bytes()])?;
        Ok(())
    }

    fn unblock(&mut self, run: Uuid) -> Result<()> {
        self.prepared(UNBLOCK_RUN)?.execute([run.as_bytes()])?;
        Ok(())
    }

    fn hasten(&mut self, run: Uuid, now: Timestamp) -> Result<()> {
        self.prepared(HASTEN_RUN)?.execute(params![run.as_bytes(), now.0])?;
        Ok(())
    }

    fn supersede(&mut self, run: Uuid, by: Uuid, now: Timestamp) -> Result<()> {
        self.prepared(SUPERSEDE_RUN)?.execute(params![
            run.as_bytes(),
            now.0,
            crate::store::lifecycle::superseded(by)
        ])?;
        calls::tell_callers(self.0, run)
    }
}
