//! Statements are prepared once, and keep nothing aside: either would cost more
//! than most of them.

use super::{Outcome, writer_on};
use crate::store::conformance::fixture::{delivery, event, step};
use crate::store::record::{End, Fence, Progress};
use crate::store::slot::Slots;
use crate::store::sqlite::accept::Accept;
use crate::store::sqlite::claim::Claim;
use crate::store::sqlite::events::SendEvents;
use crate::store::sqlite::pending::{FEW, MANY};
use crate::store::sqlite::runs::{Finish, Record};
use crate::store::sqlite::statements::{ALL, INSERT_EVENTS, INSERT_FEW_EVENTS, INSERT_FEW_RUNS, INSERT_RUNS};
use crate::store::sqlite::work::{Work, call};
use crate::store::sqlite::writer::Writer;
use crate::store::sqlite::{Durability, open};
use crate::time::Clock;
use rusqlite::StatementStatus;

fn write<W: Work>(writer: &mut Writer, work: W) -> Outcome<W::Output> {
    let (write, mut answer) = call(work, None);
    super::write(writer, [write]);
    Ok(answer.try_recv()??)
}

#[test]
fn what_every_run_needs_is_neither_prepared_again_nor_put_aside() -> Outcome {
    let connection = open::writer(None, Durability::Full).map_err(|error| error.at(None))?;
    connection.set_prepared_statement_cache_capacity(ALL.len());
    let mut writer = writer_on(connection, None);
    let (slots, mut handed) = Slots::new(1);
    for round in 0..5 {
        let key = format!("key {round}");
        let new = delivery().key(&key).starting(slots.reserve()).build();
        write(&mut writer, Accept::new(new))?;
        let (ticket, place) = handed.try_recv()?;
        end(&mut writer, ticket.fence)?;
        drop(place);
        let call = event("triggerfish.invoke").set(|call| call.job = Some("job".into()));
        for new in [event("order.paid"), call] {
            let new = new.key(&key).starting(slots.reserve()).build();
            write(&mut writer, SendEvents { events: vec![new], tickets: Vec::new() })?;
            let (ticket, place) = handed.try_recv()?;
            end(&mut writer, ticket.fence)?;
            drop(place);
        }
        let later = format!("later {round}");
        let new = event("order.paid").key(&later).runs(1).build();
        write(&mut writer, SendEvents { events: vec![new], tickets: Vec::new() })?;
        let claimed = write(&mut writer, Claim { limit: 1, now: Clock::System.now() })?;
        let [ticket] = &claimed[..] else { return Err("no run was claimed".into()) };
        end(&mut writer, ticket.fence)?;
    }
    let mut costly = Vec::new();
    let mut used = 0;
    for (name, sql) in ALL {
        let statement = writer.connection.prepare_cached(sql)?;
        if statement.get_status(StatementStatus::Run) == 0 {
            continue;
        }
        used += 1;
        if makes_tables(&writer, sql)? {
            costly.push(format!("{name} makes a table for itself"));
        }
        for (what, status) in [
            ("prepared again", StatementStatus::RePrepare),
            ("sorted", StatementStatus::Sort),
            ("scanned", StatementStatus::FullscanStep),
        ] {
            let times = statement.get_status(status);
            if times > 0 {
                costly.push(format!("{name} was {what} {times} times"));
            }
        }
    }
    assert!(used > 10, "{used} statements were used");
    assert!(costly.is_empty(), "{}", costly.join("\n"));
    Ok(())
}

/// The statements that ran until now, and how often, without those of transactions.
fn ran(writer: &Writer) -> Outcome<Vec<(&'static str, i32)>> {
    let mut ran = Vec::new();
    for (name, sql) in ALL {
        let times = writer.connection.prepare_cached(sql)?.reset_status(StatementStatus::Run);
        if times > 0 {
            ran.push((*name, times));
        }
    }
    Ok(ran)
}

/// A writer of a store that has been opened, before its first statement.
fn opened() -> Outcome<Writer> {
    let mut connection = open::writer(None, Durability::Full).map_err(|error| error.at(None))?;
    connection.set_prepared_statement_cache_capacity(ALL.len());
    open::take_over(&mut connection, Clock::System.now()).map_err(|error| error.at(None))?;
    let writer = writer_on(connection, None);
    ran(&writer)?;
    Ok(writer)
}

