//! Programs whose jobs take the events of an external source: where the
//! provider is that a test runs, and whether all is registered there.

use super::{App, Setup, until};
use std::cell::RefCell;
use std::time::{Duration, SystemTime};

/// Under which the provider is told to reach the program.
pub(crate) const PUBLIC_URL: &str = "https://hooks.example.com";

thread_local! {
    /// Where the provider is of the test whose program is being built on this thread.
    static BASE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Where the provider is, for a function with `#[source]`.
pub(crate) fn base() -> String {
    BASE.with_borrow(Clone::clone)
}

/// Programs that are built on this thread from now on have their provider here.
pub(crate) fn based_at(url: &str) {
    BASE.set(url.to_owned());
}

/// The time of a provider's events, in seconds.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// The path of a URL.
pub(crate) fn path_of(url: &str) -> String {
    let rest = url.split_once("://").unwrap().1;
    rest[rest.find('/').unwrap()..].to_owned()
}

impl Setup {
    /// With a provider here, and a URL for it to call.
    pub(crate) fn provider(self, url: &str) -> Self {
        based_at(url);
        self.config(|config| config.public_url = Some(PUBLIC_URL.to_owned()))
    }
}

impl App {
    /// Waits until everything that is wanted is registered.
    pub(crate) async fn registered(&self) {
        until("the registration of all webhooks", async || {
            self.running.sources().list().iter().all(|source| source.registered.is_some()).then_some(())
        })
        .await;
    }
}
