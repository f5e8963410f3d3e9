//! An account at a provider: where its API is, and the token that it is called with.

use super::{Caller, Reply, Transport, TransportError};
use crate::secret::{KeyFormat, ResolveSecrets, Secret, SecretProblem, SecretSource};
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Method, Request, request};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long one call may take, its answer included.
#[cfg(feature = "http-client")]
const LONGEST_CALL: Duration = Duration::from_secs(30);

/// An account at a provider whose API takes a bearer token.
#[derive(Clone)]
pub struct Account {
    id: String,
    base: String,
    token: SecretSource,
    read: Option<Secret>,
    caller: Caller,
}

/// Why a call cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountProblem {
    /// [`Account::connect`] was not called.
    #[error("the program has not started: the token of \"{0}\" is not read")]
    NotRead(String),
    /// The token has a line break in it, for example.
    #[error("the token of \"{0}\" holds what no header can")]
    Token(String),
}

impl Account {
    /// An account, by an id that tells it from others in the program, the base of
    /// the API's URLs, and the token. Calls go over HTTPS.
    #[cfg(feature = "http-client")]
    pub fn new(id: impl Into<String>, base: impl Into<String>, token: impl Into<SecretSource>) -> Self {
        Account::with_transport(id, base, token, Arc::new(super::Https::new(LONGEST_CALL)))
    }

    /// The same with an HTTP client of the program's own.
    pub fn with_transport(
        id: impl Into<String>,
        base: impl Into<String>,
        token: impl Into<SecretSource>,
        transport: Arc<dyn Transport>,
    ) -> Self {
        let account = Account {
            id: id.into(),
            base: String::new(),
            token: token.into(),
            read: None,
            caller: Caller::new(transport),
        };
        account.base_url(base)
    }

    /// Another base of the API's URLs, for tests.
    #[must_use]
    pub fn base_url(self, base: impl Into<String>) -> Self {
        Account { base: base.into().trim_end_matches('/').to_owned(), ..self }
    }

    /// How often a call is repeated at once, and the first pause before that.
    #[must_use]
    pub fn repeats(mut self, repeats: u32, pause: Duration) -> Self {
        (self.caller.repeats, self.caller.pause) = (repeats, pause);
        self
    }

    /// What tells it from others in the program.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Reads the token: what an external source does when it connects.
    ///
    /// # Errors
    ///
    /// A token that is missing or blank.
    pub fn connect(&mut self, secrets: &dyn ResolveSecrets) -> Result<(), Vec<SecretProblem>> {
        let read = self.token.read(secrets, KeyFormat::Utf8);
        self.read = Some(read.map_err(|problem| vec![problem])?);
        Ok(())
    }

    /// A request with the token. `path` begins with a slash, and may have a query.
    ///
    /// # Errors
    ///
    /// A token that is not read, or that cannot be sent.
    pub fn request(&self, method: Method, path: &str) -> Result<request::Builder, AccountProblem> {
        let token = self.read.as_ref().ok_or_else(|| AccountProblem::NotRead(self.id.clone()))?;
        let mut bearer = HeaderValue::from_bytes(&[b"Bearer ", token.expose().trim_ascii()].concat())
            .map_err(|_| AccountProblem::Token(self.id.clone()))?;
        bearer.set_sensitive(true);
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        Ok(request.header(AUTHORIZATION, bearer))
    }

    /// Sends a request, and again where that may help: the provider must know a
    /// repeat as the same.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Reply, TransportError> {
        self.caller.call(request).await
    }

    /// Sends a request once.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub async fn call_once(&self, request: Request<Bytes>) -> Result<Reply, TransportError> {
        Caller { repeats: 0, ..self.caller.clone() }.call(request).await
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("base", &self.base).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BoxFuture;

    struct Nobody;

    impl Transport for Nobody {
        fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Reply, TransportError>> {
            Box::pin(std::future::ready(Err(TransportError::Timeout(Duration::ZERO))))
        }
    }

    fn account(token: &str) -> Account {
        Account::with_transport("acme", "https://acme.example/", Secret::from(token), Arc::new(Nobody))
    }

    #[test]
    fn a_request_carries_the_token_once_it_is_read_and_shows_it_nowhere() {
        let mut account = account("  token-7\n");
        let problem = account.request(Method::GET, "/a").map(|_| ());
        assert!(matches!(problem, Err(AccountProblem::NotRead(id)) if id == "acme"));
        account.connect(&|_: &'static str| None).unwrap();
        let request = account.request(Method::GET, "/a?b=1").unwrap().body(()).unwrap();
        assert_eq!(request.uri(), "https://acme.example/a?b=1");
        assert_eq!(request.headers()[AUTHORIZATION], "Bearer token-7");
        assert!(!format!("{request:?} {account:?}").contains("token-7"));
    }

    #[test]
    fn a_token_that_no_header_can_hold_is_told_without_it() {
        let mut account = account("to\nken");
        account.connect(&|_: &'static str| None).unwrap();
        let problem = account.request(Method::GET, "/").map(|_| ()).unwrap_err().to_string();
        assert_eq!(problem, "the token of \"acme\" holds what no header can");
    }
}
