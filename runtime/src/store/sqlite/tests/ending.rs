//! The end of a run, while it is written.

use super::Outcome;
use crate::BoxFuture;
use crate::endpoint::{Location, TriggerSpec};
use crate::event::Call;
use crate::flow::Flow;
use crate::hook::HookSpec;
use crate::job::{Invocable, Job, JobSpec, Outcome as Ended};
use crate::registry::{Registration, Registry};
use crate::run::Invocation;
use crate::runtime::Runtime;
use crate::store::record::{RunQuery, RunState};
use crate::store::sqlite::{SqliteConfig, SqliteStore, sync};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use tokio::sync::Notify;

/// A disk that syncs only while it is let.
#[derive(Default)]
struct Disk {
    stuck: Mutex<bool>,
    changed: Condvar,
}

impl Disk {
    fn is_stuck(&self, stuck: bool) {
        *self.stuck.lock().unwrap_or_else(PoisonError::into_inner) = stuck;
        self.changed.notify_all();
    }

    fn open(self: &Arc<Self>, path: &Path) -> Outcome<SqliteStore> {
        let config = SqliteConfig { path: Some(path.to_owned()), ..SqliteConfig::default() };
        let store = SqliteStore::start(config, |connection, path| {
            let (log, disk) = (sync::take_over(connection, path)?, Arc::clone(self));
            Ok(Box::new(move || {
                let stuck = disk.stuck.lock().unwrap_or_else(PoisonError::into_inner);
                drop(disk.changed.wait_while(stuck, |stuck| *stuck));
                log()
            }))
        });
        Ok(store.map_err(|error| error.at(Some(path)))?)
    }
}

static BEGUN: Notify = Notify::const_new();
static MAY_END: Notify = Notify::const_new();

/// Begins, and ends when it may.
struct Held;

impl Job for Held {
    const SPEC: JobSpec = HookSpec {
        id: "held",
        version: "1.0.0",
        trigger: TriggerSpec::Invoke,
        flow: Flow::NONE,
        run: held,
        missing: |_| Vec::new(),
        location: Location { package: "triggerfish", file: file!(), line: line!(), column: 1 },
    }
    .job();
}

impl Invocable for Held {
    type Output = ();
}

fn held(_: Invocation) -> BoxFuture<'static, Ended> {
    Box::pin(async {
        BEGUN.notify_one();
        MAY_END.notified().await;
        Ok(None)
    })
}

#[tokio::test]
async fn a_program_is_not_idle_before_the_end_of_its_run_is_durable() -> Outcome {
    static JOB: JobSpec = Held::SPEC;
    let folder = tempfile::tempdir()?;
    let disk = Arc::new(Disk::default());
    let store = disk.open(&folder.path().join("a.db"))?;
    let registry = Registry::of(&[Registration::Job(&JOB)]);
    let running = Runtime::builder().registry(registry).store(Arc::new(store)).build()?.start().await?;

    running.events().invoke(Call::of::<Held>(&())).await?;
    BEGUN.notified().await;
    disk.is_stuck(true);
    MAY_END.notify_one();
    loop {
        let runs = running.store().runs(RunQuery { limit: 1, ..RunQuery::default() }).await?;
        if runs.iter().any(|run| run.state == RunState::Done) {
            break;
        }
        assert!(
            running.while_idle(async {}).await.is_none(),
            "its function runs, or its end is not committed"
        );
    }
    assert!(running.while_idle(async {}).await.is_none(), "its end is committed, but not synced");

    disk.is_stuck(false);
    running.store().flush().await?;
    while running.while_idle(async {}).await.is_none() {
        tokio::task::yield_now().await;
    }
    running.shutdown().await;
    Ok(())
}
