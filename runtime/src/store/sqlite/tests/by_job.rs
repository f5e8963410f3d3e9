//! Each run is found by its job, whether `job_run` took it at once or later.

use super::{Outcome, ids, write, writer_on};
use crate::store::StoreError;
use crate::store::conformance::fixture::{self, HOUR, START};
use crate::store::event::NewEvent;
use crate::store::record::{End, Progress};
use crate::store::slot::Slots;
use crate::store::sqlite::accept::Accept;
use crate::store::sqlite::act::Replay;
use crate::store::sqlite::by_job::{ListByJob, MANY};
use crate::store::sqlite::events::SendEvents;
use crate::store::sqlite::prune::{self, DropOld, Kind, Limits};
use crate::store::sqlite::runs::Finish;
use crate::store::sqlite::work::{Work, call};
use crate::store::sqlite::writer::Writer;
use crate::store::sqlite::{Durability, open};
use crate::time::{Clock, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

fn writer() -> Outcome<Writer> {
    let mut connection = open::writer(None, Durability::Full).map_err(|error| error.at(None))?;
    open::take_over(&mut connection, START).map_err(|error| error.at(None))?;
    let mut writer = writer_on(connection, None);
    writer.clock = Clock::manual(START);
    Ok(writer)
}

fn done<W: Work>(writer: &mut Writer, work: W) -> Outcome<W::Output> {
    let (work, mut answer) = call(work, None);
    write(writer, [work]);
    Ok(answer.try_recv()??)
}

fn send(writer: &mut Writer, new: NewEvent) -> Outcome<Uuid> {
    let run = new.event.id;
    done(writer, SendEvents { events: vec![new], tickets: Vec::new() })?;
    Ok(run)
}

/// Stores a run that has an id of this time.
fn store(writer: &mut Writer, at: Timestamp) -> Outcome<Uuid> {
    send(writer, fixture::call(at, None))
}

fn listed(writer: &Writer) -> Outcome<BTreeSet<Uuid>> {
    ids(writer, "SELECT id FROM job_run WHERE job = 'job'")
}

fn stored(writer: &Writer) -> Outcome<BTreeSet<Uuid>> {
    ids(writer, "SELECT id FROM run")
}

#[test]
fn runs_are_listed_when_enough_have_come() -> Outcome {
    let mut writer = writer()?;
    for round in 1..=3 {
        for _ in 1..MANY {
            store(&mut writer, START)?;
        }
        assert_eq!(listed(&writer)?.len(), (round - 1) * MANY);
        store(&mut writer, START)?;
        assert_eq!(listed(&writer)?.len(), round * MANY);
    }
    assert_eq!(listed(&writer)?, stored(&writer)?);
    Ok(())
}

#[test]
fn runs_are_listed_when_somebody_is_about_to_look() -> Outcome {
    let mut writer = writer()?;
    for _ in 0..3 {
        store(&mut writer, START)?;
        assert_ne!(listed(&writer)?, stored(&writer)?);
        done(&mut writer, ListByJob)?;
        assert_eq!(listed(&writer)?, stored(&writer)?);
        let before = writer.connection.total_changes();
        done(&mut writer, ListByJob)?;
        assert_eq!(writer.connection.total_changes(), before, "nothing is missing");
    }
    Ok(())
}

#[test]
fn a_run_with_an_id_of_another_day_is_listed_with_its_row() -> Outcome {
    let mut writer = writer()?;
    let mut other = BTreeSet::from([START.minus(HOUR), START.plus(DAY)])
        .into_iter()
        .map(|at| store(&mut writer, at))
        .collect::<Outcome<BTreeSet<_>>>()?;
    // As the id of an event with a key is.
    let mut keyed = fixture::call(START, None);
    let last = Uuid::max();
    if let Some(event) = Arc::get_mut(&mut keyed.event) {
        event.id = last;
    }
    keyed.runs.iter_mut().for_each(|run| run.id = last);
    other.insert(send(&mut writer, keyed)?);
    let now = store(&mut writer, START)?;
    assert_eq!(listed(&writer)?, other);
    done(&mut writer, ListByJob)?;
    other.insert(now);
    assert_eq!(listed(&writer)?, other);
    Ok(())
}

#[test]
fn what_a_program_did_not_list_the_next_one_does() -> Outcome {
    let mut writer = writer()?;
    for _ in 0..3 {
        store(&mut writer, START)?;
    }
    assert_eq!(listed(&writer)?, BTreeSet::new());
    open::take_over(&mut writer.connection, START.plus(30 * DAY)).map_err(|error| error.at(None))?;
    assert_eq!(listed(&writer)?.len(), 3);
    Ok(())
}

#[test]
fn a_clock_that_was_wrong_leaves_no_run_out() -> Outcome {
    let mut writer = writer()?;
    let wrong = START.plus(30 * DAY);
    writer.clock = Clock::manual(wrong);
    for _ in 0..MANY {
        store(&mut writer, wrong)?;
    }
    store(&mut writer, wrong)?;
    writer.clock = Clock::manual(START);
    for _ in 0..MANY {
        store(&mut writer, START)?;
    }
    done(&mut writer, ListByJob)?;
    assert_eq!(listed(&writer)?, stored(&writer)?);
    store(&mut writer, START)?;
    assert_eq!(listed(&writer)?.len(), stored(&writer)?.len() - 1, "it is as it was before");
    Ok(())
}

#[test]
fn a_replay_is_listed_like_its_run() -> Outcome {
    let mut writer = writer()?;
    let run = store(&mut writer, START)?;
    done(&mut writer, ListByJob)?;
    let late = done(&mut writer, Replay(run))?;
    assert_eq!(listed(&writer)?, BTreeSet::from([run]));
    writer.clock = Clock::manual(START.minus(HOUR));
    let early = done(&mut writer, Replay(run))?;
    assert_eq!(listed(&writer)?, BTreeSet::from([run, early]));
    done(&mut writer, ListByJob)?;
    assert_eq!(listed(&writer)?, BTreeSet::from([run, early, late]));
    Ok(())
}

#[test]
fn what_is_deleted_is_struck_off() -> Outcome {
    let mut writer = writer()?;
    let (slots, mut handed) = Slots::new(3);
    done(&mut writer, Accept::new(fixture::delivery().starting(slots.reserve()).build()))?;
    for _ in 0..2 {
        send(&mut writer, fixture::call(START, slots.reserve()))?;
    }
    while let Ok((ticket, _place)) = handed.try_recv() {
        let fence = ticket.fence;
        let end = Finish { fence, end: End::DONE, progress: Progress::default(), tickets: Vec::new() };
        done(&mut writer, end)?;
    }
    let kept = store(&mut writer, START)?;
    done(&mut writer, ListByJob)?;
    assert_eq!(listed(&writer)?.len(), 4);
    let limits = Limits { before: START.plus(HOUR), now: START.plus(HOUR) };
    for (kind, count) in [(Kind::Deliveries, 1), (Kind::Calls, 2)] {
        let places = prune::old(&writer.connection, kind, &prune::FIRST, limits);
        let places = places.map_err(StoreError::from)?;
        assert_eq!(done(&mut writer, DropOld { kind, places, limits })?, count);
        assert_eq!(listed(&writer)?, stored(&writer)?);
    }
    assert_eq!(listed(&writer)?, BTreeSet::from([kept]));
    Ok(())
}
