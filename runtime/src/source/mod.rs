//! External sources: systems whose events come through a webhook that the
//! program registers itself.
//!
//! An integration implements [`ExternalSource`] under `#[external_source]`; a
//! program declares its instances with `#[source]`, and its jobs name the
//! events: `trigger = stripe::on_price_created(connect = true)`. Jobs whose
//! parameters have one [`key`](ExternalSource::key) share one webhook. At
//! start-up what is wanted is compared with what is registered; a difference
//! starts a run that registers, with recorded steps, like any other run.

mod any;
mod live;
mod plan;
mod register;
mod row;
mod spec;

pub(crate) use any::AnySource;
pub use any::{ErasedSource, erase};
pub(crate) use live::{LiveSource, Matched, Sources};
pub(crate) use plan::plan;
pub(crate) use register::{Order, REGISTER, order, orders};
pub(crate) use row::Turn;
pub use spec::{
    FromText, InstanceOf, InstanceSpec, Source, SourceEventOf, SourceInstance, SourceSpec, Subscription,
};

use crate::endpoint::Response;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::run::Io;
use crate::secret::{ResolveSecrets, Sealed, Secret, SecretProblem, SecretSource};
use crate::vault::{KeptVerifier, Vault};
use crate::verify::Verifier;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

/// A system whose events come through a webhook that the program registers.
///
/// It is verified, registered and deduplicated by the runtime; an integration
/// says how the provider is asked, and what a request means.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an external source",
    label = "not an external source",
    note = "an external source is a type with `#[external_source(...)] impl ExternalSource for ...`"
)]
pub trait ExternalSource: Source + Sized + Send + Sync + 'static {
    /// What a job says of the webhook that it needs; the default for what it
    /// does not say.
    type Params: Default + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What a registration returns and later ones need: the webhook's id.
    type Data: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// What tells this instance from others: a part of its URL.
    fn id(&self) -> &str;

    /// Reads the instance's own secrets. Called once, at start-up.
    ///
    /// # Errors
    ///
    /// Every secret that is missing or blank.
    fn connect(&mut self, secrets: &dyn ResolveSecrets) -> Result<(), Vec<SecretProblem>>;

    /// Which webhook serves these parameters: one for each key. It is a part of
    /// its URL.
    ///
    /// # Errors
    ///
    /// What is wrong with the parameters: a start-up error.
    fn key(params: &Self::Params) -> Result<String, String>;

    /// How its requests are verified, with the secret of the webhook.
    fn verifier(&self, secret: SecretSource) -> Verifier;

    /// Makes the webhook at the provider what it should be. It runs as a run of
    /// its own: what it asks of the provider are steps of `io`, and it is tried
    /// again after an error. A crash may come between any two steps, and in a
    /// step after the provider did what it was asked.
    fn register(
        &self,
        registration: &Registration<Self>,
        io: &Io,
    ) -> impl Future<Output = Result<Registered<Self::Data>>> + Send;

    /// Reads the events of a verified request.
    fn handle(
        &self,
        request: &Request,
        webhook: &Webhook<Self>,
    ) -> impl Future<Output = Result<Handled>> + Send;

    /// Removes the webhook at the provider. Removing what is gone is no error.
    fn unregister(&self, webhook: &Webhook<Self>, io: &Io) -> impl Future<Output = Result<()>> + Send;

    /// Lists events that happened since a time, a page at a time. By default the
    /// provider cannot tell.
    fn backfill(
        &self,
        _webhook: &Webhook<Self>,
        _since: SystemTime,
        _page: Option<String>,
    ) -> impl Future<Output = Result<Page>> + Send {
        std::future::ready(Err(Error::fatal("this provider does not list its events")))
    }
}

/// What a registration is asked for.
#[derive(Debug)]
pub struct Registration<S: ExternalSource> {
    /// The instance and the key; to be noted at the provider, where it has room.
    pub address: String,
    /// The URL that the provider is to call.
    pub url: String,
    /// What the jobs say of it.
    pub params: S::Params,
    /// Every event that jobs want, in order.
    pub desired: Vec<String>,
    /// Those of them for which it is not registered yet.
    pub missing: Vec<String>,
    /// Those for which it is registered, and which no job wants.
    pub orphaned: Vec<String>,
    /// The registration that there is.
    pub active: Option<Active<S::Data>>,
    own: OwnSecret,
}

