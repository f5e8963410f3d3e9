//! Which calls take no row of their own.

use super::Outcome;
use crate::store::Store;
use crate::store::conformance::fixture::{START, call};
use crate::store::event::EventRecord;
use crate::store::sqlite::plain::MOST_PAYLOAD;
use crate::store::sqlite::{SqliteConfig, SqliteStore};
use bytes::Bytes;
use rusqlite::Connection;
use std::sync::Arc;

type Change = fn(&mut EventRecord);

#[tokio::test]
async fn a_call_that_says_nothing_more_takes_no_row_of_its_own() -> Outcome {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("a.db");
    let store = SqliteStore::open(SqliteConfig { path: Some(file.clone()), ..SqliteConfig::default() })?;
    let other = Connection::open(&file)?;
    let rows = || other.query_row("SELECT count(*) FROM event", [], |row| row.get::<_, i64>(0));
    let changes: [(Change, i64); 4] = [
        (|_| {}, 0),
        (|call| call.payload = Bytes::from(vec![b'1'; MOST_PAYLOAD]), 0),
        (|call| call.payload = Bytes::from(vec![b'1'; MOST_PAYLOAD + 1]), 1),
        (|call| call.test = true, 1),
    ];
    for (n, (change, more)) in changes.into_iter().enumerate() {
        let mut new = call(START, None);
        change(Arc::get_mut(&mut new.event).ok_or("shared")?);
        let before = rows()?;
        store.send_events(vec![new]).await?;
        assert_eq!(rows()? - before, more, "{n}");
    }
    Ok(())
}
