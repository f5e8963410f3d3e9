//! Waits for a request to an address that nobody can guess.

use super::IntoKey;
use super::execute::Execution;
use super::io::Io;
use super::replay::Begun;
use super::task::{Options, run};
use super::wait::{Look, not_written, outcome, until_ended};
use crate::error::{BoxError, RunError, RunErrorKind};
use crate::store::{Awaited, NewWait, TokenHash};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Where such requests arrive; the token follows.
pub(crate) const RESUME_PATH: &str = "/hooks/-/resume/";

impl Io {
    /// Waits for a POST request to an address that is made for it, or until
    /// `timeout` has passed; `None` then. As [`Io::wait`].
    ///
    /// `announce` gets the address and tells it to who is to answer. It is a
    /// step of its own, `{key}/url`: once it is done it does not run again. The
    /// address has a random token of 256 bits; whoever has it can answer, once.
    /// A GET request, as programs make that look at links in mails, changes
    /// nothing. The body is JSON; none at all is `null`. Where it is not of the
    /// type `T` the run fails.
    ///
    /// The address begins with the setting
    /// [`public_url`](crate::config::Config::public_url).
    ///
    /// ```
    /// # use triggerfish::prelude::*;
    /// # use std::time::Duration;
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Approval { by: String }
    /// # async fn mail(text: &str) -> Result<()> { Ok(()) }
    /// # async fn f(io: &Io) -> Result<()> {
    /// let day = Duration::from_secs(24 * 3600);
    /// let approval: Option<Approval> = io
    ///     .wait_for_request("approval", day, async |url| mail(&format!("To approve, POST to {url}")).await)
    ///     .await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Io::wait`]; an error of `announce`; a program that does not know
    /// its public URL; a body of another type.
    #[track_caller]
    pub fn wait_for_request<T, E, F, Fut>(
        &self,
        key: impl IntoKey,
        timeout: Duration,
        announce: F,
    ) -> impl Future<Output = Result<Option<T>, RunError>>
    where
        T: DeserializeOwned,
        E: Into<BoxError>,
        F: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<(), E>>,
    {
        let at = Location::caller();
        let begun = self.begin_wait(key.into_key(), at);
        wait_for_request(Arc::clone(self.execution()), begun, at, timeout, announce)
    }
}

async fn wait_for_request<T, E, F, Fut>(
    execution: Arc<Execution>,
    begun: Result<Begun, RunError>,
    at: &'static Location<'static>,
    timeout: Duration,
    announce: F,
) -> Result<Option<T>, RunError>
where
    T: DeserializeOwned,
    E: Into<BoxError>,
    F: FnOnce(String) -> Fut,
    Fut: Future<Output = Result<(), E>>,
{
    let mut begun = begun?;
    if let Some(step) = execution.reached(&mut begun).await {
        return outcome(&step);
    }
    let key = begun.key().to_owned();
    let left = begun.left_open();
    let due_at =
        left.as_ref().map_or_else(|| execution.setting.clock.now().plus(timeout), |wait| wait.due_at);
    let open = async |past| {
        let (token, hash) = token(&key)?;
        let wait = NewWait { key: key.clone(), awaited: Awaited::Request { token: hash }, due_at };
        let opened = execution.setting.store.open_wait(execution.fence, wait, past).await;
        opened.map_err(|error| not_written(&key, &error))?;
        Ok::<_, RunError>(token)
    };
    let is_open = AtomicBool::new(left.is_some());
    let past = begun.past();
    let announced = execution.replay.begin(format!("{key}/url"), at);
    let step = run(Arc::clone(&execution), announced, Options::default(), async || {
        let base = execution.setting.base_url.as_deref().ok_or_else(|| no_address(&key))?;
        let token = open(past).await?;
        is_open.store(true, Ordering::Relaxed);
        announce(format!("{}{RESUME_PATH}{token}", base.trim_end_matches('/'))).await.map_err(Into::into)
    });
    step.await?;
    if !is_open.into_inner() {
        // It was withdrawn after its address was told: only its time is left.
        open(Vec::new()).await?;
    }
    let step = until_ended(&execution, begun, due_at, Look::Now).await?;
    outcome(&step)
}

/// A token, and its hash.
fn token(key: &str) -> Result<(String, TokenHash), RunError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        RunError::new(RunErrorKind::Store, format!("no address can be made for the wait `{key}`: {error}"))
    })?;
    let token = hex::encode(bytes);
    let hash = hash_of(&token);
    Ok((token, hash))
}

/// The hash by which the store knows a token.
pub(crate) fn hash_of(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

fn no_address(key: &str) -> BoxError {
    let text = format!(
        "the wait `{key}` has no address, because this program does not know its URL: set `TRIGGERFISH_PUBLIC_URL`"
    );
    RunError::new(RunErrorKind::NoAddress, text).into()
}
