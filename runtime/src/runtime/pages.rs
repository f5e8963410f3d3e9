//! Where the dashboard is served: on loopback with a token, or wherever the app guards it.

use super::Running;
use crate::admin::{Admin, ROOT};
use crate::config::{Config, Database};
use crate::dashboard::Dashboard;
use crate::registry::Registry;
use crate::serve::App;
use axum::Router;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// The dashboard for a listener on loopback.
pub struct LocalDashboard {
    /// Its routes, to be merged with [`Running::router`].
    pub router: Router,
    /// The URL that opens it. It holds the token: show it to nobody else.
    pub url: String,
}

impl fmt::Debug for LocalDashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalDashboard").finish_non_exhaustive()
    }
}

/// The dashboard as it is configured.
pub(super) struct Pages {
    admin: Arc<Admin>,
    is_guarded: bool,
}

impl Pages {
    /// `None` where there is to be none.
    pub(super) fn new(
        app: &Arc<App>,
        registry: Registry,
        config: &Config,
        dashboard: Dashboard,
    ) -> Option<Self> {
        if dashboard.is_off || !config.dashboard {
            return None;
        }
        let configured = config.dashboard_token.as_ref().map(|token| token.secret().clone());
        let dashboard = Dashboard { token: dashboard.token.or(configured), ..dashboard };
        let is_guarded = dashboard.is_guarded();
        let admin = Arc::new(Admin::new(Arc::clone(app), registry, &dashboard, &config.redact));
        Some(Pages { admin, is_guarded })
    }

    /// The routes with those of the dashboard, where the app guards it.
    pub(super) fn guarded(&self, router: Router) -> Router {
        if self.is_guarded { self.admin.routes(router) } else { router }
    }
}

impl Running {
    /// The dashboard for a program that serves by itself on loopback, as
    /// [`runtime::serve`](crate::runtime::serve) does. `None` off loopback, where
    /// it is switched off, and where the app guards it: then it is in
    /// [`Running::router`] already.
    pub fn local_dashboard(&self, address: SocketAddr) -> Option<LocalDashboard> {
        let (admin, url) = self.local_pages(address)?;
        Some(LocalDashboard { router: admin.routes(Router::new()), url })
    }

    fn local_pages(&self, address: SocketAddr) -> Option<(&Arc<Admin>, String)> {
        let pages = self.pages.as_ref().filter(|pages| !pages.is_guarded)?;
        let token = pages.admin.door.token().filter(|_| address.ip().is_loopback())?;
        let url = format!("http://{address}{ROOT}?token={token}");
        // Of two listeners the first is named in log lines.
        let _ = self.app.pages.set(format!("http://{address}{ROOT}"));
        Some((&pages.admin, url))
    }
}

impl Running {
    /// The routes with those of the dashboard, where it is served on loopback,
    /// and where its URL is noted. The URL is told once, at start-up.
    pub(super) fn with_local_dashboard(&self, router: Router, address: SocketAddr) -> (Router, Option<Note>) {
        let Some((admin, url)) = self.local_pages(address) else { return (router, None) };
        let note = Note::write(&self.config, &url);
        if let Err(error) = &note {
            tracing::warn!(%error, "the dashboard's URL is not noted for the command line");
        }
        (admin.routes(router), note.ok())
    }

    /// Lines for the table at start-up.
    pub(super) fn told_dashboard(&self, base: &str) -> Option<String> {
        let pages = self.pages.as_ref()?;
        match (pages.admin.door.token(), self.app.pages.get()) {
            (Some(token), Some(url)) => Some(format!("dashboard: {url}?token={token}")),
            (Some(_), None) => {
                Some("dashboard: closed off loopback; `Dashboard::auth` says who may come in".to_owned())
            }
            (None, _) => Some(format!("dashboard: {base}{ROOT}, guarded by the program")),
        }
    }
}

/// Where the URL is noted while the program runs, for the command line. Only
/// the owner can read the file.
pub(super) struct Note(PathBuf);

impl Note {
    pub(super) fn write(config: &Config, url: &str) -> io::Result<Self> {
        let mut path = match &config.database {
            Database::Sqlite(file) => file.clone().into_os_string(),
            Database::Memory => "triggerfish.db".into(),
        };
        path.push(".dashboard");
        let note = Note(PathBuf::from(path));
        // Made anew: an older file may be readable by others.
        let _ = std::fs::remove_file(&note.0);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        writeln!(options.open(&note.0)?, "{url}")?;
        Ok(note)
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        // Of no use any more, and of no harm: the token opened this run of the program alone.
        let _ = std::fs::remove_file(&self.0);
    }
}
