//! How the queries of the pages are answered: by an index, in its order.

use super::super::schema;
use super::super::statements::{
    COUNT_DELIVERIES, COUNT_EVENTS, COUNT_FAILURES, COUNT_RUNS, COUNT_TRACES, DELIVERY_BY_ID, DELIVERY_ROWS,
    DELIVERY_ROWS_OF_ENDPOINT, EVENT_BY_ID, EVENT_BY_PLACE, EVENT_ENTRIES, EVENTS_OF_DELIVERY, FAILED_RUNS,
    LAST_USE, LOGS_OF_RUN, RUN_BY_ID, RUN_ROWS, RUN_ROWS_OF_JOB, RUNS_BY_DELIVERY, RUNS_BY_EVENT, RUNS_BY_ID,
    STEPS_OF_RUN, TRACE_BY_ID, TRACE_ROWS, WAITS_OF_RUN,
};
use rusqlite::{Connection, params_from_iter, types::Null};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn empty() -> Result<Connection, Box<dyn std::error::Error>> {
    let mut connection = Connection::open_in_memory()?;
    schema::migrate(&mut connection).map_err(|error| error.at(None))?;
    Ok(connection)
}

fn plan(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let nulls = vec![Null; statement.parameter_count()];
    statement.query_map(params_from_iter(nulls), |row| row.get("detail"))?.collect()
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
        let scans = plan.iter().any(|line| !line.starts_with("SEARCH ") && !line.starts_with("USE TEMP"));
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
    for sql in
        [COUNT_DELIVERIES, COUNT_TRACES, COUNT_RUNS, COUNT_FAILURES, COUNT_EVENTS, EVENT_ENTRIES, FAILED_RUNS]
    {
        let plan = plan(&connection, sql)?;
        let mut reads = plan.iter().filter(|line| !line.starts_with("USE TEMP"));
        assert!(reads.all(|line| line.contains("USING COVERING INDEX")), "{sql}: {plan:?}");
    }
    Ok(())
}