impl<S: ExternalSource> Registration<S> {
    /// The secret of the webhook, where the provider lets the program choose it:
    /// random, and made once. It is kept, sealed, before this returns, so that the
    /// provider's first request verifies, whenever it comes.
    ///
    /// # Errors
    ///
    /// A store that fails; a kept secret that does not open.
    pub async fn own_secret(&self) -> Result<Secret> {
        Ok(self.own.kept.load(&self.own.vault).await?)
    }
}

/// The webhook whose secret the program may choose, and where that is kept.
pub(crate) struct OwnSecret {
    pub(crate) kept: Arc<KeptVerifier>,
    pub(crate) vault: Vault,
}

impl fmt::Debug for OwnSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnSecret")
    }
}

/// A registration that there is.
#[derive(Debug)]
pub struct Active<D> {
    /// What it returned.
    pub data: D,
    /// The URL that the provider calls.
    pub url: String,
    /// The events that it is registered for.
    pub events: Vec<String>,
    /// The version of the source that made it.
    pub version: String,
}

/// What a registration returns.
#[derive(Debug)]
pub struct Registered<D> {
    pub(crate) data: D,
    pub(crate) secret: Option<Sealed>,
}

impl<D> Registered<D> {
    /// The webhook is what it should be, and its secret is the one known.
    pub fn new(data: D) -> Self {
        Registered { data, secret: None }
    }

    /// Its secret, sealed with [`Io::seal`].
    #[must_use]
    pub fn secret(self, secret: Sealed) -> Self {
        Registered { secret: Some(secret), ..self }
    }
}

/// A registered webhook.
#[derive(Debug)]
pub struct Webhook<S: ExternalSource> {
    /// The instance and the key.
    pub address: String,
    /// What its jobs say of it.
    pub params: S::Params,
    /// What its registration returned.
    pub data: S::Data,
    /// The events that it is registered for.
    pub events: Vec<String>,
    /// What the last delivery left.
    pub metadata: Option<Value>,
}

/// What came of a request.
#[derive(Debug, Default)]
pub struct Handled {
    /// Its events, in order. They are stored together.
    pub events: Vec<SourceEvent>,
    /// The answer to the sender, where it is not the usual one. It is kept with
    /// the delivery, so that a repeat gets it again: the status, the body and its type.
    pub response: Option<Response>,
    /// What the next call is to be given. It is stored with the events; deliveries
    /// that leave something are read one after the other, and one that was read
    /// beside another is read again.
    pub metadata: Option<Value>,
}

impl Handled {
    /// A request with these events.
    pub fn events(events: impl IntoIterator<Item = SourceEvent>) -> Self {
        Handled { events: events.into_iter().collect(), ..Handled::default() }
    }
}

/// An event as its provider tells it.
#[derive(Clone, Debug)]
pub struct SourceEvent {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) payload: Box<RawValue>,
    pub(crate) at: Option<SystemTime>,
    pub(crate) context: Option<Value>,
}

impl SourceEvent {
    /// An event, by the id by which a repeat of it is recognised.
    pub fn new(id: impl Into<String>, name: impl Into<String>, payload: Box<RawValue>) -> Self {
        SourceEvent { id: id.into(), name: name.into(), payload, at: None, context: None }
    }

    /// When it happened; otherwise it is when it was received.
    #[must_use]
    pub fn at(self, at: SystemTime) -> Self {
        SourceEvent { at: Some(at), ..self }
    }

    /// What the provider says of its circumstances.
    #[must_use]
    pub fn context(self, context: Value) -> Self {
        SourceEvent { context: Some(context), ..self }
    }
}

/// Events that happened, and where to go on.
#[derive(Debug, Default)]
pub struct Page {
    /// The events of this page.
    pub events: Vec<SourceEvent>,
    /// What asks for the next page; `None` on the last.
    pub next: Option<String>,
}
