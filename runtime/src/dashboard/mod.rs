//! Pages over everything that is declared and stored, and who may see them.
//!
//! [`runtime::serve`](crate::runtime::serve) opens them on loopback, with a
//! random token that it prints as a URL. Everywhere else, off loopback or
//! nested in another app, they are closed until the app says who may come in:
//!
//! ```
//! use triggerfish::dashboard::{Dashboard, Role};
//! use triggerfish::runtime::Runtime;
//!
//! let builder = Runtime::builder().dashboard(Dashboard::auth(|head| {
//!     // For example what a layer of the app's own has put into `head.extensions`.
//!     match head.headers.get("x-user")?.to_str().ok()? {
//!         "admin" => Some(Role::Full),
//!         _ => Some(Role::ReadOnly),
//!     }
//! }));
//! # drop(builder);
//! ```

mod graph;
mod pages;
mod parts;
mod render;
mod text;
mod waterfall;

pub(crate) use pages::answer;

use crate::secret::Secret;
use std::fmt;
use std::sync::Arc;

/// What one may do who was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// Look, and act: send requests again, retry and end runs, see secrets.
    Full,
    /// Look.
    ReadOnly,
}

/// Decides by a request's head who it is from: `None` for nobody.
type Decide = dyn Fn(&http::request::Parts) -> Option<Role> + Send + Sync;

/// Who opens the door.
#[derive(Clone)]
pub(crate) enum Guard {
    /// Whoever has the token.
    Token,
    /// Whom the app lets in.
    App(Arc<Decide>),
}

/// Who may see the pages and the API, and what of it.
#[derive(Clone)]
pub struct Dashboard {
    pub(crate) guard: Guard,
    pub(crate) token: Option<Secret>,
    pub(crate) hosts: Vec<String>,
    pub(crate) redact: Vec<String>,
    pub(crate) read_only: bool,
    pub(crate) is_off: bool,
}

impl Default for Dashboard {
    /// On loopback, for whoever has the token.
    fn default() -> Self {
        Dashboard {
            guard: Guard::Token,
            token: None,
            hosts: Vec::new(),
            redact: Vec::new(),
            read_only: false,
            is_off: false,
        }
    }
}

impl Dashboard {
    /// The app decides by a request's head who may come in, and it may then be
    /// nested and reached from elsewhere. No token opens it.
    ///
    /// Who is let in by a cookie must have a cookie with `SameSite`; actions
    /// bring a token of their own against forgery.
    pub fn auth(decide: impl Fn(&http::request::Parts) -> Option<Role> + Send + Sync + 'static) -> Self {
        Dashboard { guard: Guard::App(Arc::new(decide)), ..Dashboard::default() }
    }

    /// No pages and no API at all.
    pub fn off() -> Self {
        Dashboard { is_off: true, ..Dashboard::default() }
    }

    /// The token, in place of a random one for each start.
    #[must_use]
    pub fn token(mut self, token: impl Into<Vec<u8>>) -> Self {
        self.token = Some(Secret::new(token));
        self
    }

    /// A host name under which the pages may be called, beside `localhost` and
    /// the addresses of loopback; where the app decides, beside none.
    #[must_use]
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// A JSON pointer into bodies, outputs and data of log lines whose value is
    /// not shown, for example `/payload/card/number`; `*` stands for any key or index.
    #[must_use]
    pub fn redact(mut self, pointer: impl Into<String>) -> Self {
        self.redact.push(pointer.into());
        self
    }

    /// Nobody may act, whoever comes in.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Whether the app guards it, so that it may be reached from elsewhere.
    pub(crate) fn is_guarded(&self) -> bool {
        matches!(self.guard, Guard::App(_))
    }
}

impl fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dashboard")
            .field("guarded", &self.is_guarded())
            .field("hosts", &self.hosts)
            .field("redact", &self.redact)
            .field("read_only", &self.read_only)
            .field("off", &self.is_off)
            .finish_non_exhaustive()
    }
}
