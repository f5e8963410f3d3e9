//! Opens the store and starts the workers.

use super::builder::Builder;
use super::error::{Error, Result};
use super::managed;
#[cfg(feature = "dashboard")]
use super::pages::Pages;
use super::running::Running;
use crate::config::{Config, Database};
#[cfg(feature = "dashboard")]
use crate::dashboard::Dashboard;
use crate::event::{self, Events, Subscriptions};
use crate::flow;
use crate::registry::Registry;
use crate::run::{CrashPoint, Setting, StateMap, Workers, WorkersConfig};
use crate::schedule::Ticker;
use crate::secret::Keyring;
use crate::serve::{App, Feed, LiveEndpoint};
use crate::source::{REGISTER, Sources};
use crate::store::memory::{MemoryConfig, MemoryStore};
use crate::store::{Slots, Store};
use crate::time::Clock;
use crate::vault::Vault;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a replay may be stuck before the recorded order is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often what is too old is deleted.
const CLEANING: Duration = Duration::from_secs(3600);

/// Everything that was declared, checked and ready to start.
pub struct Runtime {
    pub(super) config: Config,
    pub(super) registry: Registry,
    pub(super) endpoints: Vec<LiveEndpoint>,
    pub(super) sources: Sources,
    pub(super) subscriptions: Arc<Subscriptions>,
    pub(super) state: Arc<StateMap>,
    pub(super) store: Option<Arc<dyn Store>>,
    pub(super) clock: Clock,
    pub(super) crash: Option<Arc<CrashPoint>>,
    /// What seals the secrets that the program keeps; none where it keeps none.
    pub(super) keyring: Option<Arc<Keyring>>,
    /// What start-up has to tell, beside the table.
    pub(super) said: Vec<String>,
    #[cfg(feature = "dashboard")]
    pub(super) dashboard: Dashboard,
}

impl Runtime {
    /// Sets up a runtime.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Opens the store and starts the workers. The router is then ready to be
    /// served, nested or merged.
    ///
    /// # Errors
    ///
    /// A store that cannot be opened; threads that cannot be started.
    pub async fn start(self) -> Result<Running> {
        #[cfg(feature = "dashboard")]
        let dashboard = self.dashboard;
        let Runtime {
            config,
            registry,
            endpoints,
            sources,
            subscriptions,
            state,
            store,
            clock,
            crash,
            keyring,
            mut said,
            ..
        } = self;
        let store = match store {
            Some(store) => store,
            None => open(&config, &clock)?,
        };
        let vault = keyring.clone().map(|keyring| Vault::new(Arc::clone(&store), keyring, clock.clone()));
        if let Some(vault) = &vault {
            managed::load(&endpoints, vault).await?;
        }
        said.extend(super::sources::start(&sources, &store, vault.as_ref(), &clock).await?);
        let log_level = config.job_log_level;
        store.set_limits(flow::limits(registry.jobs())).await.map_err(Error::Store)?;
        let (slots, handed) = Slots::new(config.concurrency.max(1));
        // Before anything is sent.
        for job in crate::serve::jobs_off(&*store).await.map_err(Error::Store)? {
            subscriptions.switch(&job, true);
        }
        let events =
            Events::new(Arc::clone(&store), clock.clone(), Arc::clone(&subscriptions), slots.clone());
        let ticker = Ticker { events: events.clone() };
        ticker.declare().await.map_err(Error::Store)?;
        let setting = Setting {
            store: Arc::clone(&store),
            clock: clock.clone(),
            state,
            log_level,
            keyring,
            patience: PATIENCE,
            short_wait: config.short_wait,
            base_url: base_url(&config),
            events: events.clone(),
            crash,
        };
        let threads = WorkersConfig { threads: config.worker_threads };
        let workers = Workers::start(
            registry.jobs().iter().copied().chain([&REGISTER]),
            setting,
            threads,
            (slots, handed),
        );
        let workers = Arc::new(workers.map_err(Error::Workers)?);
        workers.spawn(ticker.run());
        workers.spawn(clean(Arc::clone(&store), clock.clone(), config.retention));
        let by_id = endpoints.iter().enumerate().filter(|(_, endpoint)| endpoint.spec.path.is_none());
        let by_id = by_id.map(|(index, endpoint)| (endpoint.spec.id, index)).collect();
        let app = App {
            by_id,
            endpoints,
            store,
            workers,
            subscriptions,
            clock,
            in_flight: Semaphore::new(config.max_in_flight),
            body_timeout: config.body_timeout,
            public_url: config.public_url.as_deref().map(Arc::from),
            dev: config.dev,
            vault,
            sources,
            feed: Feed::default(),
            pages: OnceLock::new(),
        };
        said.iter().for_each(|said| tracing::warn!("{said}"));
        let app = Arc::new(app);
        crate::serve::restore_switches(&app).await.map_err(Error::Store)?;
        #[cfg(feature = "dashboard")]
        let pages = Pages::new(&app, registry, &config, dashboard);
        let registered = event::register(events.clone());
        Ok(Running {
            app,
            config,
            events,
            registered,
            #[cfg(feature = "dashboard")]
            pages,
        })
    }
}

/// Under which others reach the program; in development they are on this machine.
fn base_url(config: &Config) -> Option<Arc<str>> {
    let local = config.dev.then(|| format!("http://{}", config.address));
    config.public_url.clone().or(local).map(Arc::from)
}

fn open(config: &Config, clock: &Clock) -> Result<Arc<dyn Store>> {
    match &config.database {
        Database::Memory => {
            Ok(Arc::new(MemoryStore::new(MemoryConfig { clock: clock.clone(), ..MemoryConfig::default() })))
        }
        #[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
        Database::Sqlite(path) => {
            use crate::store::sqlite::{SqliteConfig, SqliteStore};
            let (path, durability, clock) = (Some(path.clone()), config.durability, clock.clone());
            let wanted = SqliteConfig { path, durability, clock, ..SqliteConfig::default() };
            Ok(Arc::new(SqliteStore::open(wanted).map_err(Error::Store)?))
        }
        #[cfg(not(any(feature = "sqlite", feature = "sqlite-system")))]
        Database::Sqlite(path) => Err(Error::Startup(vec![format!(
            "state is to live in {}, but the program was built without the feature `sqlite`; \
             enable it, or set `TRIGGERFISH_DATABASE_URL=memory:`",
            path.display()
        )])),
    }
}

/// Deletes what is too old, now and then.
async fn clean(store: Arc<dyn Store>, clock: Clock, retention: Duration) {
    loop {
        let now = clock.now();
        match store.prune(now.minus(retention), now).await {
            Ok(0) => {}
            Ok(count) => tracing::info!("deleted {count} deliveries older than {retention:?}"),
            Err(error) => tracing::error!(%error, "what is too old was not deleted"),
        }
        tokio::time::sleep(CLEANING).await;
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("config", &self.config).finish_non_exhaustive()
    }
}
