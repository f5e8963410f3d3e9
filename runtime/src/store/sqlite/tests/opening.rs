//! Which files are opened, and what is said of those that are not.

use super::{Outcome, open};
use crate::store::conformance::fixture::delivery;
use crate::store::sqlite::{SqliteConfig, SqliteStore};
use crate::store::{Progress, Store};
use crate::time::Timestamp;
use std::path::Path;

fn refusal(path: &Path) -> Outcome<String> {
    match open(path) {
        Ok(_) => Err("it was opened".into()),
        Err(error) => Ok(error.to_string()),
    }
}

#[tokio::test]
async fn a_file_that_is_open_is_refused_until_it_is_closed() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.db");
    let store = open(&path)?;
    let text = refusal(&path)?;
    assert!(text.contains("a.db.lock") && text.contains("process "), "{text}");
    store.close().await?;
    let store = open(&path)?;
    drop(store);
    open(&path)?;
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_file_that_is_open_under_another_name_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.db");
    let _store = open(&path)?;
    let other = folder.path().join("b.db");
    std::os::unix::fs::symlink(&path, &other)?;
    assert!(refusal(&other)?.contains("a.db.lock"));
    Ok(())
}

#[test]
fn the_database_of_another_program_stays_as_it_is() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.db");
    rusqlite::Connection::open(&path)?.execute_batch("CREATE TABLE customer (id)")?;
    let before = std::fs::read(&path)?;
    let text = refusal(&path)?;
    assert!(text.contains("another program"), "{text}");
    assert_eq!(std::fs::read(&path)?, before);
    Ok(())
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.db");
    open(&path)?.close().await?;
    rusqlite::Connection::open(&path)?.execute_batch("PRAGMA user_version = 77")?;
    let text = refusal(&path)?;
    assert!(text.contains("newer version") && text.contains("77"), "{text}");
    Ok(())
}

#[test]
fn what_is_no_database_is_refused_by_name() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to be read as one".repeat(10))?;
    let text = refusal(&path)?;
    assert!(text.contains("notes.txt") && text.contains("not a database"), "{text}");
    let text = refusal(&folder.path().join("none/a.db"))?;
    assert!(text.contains("none/a.db") && text.contains("must exist"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_refused_open_does_not_void_what_runs() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.db");
    let store = open(&path)?;
    store.accept(delivery().runs(1).build()).await?;
    let ticket = store.claim(1, Timestamp(i64::MAX)).await?.pop().ok_or("nothing due")?;
    assert!(open(&path).is_err());
    store.record(ticket.fence, Progress::default()).await?;
    Ok(())
}

#[tokio::test]
async fn stores_in_memory_share_nothing() -> Outcome {
    let new = |path: Option<&str>| {
        SqliteStore::open(SqliteConfig { path: path.map(Into::into), ..SqliteConfig::default() })
    };
    let (one, other) = (new(None)?, new(Some(":memory:"))?);
    one.accept(delivery().build()).await?;
    assert_eq!(one.deliveries(10).await?.len(), 1);
    assert!(other.deliveries(10).await?.is_empty());
    Ok(())
}
