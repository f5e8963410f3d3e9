//! How statements find their rows: by an index, in its order.

use super::super::statements::*;
use crate::store::sqlite::{Durability, open};
use rusqlite::{Connection, params_from_iter, types::Null};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn empty() -> Result<Connection, Box<dyn std::error::Error>> {
    Ok(open::writer(None, Durability::Full).map_err(|error| error.at(None))?)
}

fn plan(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let nulls = vec![Null; statement.parameter_count()];
    statement.query_map(params_from_iter(nulls), |row| row.get("detail"))?.collect()
}

#[test]
fn every_statement_fits_the_tables() -> Outcome {
    let connection = empty()?;
    for (name, sql) in ALL {
        connection.prepare(sql).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// Each of these runs in a hot path or over a table that grows without bound:
/// the plan must name an index and never a scan.
#[test]
fn no_hot_statement_scans_a_table() -> Outcome {
    let connection = empty()?;
    let hot = [
        NEXT_PRIORITY,
        DUE_RUNS,
        NEXT_DUE,
        NEXT_OPENING,
        MEMBERS_OF_BATCH,
        CLOSE_BATCH,
        REOPEN_BATCH,
        REFUSE_MEMBER,
        FIRST_OF_BATCH,
        HAND_ON_BATCH,
        LANE,
        LIMIT_LANES,
        OPENING_LANES,
        DROP_EMPTY_LANE,
        DROP_STARTS,
        ENTRIES_OF_RUN,
        SET_HOLD,
        LEAVE_LANE,
        BLOCKED_RUN,
        RUNS_IN_LANE,
        FORGET_STARTS,
        START_OF_LANE,
        UNBLOCK_RUN,
        ORPHANED_RUNS,
        KEY_HOLDER,
        CLAIM_RUN,
        CLAIM_RUNS,
        HELD_RUN,
        RUNS_BY_ID,
        RUNS_BY_DELIVERY,
        RUNS_BY_EVENT,
        EVENT_OF_KEY,
        EVENT_BY_ID,
        EVENTS_OF_DELIVERY,
        EVENT_BY_PLACE,
        PLACE_OF_EVENT,
        EVENT_ENTRIES,
        CALLED_JOBS,
        CALLS_OF_JOB,
        COUNT_EVENTS,
        OLD_CALLS,
        PRUNABLE_CALL,
        WAITS_ENDED_BY,
        DUE_EVENTS,
        DUE_SCHEDULES,
        TICK_SCHEDULE,
        RELEASE_EVENT,
        CANCEL_EVENT,
        STEPS_OF_RUN,
        LOGS_OF_RUN,
        LAST_USE,
        STEP_BY_KEY,
        WAIT_BY_KEY,
        WAITS_OF_RUN,
        DROP_WAIT,
        DROP_WAITS_OF_RUN,
        DROP_WAIT_EVENTS,
        DROP_WAIT_EVENTS_OF_RUN,
        VALUE_BY_KEY,
        DROP_VALUE,
        DROP_VALUES,
        DROP_RUN_VALUES,
        DROP_RUN_VALUES_OF_EVENT,
        WAITS_FOR_EVENT,
        WAITS_FOR_CALL,
        RUN_OF_CALL,
        ENDED_RUN,
        CALLS_OF_RUN,
        OUTPUT_OF_RUN,
        UNFINISHED_RUN,
        EVENTS_BEFORE_WAIT,
        WAIT_OF_TOKEN,
        OPEN_WAIT,
        DROP_TOKENS,
        DROP_TOKENS_OF_EVENT,
        DROP_BY_JOB,
        DROP_BY_JOB_OF_EVENT,
        LIST_BY_JOB,
        LIST_ONE_BY_JOB,
        DROP_RUNS,
        DROP_FAILURE,
        DROP_STEPS,
        DROP_LOGS,
        DROP_RUNS_OF_EVENT,
        DROP_STEPS_OF_EVENT,
        DROP_LOGS_OF_EVENT,
        TRACE_BY_ID,
        DELIVERY_ROWS,
        DELIVERY_ROWS_OF_ENDPOINT,
        TRACE_ROWS,
        RUN_ROWS,
        RUN_ROWS_OF_JOB,
        FAILED_RUNS,
        RUN_BY_ID,
        RETRIABLE_RUN,
        STEP_PLACE,
        DROP_FAILURES,
        DROP_STEPS_FROM,
        CANCEL_RUN,
        END_RUN,
        RECORD_STEP,
        HAS_WAITS,
        IS_AWAITED,
        IS_WAITED_FOR,
    ];
    for sql in hot {
        let name = ALL.iter().find(|(_, known)| *known == sql).map_or(sql, |(name, _)| name);
        let plan = plan(&connection, sql)?;
        // What a statement has found itself, it looks through.
        let scans = plan
            .iter()
            .filter(|line| line.starts_with("SCAN") && !line.contains("run_") && *line != "SCAN jobs");
        assert_eq!(scans.count(), 0, "{name}: {plan:?}");
        let sorts = plan.iter().filter(|line| line.contains("TEMP B-TREE") && name.contains("ROWS"));
        assert_eq!(sorts.count(), 0, "{name}: {plan:?}");
    }
    Ok(())
}

/// A page begins somewhere in an index, and reads on from there: nothing is
/// looked through from its beginning, and nothing is sorted that is not of one run.
#[test]
fn no_page_looks_through_a_table() -> Outcome {
    let connection = empty()?;
    let pages = [
        DELIVERY_ROWS,
        DELIVERY_ROWS_OF_ENDPOINT,
        TRACE_ROWS,
        RUN_ROWS,
        RUN_ROWS_OF_JOB,
        FAILED_RUNS,
        COUNT_DELIVERIES,
        COUNT_TRACES,
        COUNT_RUNS,
        COUNT_FAILURES,
        EVENT_ENTRIES,
        CALLS_OF_JOB,
    ];
    let single = [
        DELIVERY_BY_ID,
        TRACE_BY_ID,
        EVENT_BY_ID,
        EVENT_BY_PLACE,
        EVENTS_OF_DELIVERY,
        COUNT_EVENTS,
        RUN_BY_ID,
        RUNS_BY_ID,
        RUNS_BY_DELIVERY,
        RUNS_BY_EVENT,
        STEPS_OF_RUN,
        LOGS_OF_RUN,
        WAITS_OF_RUN,
        LAST_USE,
    ];
    for sql in pages.iter().chain(&single) {
        let plan = plan(&connection, sql)?;
        // Runs of an event are found in two indexes, events in two tables, and runs of a job in two
        // parts of an index.
        let known = [
            "SEARCH ",
            "USE TEMP",
            "MULTI-INDEX OR",
            "INDEX 1",
            "INDEX 2",
            "COMPOUND QUERY",
            "LEFT-MOST SUBQUERY",
            "UNION ALL",
            "MERGE (UNION ALL)",
            "LEFT",
            "RIGHT",
        ];
        let scans = plan.iter().any(|line| !known.iter().any(|known| line.starts_with(known)));
        assert!(!scans, "{sql}: {plan:?}");
    }
    for sql in pages {
        let plan = plan(&connection, sql)?;
        // Those of one moment may be sorted among themselves.
        let sorts = plan.iter().any(|line| line.contains("TEMP B-TREE") && !line.contains("LAST TERM"));
        assert!(!sorts, "{sql}: {plan:?}");
    }
    Ok(())
}

/// What counts a day's rows, or looks for few among many, must find all it
/// needs in an index: the rows themselves hold whole bodies.
#[test]
fn counting_reads_nothing_but_an_index() -> Outcome {
    let connection = empty()?;
    for sql in [
        COUNT_DELIVERIES,
        COUNT_TRACES,
        COUNT_RUNS,
        COUNT_FAILURES,
        COUNT_EVENTS,
        EVENT_ENTRIES,
        CALLS_OF_JOB,
        FAILED_RUNS,
    ] {
        let plan = plan(&connection, sql)?;
        let mut reads = plan.iter().filter(|line| line.starts_with("SEARCH") || line.starts_with("SCAN"));
        assert!(plan.iter().any(|line| line.starts_with("SEARCH")), "{sql}: {plan:?}");
        // `job_run` is an index that is a table.
        let is_index = |line: &String| {
            line.contains("USING COVERING INDEX") || line.starts_with("SEARCH job_run USING PRIMARY KEY")
        };
        assert!(reads.all(is_index), "{sql}: {plan:?}");
    }
    Ok(())
}
