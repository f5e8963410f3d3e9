//! Rows that wait to be written together, and what looks at them before.

use super::Outcome;
use super::writing::stalled;
use crate::store::conformance::fixture::{self, START, delivery, event};
use crate::store::event::NewEvent;
use crate::store::record::{End, Fence, Progress, RunState};
use crate::store::sqlite::pending::{FEW, MANY};
use crate::store::sqlite::statements::{
    INSERT_EVENT, INSERT_EVENTS, INSERT_FEW_EVENTS, INSERT_FEW_RUNS, INSERT_RUN, INSERT_RUNS,
};
use crate::store::sqlite::{Durability, open};
use crate::store::{RunQuery, Sent, Store};
use crate::time::Timestamp;
use rusqlite::ErrorCode;
use rusqlite::types::Value;
use std::sync::Arc;
use uuid::Uuid;

/// A call; each second one has a row in `event`.
fn call(n: usize) -> NewEvent {
    let mut call = fixture::call(START, None);
    if let Some(event) = Arc::get_mut(&mut call.event).filter(|_| n % 2 == 1) {
        event.test = true;
    }
    call
}

#[test]
fn a_statement_for_many_takes_as_many_rows_as_are_given_to_it() -> Outcome {
    let connection = open::writer(None, Durability::Full).map_err(|error| error.at(None))?;
    let all = [(INSERT_EVENT, INSERT_FEW_EVENTS, INSERT_EVENTS), (INSERT_RUN, INSERT_FEW_RUNS, INSERT_RUNS)];
    for (one, few, many) in all {
        let one = connection.prepare(one)?.parameter_count();
        assert_eq!(connection.prepare(few)?.parameter_count(), one * FEW);
        assert_eq!(connection.prepare(many)?.parameter_count(), one * MANY);
    }
    Ok(())
}

#[test]
fn a_statement_for_many_keeps_nothing_aside_to_be_undone() -> Outcome {
    let connection = open::writer(None, Durability::Full).map_err(|error| error.at(None))?;
    connection.execute_batch("BEGIN")?;
    let row = |id: usize| {
        let (name, payload) = (Value::from("a".to_owned()), Value::from(b"{}".to_vec()));
        let (at, state, test) = (Value::from(1), Value::from("sent".to_owned()), Value::from(0));
        let id = Value::from(id.to_be_bytes().to_vec());
        let none = || Value::Null;
        let (first, last) =
            ([id, name, none(), none(), payload], [state, none(), none(), test, none(), none()]);
        first.into_iter().chain([none(), none(), at, none()]).chain(last)
    };
    // The last has the id of the first.
    let rows = (0..MANY - 1).chain([0]).flat_map(row);
    let failed = connection.execute(INSERT_EVENTS, rusqlite::params_from_iter(rows));
    assert_eq!(
        failed.err().and_then(|error| error.sqlite_error_code()),
        Some(ErrorCode::ConstraintViolation)
    );
    let left: i64 = connection.query_row("SELECT count(*) FROM event", [], |row| row.get(0))?;
    assert_eq!(
        usize::try_from(left)?,
        MANY - 1,
        "what was written before is undone by the transaction, not by the statement"
    );
    Ok(())
}

#[tokio::test]
async fn each_message_of_a_batch_sees_those_before() -> Outcome {
    let (store, go) = stalled(100)?;
    let all = || RunQuery { limit: 1000, ..RunQuery::default() };
    let mut sent = Vec::new();
    let mut ids = Vec::new();
    for n in 0..MANY + FEW + 3 {
        let call = call(n);
        ids.push(call.event.id);
        sent.push(store.send_events(vec![call]));
    }
    let listed = store.runs(all());
    let one = call(0);
    let one_id = one.event.id;
    let one = store.send_events(vec![one]);
    let read = store.event(one_id);
    let cancelled = store.cancel(one_id);
    let unknown = store.cancel(Uuid::now_v7());
    let keyed = || event("order.paid").key("7").build();
    let (first, repeat) = (store.send_events(vec![keyed()]), store.send_events(vec![keyed()]));
    let accepted = store.accept(delivery().runs(2).build());
    let claimed = store.claim(100, Timestamp(i64::MAX));
    let last = call(0);
    let guessed = Fence { run: last.event.id, attempt: 1, token: 1 };
    let last = store.send_events(vec![last]);
    let stale = store.finish(guessed, End::DONE, Progress::default());
    let next = store.claim(100, Timestamp(i64::MAX));
    drop(go);

    for sent in sent {
        assert_eq!(sent.await?, [Sent::Stored]);
    }
    assert_eq!(listed.await?.len(), ids.len());
    one.await?;
    assert_eq!(read.await?.map(|event| event.id), Some(one_id));
    cancelled.await?;
    assert!(unknown.await.is_err());
    assert_eq!(first.await?, [Sent::Stored]);
    assert!(matches!(repeat.await?[..], [Sent::Duplicate { .. }]));
    accepted.await?;
    let mut claimed: Vec<_> = claimed.await?.iter().map(|ticket| ticket.fence.run).collect();
    assert_eq!(claimed.len(), ids.len() + 2, "all that were sent and not cancelled, and two of the delivery");
    claimed.retain(|run| ids.contains(run));
    ids.sort_unstable();
    claimed.sort_unstable();
    assert_eq!(claimed, ids);
    last.await?;
    assert!(stale.await.is_err(), "nobody has claimed it");
    assert_eq!(next.await?.iter().map(|ticket| ticket.fence.run).collect::<Vec<_>>(), [guessed.run]);
    let states = store.runs(all()).await?;
    assert_eq!(states.iter().filter(|run| run.state == RunState::Cancelled).count(), 1);
    assert_eq!(states.iter().filter(|run| run.state == RunState::Running).count(), ids.len() + 3);
    Ok(())
}

#[tokio::test]
async fn an_id_that_is_there_already_fails_its_message_alone() -> Outcome {
    for repeated in [MANY - 1, MANY, 2 * MANY + 1, 2 * MANY + FEW + 1] {
        let (store, go) = stalled(100)?;
        let mut sent = Vec::new();
        let mut ids: Vec<Uuid> = Vec::new();
        for n in 0..2 * MANY + FEW + 2 {
            let mut call = call(n);
            match ids.get(3) {
                Some(taken) if n == repeated => call.runs.iter_mut().for_each(|run| run.id = *taken),
                _ => ids.push(call.event.id),
            }
            sent.push(store.send_events(vec![call]));
        }
        drop(go);
        for (n, sent) in sent.into_iter().enumerate() {
            assert_eq!(sent.await.is_err(), n == repeated, "{n}");
        }
        let claimed = store.claim(1000, Timestamp(i64::MAX)).await?;
        let mut claimed: Vec<_> = claimed.iter().map(|ticket| ticket.fence.run).collect();
        claimed.sort_unstable();
        ids.sort_unstable();
        assert_eq!(claimed, ids);
        let all = crate::store::EventSearch { limit: 1000, ..Default::default() };
        let events = store.browse_events(all).await?;
        assert_eq!(events.rows.len(), ids.len(), "the event of the message that failed is undone, too");
    }
    Ok(())
}