#[test]
fn a_run_takes_a_statement_for_each_thing_that_is_kept() -> Outcome {
    let mut writer = opened()?;
    let (slots, mut handed) = Slots::new(1);
    let call = || event("triggerfish.invoke").set(|call| call.job = Some("job".into()));
    let send = |new| SendEvents { events: vec![new], tickets: Vec::new() };
    let done = |fence| Finish { fence, end: End::DONE, progress: Progress::default(), tickets: Vec::new() };

    write(&mut writer, send(call().starting(slots.reserve()).build()))?;
    let (ticket, _place) = handed.try_recv()?;
    let progress = Progress { steps: vec![step("one", 0)], events: Vec::new() };
    write(&mut writer, Record { fence: ticket.fence, progress, tickets: Vec::new() })?;
    write(&mut writer, done(ticket.fence))?;
    let handed_over =
        [("INSERT_RUN", 1), ("INSERT_EVENT", 1), ("LAST_EVENT", 1), ("RECORD_STEP", 1), ("END_RUN", 1)];
    assert_eq!(sorted(ran(&writer)?), sorted([&handed_over[..], &FOLLOWED].concat()));

    write(&mut writer, send(call().runs(100).build()))?;
    ran(&writer)?;
    let claimed = write(&mut writer, Claim { limit: 100, now: Clock::System.now() })?;
    assert_eq!(claimed.len(), 100);
    let statements = [("OPENING_LANES", 1), ("NEXT_PRIORITY", 1), ("DUE_RUNS", 1), ("CLAIM_RUNS", 1)];
    assert_eq!(sorted(ran(&writer)?), sorted(statements.to_vec()));
    for ticket in claimed {
        write(&mut writer, done(ticket.fence))?;
    }
    assert_eq!(ran(&writer)?, [("END_RUN", 100)]);
    Ok(())
}

/// What the first run sets off: from which times on runs are not listed.
const FOLLOWED: [(&str, i32); 4] = [("UNLISTED_FROM", 1), ("LIST_RUNS", 1), ("SET", 1), ("BY_JOB_FROM", 1)];

fn sorted(mut ran: Vec<(&'static str, i32)>) -> Vec<(&'static str, i32)> {
    ran.sort_unstable();
    ran
}

/// Whether a statement keeps rows aside, which costs more than a row.
fn makes_tables(writer: &Writer, sql: &str) -> Outcome<bool> {
    let mut explain = writer.connection.prepare(&format!("EXPLAIN {sql}"))?;
    let mut steps = explain.raw_query();
    while let Some(step) = steps.next()? {
        if step.get_ref("opcode")?.as_str()? == "OpenEphemeral" {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A step, and the end.
fn end(writer: &mut Writer, fence: Fence) -> Outcome {
    let progress = |key, seq| Progress { steps: vec![step(key, seq)], events: Vec::new() };
    write(writer, Record { fence, progress: progress("one", 1), tickets: Vec::new() })?;
    write(writer, Finish { fence, end: End::DONE, progress: progress("two", 2), tickets: Vec::new() })?;
    Ok(())
}

#[test]
fn many_calls_take_few_statements() -> Outcome {
    let mut writer = opened()?;
    let calls = (0..2 * MANY + FEW + 2).map(|_| {
        let new = event("triggerfish.invoke").set(|call| call.job = Some("job".into())).runs(1).build();
        call(SendEvents { events: vec![new], tickets: Vec::new() }, None).0
    });
    super::write(&mut writer, calls);
    let statements = [
        ("INSERT_RUN", 2),
        ("INSERT_FEW_RUNS", 1),
        ("INSERT_RUNS", 2),
        ("INSERT_EVENT", 2),
        ("INSERT_FEW_EVENTS", 1),
        ("INSERT_EVENTS", 2),
        ("LAST_EVENT", 1),
    ];
    assert_eq!(sorted(ran(&writer)?), sorted([&statements[..], &FOLLOWED].concat()));
    for sql in [INSERT_FEW_EVENTS, INSERT_EVENTS, INSERT_FEW_RUNS, INSERT_RUNS] {
        assert!(!makes_tables(&writer, sql)?, "{sql}");
    }
    Ok(())
}
