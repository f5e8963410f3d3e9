//! Builds, starts and stops a runtime.

use super::error::{Error, Result};
use super::managed::{self, ManagedSecrets};
#[cfg(feature = "dashboard")]
use super::pages::Pages;
use super::secrets::{Development, Environment};
use super::sources::ExternalSources;
use super::table::table;
use crate::config::{Config, Database};
#[cfg(feature = "dashboard")]
use crate::dashboard::Dashboard;
use crate::event::{self, AppGuard, Events, Subscriptions};
use crate::flow;
use crate::registry::Registry;
use crate::run::{CrashPoint, Setting, StateMap, Workers, WorkersConfig};
use crate::runs::Runs;
use crate::schedule::{Schedules, Ticker};
use crate::secret::{Keyring, ResolveSecrets};
use crate::serve::{App, Feed, LiveEndpoint, router};
use crate::source::{REGISTER, Sources};
use crate::store::memory::{MemoryConfig, MemoryStore};
use crate::store::{Slots, Store};
use crate::time::Clock;
use crate::vault::Vault;
use axum::Router;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a replay may be stuck before the recorded order is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often what is too old is deleted.
const CLEANING: Duration = Duration::from_secs(3600);

/// Sets up a [`Runtime`].
#[derive(Default)]
pub struct Builder {
    config: Option<Config>,
    registry: Option<Registry>,
    pub(super) state: StateMap,
    resolver: Option<Box<dyn ResolveSecrets + Send>>,
    store: Option<Arc<dyn Store>>,
    clock: Clock,
    pub(super) crash: Option<Arc<CrashPoint>>,
    #[cfg(feature = "dashboard")]
    dashboard: Dashboard,
}

impl Builder {
    /// Settings, in place of those that the environment asks for.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = Some(config);
        self
    }

    /// A value that jobs take as `State<S>`; one for each type.
    #[must_use]
    pub fn state<S: Send + Sync + 'static>(mut self, value: S) -> Self {
        self.state.insert(value);
        self
    }

    /// What is declared, in place of what was linked in.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Where secrets come from, in place of the environment.
    #[must_use]
    pub fn secrets(mut self, resolver: impl ResolveSecrets + Send + 'static) -> Self {
        self.resolver = Some(Box::new(resolver));
        self
    }

    /// The store, in place of the configured one.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// The clock that everything tells the time by.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Who may see the dashboard, and what of it.
    #[cfg(feature = "dashboard")]
    #[must_use]
    pub fn dashboard(mut self, dashboard: Dashboard) -> Self {
        self.dashboard = dashboard;
        self
    }

    /// Reads the settings and the secrets, and checks everything that was declared.
    ///
    /// # Errors
    ///
    /// Every problem, in one [`Error::Startup`].
    pub fn build(self) -> Result<Runtime> {
        let mut problems = Vec::new();
        read_dot_env(&mut problems);
        let config = match self.config.map_or_else(Config::from_env, Ok) {
            Ok(config) => config,
            Err(all) => {
                problems.extend(all);
                // What was wanted is not known, so nothing is made up.
                Config { dev: false, ..Config::default() }
            }
        };
        let registry = self.registry.unwrap_or_else(Registry::collect);
        problems.extend(registry.problems().iter().map(ToString::to_string));
        problems.extend(flow::problems(registry.jobs()));
        let hooks = registry.jobs().iter().flat_map(|job| job.hooks.jobs());
        for job in registry.jobs().iter().copied().chain(hooks) {
            problems.extend((job.missing)(&self.state).iter().map(|name| {
                format!(
                    "job \"{}\" ({}) takes `State<{name}>`, which the program does not give: \
                     add `.state(...)` to `Runtime::builder()`",
                    job.id, job.location
                )
            }));
        }
        let (endpoints, made_up) = match &self.resolver {
            Some(resolver) => (ready(&registry, &config, resolver.as_ref()), None),
            None => from_environment(&registry, &config, &mut problems),
        };
        let mut said: Vec<_> = made_up.into_iter().collect();
        let (sources, endpoints) = endpoints
            .map_err(|all| problems.extend(all))
            .unwrap_or_else(|()| (Sources::default(), Vec::new()));
        let known = Keyring::resolve(self.resolver.as_deref().map_or(&Environment::default(), |own| own));
        let mut keyring = None;
        if endpoints.iter().any(|endpoint| managed::managed(endpoint).is_some()) {
            match managed::keyring(known, &config) {
                Ok((found, text)) => {
                    keyring = Some(Arc::new(found));
                    said.extend(text);
                }
                Err(problem) => problems.push(problem),
            }
        } else if let Ok(Some(found)) = known {
            // Steps may seal what they return.
            keyring = Some(Arc::new(found));
        }
        let subscriptions =
            Subscriptions::build(&registry).map_err(|all| problems.extend(all)).unwrap_or_default();
        if !problems.is_empty() {
            return Err(Error::Startup(problems));
        }
        let subscriptions = Arc::new(subscriptions);
        #[cfg(feature = "dashboard")]
        let dashboard = self.dashboard;
        let Builder { mut state, store, clock, crash, .. } = self;
        state.insert(sources.clone());
        let state = Arc::new(state);
        Ok(Runtime {
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
            said,
            #[cfg(feature = "dashboard")]
            dashboard,
        })
    }
}

/// External sources, and all endpoints, those of the sources included.
type Ready = (Sources, Vec<LiveEndpoint>);

