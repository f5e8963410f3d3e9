//! What a question sees.

use super::Outcome;
use crate::store::conformance::fixture::{START, call};
use crate::store::sqlite::{SqliteConfig, SqliteStore};
use crate::store::{RunQuery, Store};
use std::sync::Mutex;
use std::sync::mpsc::channel;

#[tokio::test]
async fn all_that_a_question_reads_is_of_one_moment() -> Outcome {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("a.db");
    let store = SqliteStore::open(SqliteConfig { path: Some(file), ..SqliteConfig::default() })?;
    let (reads, has_read) = channel();
    let (go, wait) = channel::<()>();
    let ends = Mutex::new((reads, wait));
    let counts = store.read(move |db| {
        let count = || db.query_row("SELECT count(*) FROM run", [], |row| row.get::<_, i64>(0));
        let before = count()?;
        if let Ok((reads, wait)) = ends.lock().as_deref() {
            let _ = reads.send(());
            let _ = wait.recv();
        }
        Ok((before, count()?))
    });
    has_read.recv()?;
    store.send_events(vec![call(START, None)]).await?;
    drop(go);
    assert_eq!(counts.await?, (0, 0), "a run that was stored between is of another moment");
    assert_eq!(store.runs(RunQuery::default()).await?.len(), 1, "and seen by the next question");
    Ok(())
}
