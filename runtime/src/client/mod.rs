//! Calls to a provider's API: what integrations share.
//!
//! A [`Transport`] sends one request; with the feature `http-client` there is
//! [`Https`]. A [`Caller`] sends it again where that may help, and waits as the
//! provider asks. An [`Account`] knows where the API is and with which token it
//! is called.

mod account;
#[cfg(feature = "http-client")]
mod https;

pub use account::{Account, AccountProblem};
#[cfg(feature = "http-client")]
pub use https::Https;

use crate::BoxFuture;
use crate::error::{BoxError, Error};
use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Request, StatusCode};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Sends a request to a provider.
pub trait Transport: Send + Sync + 'static {
    /// Sends it once, and reads the whole answer.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Reply, TransportError>>;
}

/// What a provider answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Reply {
    /// How long the provider asks to wait, in seconds of `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?;
        text.trim().parse().ok().map(Duration::from_secs)
    }

    /// Whether the same request may be answered otherwise later: a conflict, too
    /// many requests, a failure of the provider.
    pub fn may_change(&self) -> bool {
        matches!(
            self.status,
            StatusCode::CONFLICT | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        ) || self.status.is_server_error()
    }
}

impl Reply {
    /// The error of a step that got this answer and wanted another: it says
    /// whether the step may be tried again, and when, where the provider asks.
    pub fn refusal(&self, why: impl fmt::Display) -> Error {
        match self.retry_after() {
            Some(delay) if self.may_change() => Error::retry_after(delay, why.to_string()),
            _ if self.may_change() => Error::msg(why),
            _ => Error::fatal(why.to_string()),
        }
    }
}

/// Why there is no answer. Whether the provider did what it was asked is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// It took too long.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The answer is larger than is read.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// A secret would be sent in the clear.
    #[error("`{0}` is not encrypted: use `https://`, or an address of this machine")]
    NotEncrypted(String),
    /// The connection could not be made, or broke.
    #[error("the connection failed")]
    Broken(#[source] BoxError),
}

/// Sends requests again where that may help.
#[derive(Clone)]
pub struct Caller {
    transport: Arc<dyn Transport>,
    /// How often a request is sent again at once. What fails after that is left
    /// to the retries of the run, which survive a restart.
    pub repeats: u32,
    /// The first pause, which doubles with every repeat.
    pub pause: Duration,
    /// A provider that asks for more than this is not waited for here.
    pub longest_pause: Duration,
}

impl Caller {
    /// Two repeats within two seconds.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        let (pause, longest_pause) = (Duration::from_millis(500), Duration::from_secs(2));
        Caller { transport, repeats: 2, pause, longest_pause }
    }

    /// Sends a request; again after no answer, or one that may change, if doing
    /// it twice does no harm: the provider must know it as the same.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Reply, TransportError> {
        let mut pause = self.pause;
        for _ in 0..self.repeats {
            let asked = match self.transport.send(request.clone()).await {
                Ok(reply) if !reply.may_change() => return Ok(reply),
                Ok(reply) => match reply.retry_after() {
                    Some(asked) if asked > self.longest_pause => return Ok(reply),
                    asked => asked,
                },
                Err(error @ (TransportError::NotEncrypted(_) | TransportError::TooLarge(_))) => {
                    return Err(error);
                }
                Err(TransportError::Timeout(_) | TransportError::Broken(_)) => None,
            };
            // Those that failed together must not come back together.
            tokio::time::sleep(asked.unwrap_or_else(|| pause.mul_f64(0.5 + fastrand::f64() / 2.0))).await;
            pause = (pause * 2).min(self.longest_pause);
        }
        self.transport.send(request).await
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("repeats", &self.repeats)
            .field("pause", &self.pause)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// A status, and how long to wait; or no answer.
    type Scripted = Option<(u16, Option<u64>)>;

    /// Answers from a list.
    struct Script(Mutex<Vec<Scripted>>);

    impl Transport for Script {
        fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Reply, TransportError>> {
            let next = self.0.lock().unwrap().remove(0);
            Box::pin(std::future::ready(match next {
                None => Err(TransportError::Timeout(Duration::ZERO)),
                Some((status, wait)) => {
                    let mut headers = HeaderMap::new();
                    if let Some(wait) = wait {
                        headers.insert(RETRY_AFTER, wait.into());
                    }
                    Ok(Reply { status: status.try_into().unwrap(), headers, body: Bytes::new() })
                }
            }))
        }
    }

    async fn call(script: &[Scripted]) -> (Option<u16>, usize) {
        let left = Arc::new(Script(Mutex::new(script.to_vec())));
        let caller = Caller::new(Arc::clone(&left) as Arc<dyn Transport>);
        let reply = caller.call(Request::default()).await;
        let sent = script.len() - left.0.lock().unwrap().len();
        (reply.ok().map(|reply| reply.status.as_u16()), sent)
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_change_is_sent_again_and_nothing_else() {
        for status in [429, 409, 500, 503] {
            assert_eq!(call(&[Some((status, None)), Some((200, None))]).await, (Some(200), 2), "{status}");
        }
        for status in [200, 400, 401, 402, 404] {
            assert_eq!(call(&[Some((status, None)), Some((200, None))]).await, (Some(status), 1), "{status}");
        }
        assert_eq!(call(&[None, Some((200, None))]).await, (Some(200), 2));
        assert_eq!(call(&[None, None, None, Some((200, None))]).await, (None, 3));
        assert_eq!(call(&[Some((429, None)); 4]).await, (Some(429), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_is_waited_for_as_long_as_it_asks_within_reason() {
        let begun = tokio::time::Instant::now();
        assert_eq!(call(&[Some((429, Some(2))), Some((200, None))]).await, (Some(200), 2));
        assert_eq!(begun.elapsed(), Duration::from_secs(2));
        assert_eq!(call(&[Some((429, Some(60))), Some((200, None))]).await, (Some(429), 1));
        assert_eq!(begun.elapsed(), Duration::from_secs(2));
    }
}
