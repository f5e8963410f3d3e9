//! The write-ahead log is used again instead of growing.

use super::{Outcome, open, write, writer_on};
use crate::store::conformance::fixture::delivery;
use crate::store::record::Accepted;
use crate::store::sqlite::accept::Accept;
use crate::store::sqlite::checkpoint::Checkpointer;
use crate::store::sqlite::failure::OpenError;
use crate::store::sqlite::work::call;
use crate::store::sqlite::{Durability, open as connect};
use crate::store::{Store, StoreError};
use std::path::{Path, PathBuf};

pub(super) fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

#[test]
fn the_log_stays_small_under_load() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.db");
    let reason = |error: OpenError| error.at(None);
    let connection = connect::writer(Some(&path), Durability::Normal).map_err(reason)?;
    let checkpointer = Checkpointer::start(&path, 1 << 20).map_err(reason)?;
    let mut writer = writer_on(connection, Some(checkpointer));
    let body = bytes::Bytes::from(vec![7; 32 << 10]);
    let mut largest = 0;
    for _ in 0..256 {
        let (batch, answers): (Vec<_>, Vec<_>) =
            (0..4).map(|_| call(Accept::new(delivery().body(body.clone()).build()), None)).unzip();
        write(&mut writer, batch);
        for mut answer in answers {
            assert_eq!(answer.try_recv()?.map_err(|error: StoreError| error.to_string())?, Accepted::Stored);
        }
        largest = largest.max(std::fs::metadata(log_of(&path))?.len());
    }
    assert!(largest < 16 << 20, "32 MiB were written, the log grew to {largest} bytes");
    Ok(())
}

#[tokio::test]
async fn a_closed_store_leaves_no_log() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.db");
    let store = open(&path)?;
    store.accept(delivery().body(vec![7; 100_000]).build()).await?;
    assert!(std::fs::metadata(log_of(&path))?.len() > 100_000);
    store.close().await?;
    assert!(!log_of(&path).exists());
    assert!(std::fs::metadata(&path)?.len() > 100_000);
    Ok(())
}