/// Endpoints with the secrets of the environment; where it has none at all,
/// and the program runs in development mode, with made-up ones.
fn from_environment(
    registry: &Registry,
    config: &Config,
    problems: &mut Vec<String>,
) -> (Result<Ready, Vec<String>>, Option<String>) {
    let environment = Environment::default();
    let endpoints = ready(registry, config, &environment);
    if endpoints.is_ok() || environment.found_any() || !config.dev {
        return (endpoints, None);
    }
    let path = match &config.database {
        Database::Sqlite(file) => {
            let mut name = file.clone().into_os_string();
            name.push(".secrets");
            PathBuf::from(name)
        }
        Database::Memory => PathBuf::from("triggerfish.db.secrets"),
    };
    let made = Development::open(path.clone()).and_then(|development| {
        let endpoints = ready(registry, config, &development);
        Ok((endpoints, development.finish()?))
    });
    made.unwrap_or_else(|error| {
        problems.push(format!("development secrets cannot be kept in {}: {error}", path.display()));
        (endpoints, None)
    })
}

fn ready(registry: &Registry, config: &Config, resolver: &dyn ResolveSecrets) -> Result<Ready, Vec<String>> {
    let mut endpoints = Vec::new();
    let mut problems = Vec::new();
    for spec in registry.endpoints().iter().filter(|spec| spec.enabled) {
        match LiveEndpoint::build(spec, registry, config, resolver) {
            Ok(endpoint) => endpoints.push(endpoint),
            Err(all) => problems.extend(all.iter().map(ToString::to_string)),
        }
    }
    match super::sources::build(registry, config, resolver) {
        Ok((sources, webhooks)) if problems.is_empty() => {
            endpoints.extend(webhooks);
            Ok((sources, endpoints))
        }
        Ok(_) => Err(problems),
        Err(all) => Err(problems.into_iter().chain(all).collect()),
    }
}

/// Adds what `.env` says to the environment; what is set already stays.
#[cfg(feature = "dotenv")]
fn read_dot_env(problems: &mut Vec<String>) {
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => problems.push(format!("`.env` cannot be read: {error}")),
        _ => {}
    }
}

#[cfg(not(feature = "dotenv"))]
fn read_dot_env(_: &mut Vec<String>) {}

/// Everything that was declared, checked and ready to start.
pub struct Runtime {
    pub(super) config: Config,
    registry: Registry,
    endpoints: Vec<LiveEndpoint>,
    sources: Sources,
    subscriptions: Arc<Subscriptions>,
    state: Arc<StateMap>,
    store: Option<Arc<dyn Store>>,
    clock: Clock,
    crash: Option<Arc<CrashPoint>>,
    /// What seals the secrets that the program keeps; none where it keeps none.
    keyring: Option<Arc<Keyring>>,
    /// What start-up has to tell, beside the table.
    said: Vec<String>,
    #[cfg(feature = "dashboard")]
    dashboard: Dashboard,
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

/// A runtime with its workers running.
pub struct Running {
    pub(super) app: Arc<App>,
    pub(super) config: Config,
    #[cfg(feature = "dashboard")]
    pub(super) pages: Option<Pages>,
    pub(super) events: Events,
    /// Takes this runtime off the list of those that `send_event` finds.
    registered: AppGuard,
}

impl Running {
    /// The endpoints' routes, to be served, or nested or merged into another app.
    ///
    /// Nothing may read or change the body before it: the raw bytes are what is
    /// verified, so no decompression layer belongs around it.
    pub fn router(&self) -> Router {
        let router = router(&self.app);
        #[cfg(feature = "dashboard")]
        let router = match &self.pages {
            Some(pages) => pages.guarded(router),
            None => router,
        };
        router
    }

    /// What arrives where, how it is verified, and what it runs, as a text of
    /// several lines. `base` is the URL under which the router is mounted.
    pub async fn table(&self, base: &str) -> String {
        table(self, base).await
    }

    /// The store, to look at deliveries, runs and steps.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.app.store
    }

    /// The external sources, to look at, to register again, and to backfill.
    pub fn sources(&self) -> ExternalSources {
        ExternalSources::new(&self.app)
    }

    /// The secrets that the program keeps, to show or to replace one.
    pub fn secrets(&self) -> ManagedSecrets {
        ManagedSecrets::new(&self.app)
    }

    /// The runs: to list them, to look into one, to end it, to have it tried again.
    pub fn runs(&self) -> Runs {
        Runs::new(Arc::clone(&self.app.store), Arc::clone(&self.app.workers))
    }

    /// Sends events and calls jobs, also where several runtimes are started in
    /// one process.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Registers schedules at run time.
    pub fn schedules(&self) -> Schedules {
        Schedules::new(self.events.clone())
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Lets go who looks on at the dashboard: call it when your own server begins
    /// a graceful shutdown, which waits for open connections.
    pub fn begin_shutdown(&self) {
        self.app.feed.close();
    }

    /// Stops the workers: runs that execute may end within the configured
    /// grace, the rest is given back to the store and goes on at the next start.
    /// Stop serving the router first.
    pub async fn shutdown(self) {
        let grace = tokio::time::sleep(self.config.shutdown_grace);
        self.shutdown_until(grace).await;
    }

    /// As [`Running::shutdown`]; what executes may go on until `enough`.
    pub(super) async fn shutdown_until(self, enough: impl Future<Output = ()>) {
        drop(self.registered);
        let given_back = self.app.workers.stop(enough).await;
        if given_back > 0 {
            tracing::info!("{given_back} runs were given back; they go on at the next start");
        }
        if let Err(error) = self.app.store.close().await {
            tracing::error!(%error, "the store was not closed cleanly");
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("config", &self.config).finish_non_exhaustive()
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("config", &self.config).finish_non_exhaustive()
    }
}
