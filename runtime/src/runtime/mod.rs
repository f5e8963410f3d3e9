//! Runs everything that was declared: [`serve`], or [`Runtime`] inside another app.
//!
//! ```no_run
//! use triggerfish::runtime;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), runtime::Error> {
//!     runtime::serve().await
//! }
//! ```

mod builder;
mod error;
mod listen;
mod logs;
mod managed;
#[cfg(feature = "dashboard")]
mod pages;
mod running;
mod secrets;
mod sources;
mod start;
mod table;
mod triggers;
mod under_test;

pub use crate::config::{Config, Database, Durability};
pub use crate::vault::VaultProblem;
pub use builder::Builder;
pub use error::{Error, Result};
pub use managed::{ManagedSecretProblem, ManagedSecrets};
#[cfg(feature = "dashboard")]
pub use pages::LocalDashboard;
pub use running::Running;
pub use sources::{Backfilled, ExternalSources, SourceStatus};
pub use start::Runtime;

use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Serves everything that was declared in this program, until it is told to
/// stop by Ctrl-C or SIGTERM; then ends what is in work and returns.
///
/// Settings come from the environment, `.env` included: see [`Config`].
///
/// # Errors
///
/// Every problem that start-up finds, in one [`Error`]; an address that cannot
/// be listened on; a store that cannot be opened.
pub async fn serve() -> Result<()> {
    Runtime::builder().build()?.serve().await
}

impl Runtime {
    /// Listens on the configured address and serves until Ctrl-C or SIGTERM.
    ///
    /// # Errors
    ///
    /// As [`serve`].
    pub async fn serve(mut self) -> Result<()> {
        let wanted = self.config().address;
        logs::install(&self.config().log);
        let listener =
            TcpListener::bind(wanted).await.map_err(|cause| Error::Listen { address: wanted, cause })?;
        let address = listener.local_addr().map_err(|cause| Error::Listen { address: wanted, cause })?;
        // The port may have been left to the system.
        self.config.address = address;
        let running = self.start().await?;
        let router = running.router();
        #[cfg(feature = "dashboard")]
        let (router, _note) = running.with_local_dashboard(router, address);
        // Before anybody can know that the program runs, and tell it to stop.
        let mut told = Signals::new();
        tracing::info!("{}", running.table(&format!("http://{address}")).await);
        let grace = running.config().shutdown_grace;
        let (stage, stages) = watch::channel(Stage::Serving);
        let signals = tokio::spawn(async move {
            told.next().await;
            tracing::info!(
                "stopping: what is in work may end within {grace:?}; tell it again to stop at once"
            );
            stage.send_replace(Stage::Stopping);
            tokio::select! {
                () = tokio::time::sleep(grace) => {}
                () = told.next() => {}
            }
            stage.send_replace(Stage::Enough);
        });
        let reached = |wanted: Stage| {
            let mut stages = stages.clone();
            async move {
                // An error says that the task is gone, after its last stage.
                let _ = stages.wait_for(|stage| *stage >= wanted).await;
            }
        };
        // Who looks on would hold the program open.
        let (app, told_to_stop) = (Arc::clone(&running.app), reached(Stage::Stopping));
        let stopping = async move {
            told_to_stop.await;
            app.feed.close();
        };
        let head_timeout = running.config().head_timeout;
        tokio::select! {
            () = listen::serve(listener, router, head_timeout, stopping) => {}
            // A sender that never ends its request must not keep the program alive.
            () = reached(Stage::Enough) => {}
        }
        running.shutdown_until(reached(Stage::Enough)).await;
        signals.abort();
        Ok(())
    }
}

/// How far the end of the program has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Serving,
    /// No new requests; what is in work may end.
    Stopping,
    /// What is in work is given back.
    Enough,
}

/// Ctrl-C and SIGTERM. Made once: a signal that comes between two questions is kept.
struct Signals {
    #[cfg(unix)]
    streams: [Option<tokio::signal::unix::Signal>; 2],
}

impl Signals {
    #[cfg(unix)]
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        // Without a handler a signal ends the process by itself.
        Signals { streams: [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok()) }
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Signals {}
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        let [interrupt, terminate] = &mut self.streams;
        tokio::select! {
            () = received(interrupt) => {}
            () = received(terminate) => {}
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
async fn received(stream: &mut Option<tokio::signal::unix::Signal>) {
    let received = match stream {
        Some(stream) => stream.recv().await,
        None => None,
    };
    if received.is_none() {
        std::future::pending::<()>().await;
    }
}
