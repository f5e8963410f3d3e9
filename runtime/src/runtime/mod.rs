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
mod logs;
mod secrets;
mod table;

pub use crate::config::{Config, Database, Durability};
pub use builder::{Builder, Running, Runtime};
pub use error::{Error, Result};

use tokio::net::TcpListener;

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
    pub async fn serve(self) -> Result<()> {
        let wanted = self.config().address;
        logs::install(&self.config().log);
        let listener =
            TcpListener::bind(wanted).await.map_err(|cause| Error::Listen { address: wanted, cause })?;
        let address = listener.local_addr().map_err(|cause| Error::Listen { address: wanted, cause })?;
        let running = self.start().await?;
        tracing::info!("{}", table::table(&running, &format!("http://{address}")));
        let served = axum::serve(listener, running.router()).with_graceful_shutdown(told_to_stop()).await;
        running.shutdown().await;
        served.map_err(|cause| Error::Listen { address, cause })
    }
}

/// Resolves at Ctrl-C or SIGTERM.
async fn told_to_stop() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the signal ends the process by itself.
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminate => {}
    }
    tracing::info!("stopping: no new requests; what is in work ends first");
}
