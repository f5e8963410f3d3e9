//! The stores under test, and the store, clock and slots that a case gets.

use super::fixture::START;
use crate::store::event::{DeliveryOrigin, EventRecord, NewEvent, OriginId, Sent};
use crate::store::memory::{MemoryConfig, MemoryStore};
use crate::store::record::{Accepted, ClosedRun, End, Fence, NewDelivery, Run, RunQuery, Ticket};
use crate::store::step::Step;
use crate::store::{EventSearch, Hold, Slots, Store, StoreError};
use crate::time::Clock;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

/// What a case returns; `?` takes any error.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Opens stores over one set of data.
pub(crate) trait Engine: Sized {
    type Store: Store;

    /// With no data.
    fn new() -> Outcome<Self>;

    /// Opens the store, again where it was open before.
    async fn open(&self, settings: Settings) -> Outcome<Self::Store>;
}

/// What a case may ask of a store.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) clock: Clock,
    pub(crate) max_traces: usize,
}

/// A store with a clock that stands still.
pub(crate) struct Bed<E: Engine> {
    pub(crate) engine: E,
    pub(crate) store: E::Store,
    pub(crate) clock: Clock,
    settings: Settings,
}

/// How long a case may take, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a case over a new store.
pub(crate) fn run<E: Engine, F: Future<Output = Outcome>>(case: impl FnOnce(Bed<E>) -> F) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let clock = Clock::manual(START);
        let settings = Settings { clock: clock.clone(), max_traces: 5 };
        let engine = E::new()?;
        let store = engine.open(settings.clone()).await?;
        // A store that loses an answer must fail its test, not hold it up.
        tokio::time::timeout(PATIENCE, case(Bed { engine, store, clock, settings })).await?
    })
}

impl<E: Engine> Bed<E> {
    /// Ends the store as the death of its process does: what was committed
    /// stays, and nothing is given back. Then opens it again.
    pub(crate) async fn restart(self) -> Outcome<Self> {
        let Bed { engine, store, clock, settings } = self;
        drop(store);
        let store = engine.open(settings.clone()).await?;
        Ok(Bed { engine, store, clock, settings })
    }

    /// Stores a delivery that must not be a repeat.
    pub(crate) async fn stored(&self, new: NewDelivery) -> Outcome<Uuid> {
        let id = new.id;
        match self.store.accept(new).await? {
            Accepted::Stored => Ok(id),
            other => Err(format!("not stored: {other:?}").into()),
        }
    }

    /// Stores a delivery with one run and claims that.
    pub(crate) async fn claimed(&self, new: NewDelivery) -> Outcome<Ticket> {
        self.stored(new).await?;
        self.claim().await
    }

    /// Claims the one run that is due.
    pub(crate) async fn claim(&self) -> Outcome<Ticket> {
        let mut tickets = self.store.claim(10, self.clock.now()).await?;
        match (tickets.pop(), tickets.len()) {
            (Some(ticket), 0) => Ok(ticket),
            (last, more) => {
                Err(format!("not one run is due but {}", usize::from(last.is_some()) + more).into())
            }
        }
    }

    pub(crate) async fn run(&self, id: Uuid) -> Outcome<Run> {
        let found = self.store.runs(RunQuery { id: Some(id), ..RunQuery::default() }).await?;
        found.into_iter().next().ok_or_else(|| "the run is not stored".into())
    }

    /// The runs of a delivery, the oldest first.
    pub(crate) async fn runs_of(&self, delivery: Uuid) -> Outcome<Vec<Run>> {
        let mut runs = self
            .store
            .runs(RunQuery { origin: Some(OriginId::Delivery(delivery)), ..RunQuery::default() })
            .await?;
        runs.reverse();
        Ok(runs)
    }

    pub(crate) async fn finish(&self, ticket: &Ticket, end: End, steps: Vec<Step>) -> Outcome<ClosedRun> {
        Ok(self.store.finish(ticket.fence, end, steps.into()).await?)
    }

    pub(crate) async fn record(&self, fence: Fence, steps: Vec<Step>) -> Result<(), StoreError> {
        self.store.record(fence, steps.into()).await
    }

    /// Sends one event.
    pub(crate) async fn sent(&self, new: NewEvent) -> Outcome<Sent> {
        let sent = self.store.send_events(vec![new]).await?;
        sent.first().copied().ok_or_else(|| "no answer".into())
    }

    /// All events, the newest first.
    pub(crate) async fn events(&self) -> Outcome<Vec<Arc<EventRecord>>> {
        let all = EventSearch { limit: 1000, ..EventSearch::default() };
        Ok(self.store.browse_events(all).await?.rows)
    }

    /// The runs of an event, the oldest first.
    pub(crate) async fn runs_of_event(&self, event: Uuid) -> Outcome<Vec<Run>> {
        let origin = Some(OriginId::Event(event));
        let mut runs = self.store.runs(RunQuery { origin, ..RunQuery::default() }).await?;
        runs.reverse();
        Ok(runs)
    }

    /// Fails the execution, to be tried again at once.
    pub(crate) async fn fail(&self, ticket: &Ticket) -> Outcome<ClosedRun> {
        let end = End::Retry { error: "no".to_owned(), at: self.clock.now(), counted: true };
        self.finish(ticket, end, Vec::new()).await
    }
}

/// Slots, and what is handed over to them.
pub(crate) fn slots(places: usize) -> (Slots, UnboundedReceiver<(Ticket, Hold)>) {
    Slots::new(places)
}

/// The delivery that started a run.
pub(crate) fn delivered(ticket: &Ticket) -> Outcome<&DeliveryOrigin> {
    ticket.origin.delivery().ok_or_else(|| "an event started the run".into())
}

/// Whether a write was refused as stale.
pub(crate) fn is_stale<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Stale))
}

#[derive(Debug)]
pub(crate) struct Memory;

impl Engine for Memory {
    type Store = MemoryStore;

    fn new() -> Outcome<Self> {
        Ok(Memory)
    }

    async fn open(&self, Settings { clock, max_traces }: Settings) -> Outcome<MemoryStore> {
        Ok(MemoryStore::new(MemoryConfig { clock, max_traces, ..MemoryConfig::default() }))
    }
}

#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
pub(crate) use sqlite::{SqliteFile, SqliteMemory};

#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
mod sqlite {
    use super::{Engine, Outcome, Settings};
    use crate::store::sqlite::{SqliteConfig, SqliteStore};
    use std::path::PathBuf;

    /// Data in a file of a folder of its own.
    #[derive(Debug)]
    pub(crate) struct SqliteFile(tempfile::TempDir);

    impl Engine for SqliteFile {
        type Store = SqliteStore;

        fn new() -> Outcome<Self> {
            Ok(SqliteFile(tempfile::tempdir()?))
        }

        async fn open(&self, settings: Settings) -> Outcome<SqliteStore> {
            open(Some(self.0.path().join("test.db")), settings)
        }
    }

    #[derive(Debug)]
    pub(crate) struct SqliteMemory;

    impl Engine for SqliteMemory {
        type Store = SqliteStore;

        fn new() -> Outcome<Self> {
            Ok(SqliteMemory)
        }

        async fn open(&self, settings: Settings) -> Outcome<SqliteStore> {
            open(None, settings)
        }
    }

    fn open(path: Option<PathBuf>, Settings { clock, max_traces }: Settings) -> Outcome<SqliteStore> {
        Ok(SqliteStore::open(SqliteConfig { path, clock, max_traces, ..SqliteConfig::default() })?)
    }
}
