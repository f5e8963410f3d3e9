//! GitHub for [Triggerfish](triggerfish): webhooks of repositories that register
//! themselves, and their events with types.
//!
//! ```no_run
//! use triggerfish::prelude::*;
//! use triggerfish_github as github;
//! use triggerfish_github::{Github, IssuesEvent};
//!
//! #[source]
//! fn github_bot() -> Github {
//!     Github::new("github", env("GITHUB_TOKEN"))
//! }
//!
//! #[job(
//!     id = "greet",
//!     version = "0.1.0",
//!     trigger = github::on_issues(repository = "octocat/hello-world"),
//!     filter = { action: ["opened"] },
//! )]
//! async fn greet(Json(event): Json<IssuesEvent>, io: Io) {
//!     io.logger().info("a new issue", &event.issue.title);
//! }
//! # fn main() {}
//! ```
//!
//! At start-up the program makes one webhook in each repository that its jobs
//! name, with a secret of its own. That needs a token that may write webhooks
//! (`Webhooks: read and write`), `TRIGGERFISH_PUBLIC_URL` and
//! `TRIGGERFISH_SECRET_KEY`.

mod client;
pub mod events;
mod source;
mod types;

pub use client::{API_VERSION, GithubError};
pub use events::*;
pub use source::{GithubParams, WebhookData};
pub use types::{
    Branch, Commit, Issue, IssuesEvent, Label, PullRequest, PullRequestEvent, PushEvent, Release,
    ReleaseEvent, Repository, User,
};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use triggerfish::client::{Account, Transport};
use triggerfish::secret::SecretSource;

/// Where GitHub's API is.
const BASE: &str = "https://api.github.com";

/// An account at GitHub.
#[derive(Clone)]
pub struct Github {
    account: Account,
}

impl Github {
    /// An account, by an id that tells it from others in this program, and its token.
    #[cfg(feature = "http-client")]
    pub fn new(id: impl Into<String>, token: impl Into<SecretSource>) -> Self {
        Github { account: Account::new(id, BASE, token) }
    }

    /// The same with an HTTP client of the program's own.
    pub fn with_transport(
        id: impl Into<String>,
        token: impl Into<SecretSource>,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Github { account: Account::with_transport(id, BASE, token, transport) }
    }

    /// Where the API is: that of a GitHub Enterprise Server, or of a test.
    #[must_use]
    pub fn base_url(self, url: impl Into<String>) -> Self {
        Github { account: self.account.base_url(url) }
    }

    /// How often a call is repeated at once, and the first pause before that; two
    /// times and half a second otherwise. After that the run is tried again later.
    #[must_use]
    pub fn repeats(self, repeats: u32, pause: Duration) -> Self {
        Github { account: self.account.repeats(repeats, pause) }
    }
}

impl fmt::Debug for Github {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Github").field(&self.account).finish()
    }
}
