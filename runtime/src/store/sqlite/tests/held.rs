//! Runs that are under way are found at the next opening, whether they are listed or not.

use super::{Outcome, ids, write, writer_on};
use crate::id;
use crate::store::conformance::fixture::{HOUR, START, delivery};
use crate::store::record::{End, Fence, Progress};
use crate::store::slot::Slots;
use crate::store::sqlite::accept::Accept;
use crate::store::sqlite::claim::Claim;
use crate::store::sqlite::runs::Finish;
use crate::store::sqlite::work::call;
use crate::store::sqlite::writer::Writer;
use crate::store::sqlite::{Durability, open};
use crate::time::{Clock, Timestamp};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

const MOMENT: Duration = Duration::from_millis(10);

fn writer() -> Outcome<Writer> {
    let connection = open::writer(None, Durability::Full).map_err(|error| error.at(None))?;
    let mut writer = writer_on(connection, None);
    writer.clock = Clock::manual(START);
    Ok(writer)
}

/// Starts a run that has an id of this time.
fn start(writer: &mut Writer, slots: &Slots, of: Timestamp) -> Outcome<Fence> {
    let mut new = delivery().starting(slots.reserve()).build();
    let run = id::new(of);
    new.runs.iter_mut().for_each(|new| new.id = run);
    let (accept, mut answer) = call(Accept::new(new), None);
    write(writer, [accept]);
    answer.try_recv()??;
    Ok(Fence { run, attempt: 1, token: 1 })
}

/// What the index of runs that are under way has.
fn listed(writer: &Writer) -> Outcome<BTreeSet<Uuid>> {
    ids(
        writer,
        "SELECT id FROM run INDEXED BY run_held
        WHERE finished_at IS NULL AND hooks & 16 = 0 AND (state = 'running' OR state = 'parked')",
    )
}

/// What the next opening queues again.
fn found_again(mut writer: Writer) -> Outcome<BTreeSet<Uuid>> {
    let now = writer.clock.now();
    open::take_over(&mut writer.connection, now).map_err(|error| error.at(None))?;
    assert_eq!(ids(&writer, "SELECT id FROM run WHERE state = 'running'")?, BTreeSet::new());
    ids(&writer, "SELECT id FROM run WHERE state = 'queued'")
}

#[test]
fn a_run_that_starts_is_listed_only_when_it_takes_long() -> Outcome {
    let mut writer = writer()?;
    let (slots, _handed) = Slots::new(10);
    let long = start(&mut writer, &slots, START)?;
    assert_eq!(listed(&writer)?, BTreeSet::new());
    let now = START.plus(HOUR);
    writer.clock.advance(HOUR);
    let short = start(&mut writer, &slots, now)?;
    assert_eq!(listed(&writer)?, BTreeSet::from([long.run]));
    writer.clock.advance(MOMENT);
    let other = start(&mut writer, &slots, now.plus(MOMENT))?;
    assert_eq!(listed(&writer)?, BTreeSet::from([long.run]));
    assert_eq!(found_again(writer)?, BTreeSet::from([long.run, short.run, other.run]));
    Ok(())
}

#[test]
fn a_run_with_an_id_of_the_past_is_listed_at_once() -> Outcome {
    let mut writer = writer()?;
    let (slots, _handed) = Slots::new(10);
    let now = start(&mut writer, &slots, START)?;
    let past = start(&mut writer, &slots, START.minus(HOUR))?;
    assert_eq!(listed(&writer)?, BTreeSet::from([past.run]));
    assert_eq!(found_again(writer)?, BTreeSet::from([now.run, past.run]));
    Ok(())
}

#[test]
fn a_run_that_is_claimed_is_listed() -> Outcome {
    let mut writer = writer()?;
    let (slots, _handed) = Slots::new(10);
    let fence = start(&mut writer, &slots, START)?;
    let end = End::Retry { at: START, error: "no".to_owned(), counted: true };
    let finish = Finish { fence, end, progress: Progress::default(), tickets: Vec::new() };
    write(&mut writer, [call(finish, None).0]);
    let (claim, mut claimed) = call(Claim { limit: 1, now: START }, None);
    write(&mut writer, [claim]);
    assert_eq!(claimed.try_recv()??.len(), 1);
    assert_eq!(listed(&writer)?, BTreeSet::from([fence.run]));
    assert_eq!(found_again(writer)?, BTreeSet::from([fence.run]));
    Ok(())
}

#[test]
fn what_has_ended_is_not_found_again() -> Outcome {
    let mut writer = writer()?;
    let (slots, _handed) = Slots::new(10);
    let (done, parked) = (start(&mut writer, &slots, START)?, start(&mut writer, &slots, START)?);
    for (fence, end) in [(done, End::DONE), (parked, End::Parked)] {
        let finish = Finish { fence, end, progress: Progress::default(), tickets: Vec::new() };
        write(&mut writer, [call(finish, None).0]);
    }
    assert_eq!(listed(&writer)?, BTreeSet::new());
    assert_eq!(found_again(writer)?, BTreeSet::from([parked.run]), "a parked one is tried at each opening");
    Ok(())
}
