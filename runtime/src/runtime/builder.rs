//! Checks everything that was declared, and puts together a runtime of it.

use super::error::{Error, Result};
use super::managed;
use super::secrets::{Development, Environment};
use super::start::Runtime;
use crate::config::{Config, Database};
#[cfg(feature = "dashboard")]
use crate::dashboard::Dashboard;
use crate::event::Subscriptions;
use crate::flow;
use crate::registry::Registry;
use crate::run::{CrashPoint, StateMap};
use crate::secret::{Keyring, ResolveSecrets};
use crate::serve::LiveEndpoint;
use crate::source::Sources;
use crate::store::Store;
use crate::time::Clock;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

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

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}
