//! A runtime that runs: its routes, and what can be asked of it.

use super::managed::ManagedSecrets;
#[cfg(feature = "dashboard")]
use super::pages::Pages;
use super::sources::ExternalSources;
use super::table::table;
use crate::config::Config;
use crate::event::{AppGuard, Events};
use crate::runs::Runs;
use crate::schedule::Schedules;
use crate::serve::{App, router};
use crate::store::Store;
use axum::Router;
use std::fmt;
use std::sync::Arc;

/// A runtime with its workers running.
pub struct Running {
    pub(super) app: Arc<App>,
    pub(super) config: Config,
    #[cfg(feature = "dashboard")]
    pub(super) pages: Option<Pages>,
    pub(super) events: Events,
    /// Takes this runtime off the list of those that `send_event` finds.
    pub(super) registered: AppGuard,
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

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("config", &self.config).finish_non_exhaustive()
    }
}
