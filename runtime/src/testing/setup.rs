//! What a program under test is started with.

use super::App;
use crate::config::Config;
use crate::registry::Registry;
use crate::run::StateMap;
use crate::secret::{KeyFormat, ResolveSecrets, Secret};
use crate::store::Store;
use crate::store::memory::{MemoryConfig, MemoryStore};
use crate::time::{Clock, Timestamp};
use std::collections::HashMap;
use std::fmt;
#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// 2026-01-01, midnight UTC.
const START: Timestamp = Timestamp(1_767_225_600_000_000);

/// Sets up an [`App`]: everything that the test declares or links in, on a
/// store in memory, with made-up secrets, at midnight of 2026-01-01.
#[must_use = "a program runs with `.start()`"]
pub struct Setup {
    pub(super) config: Config,
    pub(super) registry: Option<Registry>,
    pub(super) state: StateMap,
    pub(super) secrets: Given,
    pub(super) clock: Clock,
    pub(super) kept: Kept,
    pub(super) patience: Duration,
}

/// Where the state of the program is while it does not run.
#[derive(Clone)]
pub(super) enum Kept {
    Memory(Arc<MemoryStore>),
    #[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
    File(PathBuf),
}

impl Setup {
    pub(super) fn new() -> Self {
        let clock = Clock::manual(START);
        let config = Config {
            dev: false,
            public_url: Some("https://hooks.example.com".to_owned()),
            worker_threads: 2,
            // Every wait is put away: no test waits for real time.
            short_wait: Duration::ZERO,
            ..Config::default()
        };
        Setup {
            config,
            registry: None,
            state: StateMap::default(),
            secrets: Given::default(),
            kept: Kept::Memory(Arc::new(memory(&clock))),
            clock,
            patience: Duration::from_secs(10),
        }
    }

    /// Changes the settings.
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// What is declared, in place of what was linked in.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// A value that jobs take as `State<S>`; it outlives crashes and restarts.
    pub fn state<S: Send + Sync + 'static>(mut self, value: S) -> Self {
        self.state.insert(value);
        self
    }

    /// The value of a secret. Those that are not given are made up.
    pub fn secret(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.secrets.0.insert(name.into(), value.into());
        self
    }

    /// The time at the start.
    pub fn at(mut self, time: SystemTime) -> Self {
        self.clock = Clock::manual(time.into());
        match self.kept {
            Kept::Memory(_) => self.kept = Kept::Memory(Arc::new(memory(&self.clock))),
            #[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
            Kept::File(_) => {}
        }
        self
    }

    /// Keeps the state in an SQLite file, in place of memory.
    #[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.kept = Kept::File(path.into());
        self
    }

    /// How long runs may take, in real time, before the test is told that they
    /// are stuck. Ten seconds by default.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Starts the program.
    ///
    /// # Errors
    ///
    /// What stops the program at its start.
    pub async fn start(self) -> Result<App, crate::runtime::Error> {
        App::start(self).await
    }
}

impl Kept {
    /// Opens the store, again after a crash or a stop.
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "sqlite-system")),
        expect(unused_variables, reason = "a store in memory keeps its clock")
    )]
    pub(super) fn open(&self, clock: &Clock) -> Result<Arc<dyn Store>, crate::runtime::Error> {
        match self {
            Kept::Memory(store) => {
                store.reopen();
                Ok(Arc::clone(store) as Arc<dyn Store>)
            }
            #[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
            Kept::File(path) => {
                use crate::store::sqlite::{Durability, SqliteConfig, SqliteStore};
                let (path, clock) = (Some(path.clone()), clock.clone());
                // A test is not about power cuts.
                let durability = Durability::Normal;
                let config = SqliteConfig { path, clock, durability, ..SqliteConfig::default() };
                Ok(Arc::new(SqliteStore::open(config).map_err(crate::runtime::Error::Store)?))
            }
        }
    }
}

fn memory(clock: &Clock) -> MemoryStore {
    MemoryStore::new(MemoryConfig { clock: clock.clone(), ..MemoryConfig::default() })
}

/// Secrets that the test gave; others are made up.
#[derive(Clone, Default)]
pub(super) struct Given(HashMap<String, String>);

impl ResolveSecrets for Given {
    fn resolve(&self, name: &'static str, format: KeyFormat) -> Option<Secret> {
        match self.0.get(name) {
            Some(value) => Some(Secret::from(value.as_str())),
            None => format.write(b"test").map(Secret::new),
        }
    }

    fn managed(&self, format: KeyFormat) -> Option<Secret> {
        format.write(b"test").map(Secret::new)
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("config", &self.config).finish_non_exhaustive()
    }
}
