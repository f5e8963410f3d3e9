//! External sources at start-up, and what a person may ask of them.

use super::error::Error as StartError;
use crate::config::Config;
use crate::endpoint::{EndpointSpec, VerifySpec};
use crate::error::{Error, Result};
use crate::registry::Registry;
use crate::secret::ResolveSecrets;
use crate::serve::{App, LiveEndpoint};
use crate::source::{LiveSource, Order, Sources, order, orders, plan};
use crate::store::{OriginId, RunQuery, Sent, SourceRow, Store};
use crate::time::Clock;
use crate::vault::Vault;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;
use uuid::Uuid;

/// The external sources of a program, while it runs.
///
/// A source has an address: the id of its instance and the key of its webhook.
#[derive(Clone)]
pub struct ExternalSources {
    app: Arc<App>,
}

/// A webhook that jobs of the program want.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SourceStatus {
    /// Its address.
    pub address: String,
    /// The id of its external source.
    pub source: &'static str,
    /// The URL that the provider calls; none where the program has no public URL.
    pub url: Option<String>,
    /// The events that jobs want.
    pub events: Vec<String>,
    /// The jobs.
    pub jobs: Vec<&'static str>,
    /// What is registered.
    pub registered: Option<SourceRow>,
}

/// What came of a backfill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backfilled {
    /// Events that the provider listed.
    pub listed: usize,
    /// Those of them that were not known, and are stored now.
    pub new: usize,
}

impl ExternalSources {
    pub(crate) fn new(app: &Arc<App>) -> Self {
        ExternalSources { app: Arc::clone(app) }
    }

    /// The webhooks that jobs want, in order of their addresses.
    pub fn list(&self) -> Vec<SourceStatus> {
        let status = |webhook: &Arc<LiveSource>| SourceStatus {
            address: webhook.address.clone(),
            source: webhook.instance.spec.source.id,
            url: self.app.sources.url(&webhook.address),
            events: webhook.events.clone(),
            jobs: webhook.jobs().map(|(job, _)| job.id).collect(),
            registered: webhook.registered.row().map(Arc::unwrap_or_clone),
        };
        self.app.sources.webhooks().iter().map(status).collect()
    }

    /// Webhooks that are registered, and that no job wants any more.
    ///
    /// # Errors
    ///
    /// A store that fails.
    pub async fn orphaned(&self) -> Result<Vec<SourceRow>> {
        let rows = self.app.store.sources().await?;
        Ok(rows.into_iter().filter(|row| self.app.sources.webhook(&row.address).is_none()).collect())
    }

    /// Starts a run that makes a webhook what it should be, whatever is known of it.
    ///
    /// # Errors
    ///
    /// An unknown address; a program without a public URL; a store that fails.
    pub async fn register(&self, address: &str) -> Result<Uuid> {
        let webhook = self.webhook(address)?;
        let url = self.app.sources.url(address).ok_or_else(|| Error::fatal(NO_URL))?;
        let version = webhook.instance.spec.source.version.to_owned();
        let (address, events) = (address.to_owned(), webhook.events.clone());
        self.send(Order::Register { address, url, version, events }).await
    }

    /// Starts a run that removes a webhook at its provider. Its source must still
    /// be declared, because it has the provider's key.
    ///
    /// # Errors
    ///
    /// A store that fails.
    pub async fn unregister(&self, address: &str) -> Result<Uuid> {
        self.send(Order::Unregister { address: address.to_owned() }).await
    }

    /// Asks the provider for the events since a time, and takes those that are
    /// not known as if they had been delivered.
    ///
    /// # Errors
    ///
    /// An unknown address; a webhook that is not registered; a provider that
    /// cannot tell, or fails. What was taken before that stays.
    pub async fn backfill(&self, address: &str, since: SystemTime) -> Result<Backfilled> {
        let webhook = self.webhook(address)?;
        let row = webhook
            .registered
            .row()
            .ok_or_else(|| Error::fatal(format!("\"{address}\" is not registered yet")))?;
        let mut done = Backfilled::default();
        let mut page = None;
        loop {
            let listed = webhook.instance.source.backfill(&row, since, page).await?;
            let now = self.app.clock.now();
            let mut events = Vec::new();
            for event in listed.events {
                done.listed += 1;
                let mut matched = webhook.matched(event, None, false, self.app.workers.slots(), now);
                for endpoint in self.app.endpoints.iter().filter(|live| live.spec.id == webhook.address) {
                    endpoint.without_runs_off(&mut matched);
                }
                events.push(matched.event);
            }
            let stored = self.app.workers.left_in_store();
            let sent = self.app.store.send_events(events).await?;
            stored();
            done.new += sent.iter().filter(|sent| **sent == Sent::Stored).count();
            page = match listed.next {
                Some(next) => Some(next),
                None => return Ok(done),
            };
        }
    }

    fn webhook(&self, address: &str) -> Result<&Arc<LiveSource>> {
        let known = self.app.sources.webhook(address);
        known.ok_or_else(|| Error::fatal(format!("no job of this program wants the webhook \"{address}\"")))
    }

    async fn send(&self, what: Order) -> Result<Uuid> {
        let event = order(&what, self.app.clock.now())?;
        let id = event.event.id;
        let stored = self.app.workers.left_in_store();
        self.app.store.send_events(vec![event]).await?;
        stored();
        let query = RunQuery { origin: Some(OriginId::Event(id)), ..RunQuery::default() };
        let run = self.app.store.runs(query).await?.first().map(|run| run.id);
        run.ok_or_else(|| Error::msg("the run was not stored"))
    }
}

impl fmt::Debug for ExternalSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExternalSources").field(&self.list()).finish()
    }
}

const NO_URL: &str = "a provider must know where to send events: set `TRIGGERFISH_PUBLIC_URL`";

/// The sources of a program with the endpoints that take their requests.
pub(super) fn build(
    registry: &Registry,
    config: &Config,
    secrets: &dyn ResolveSecrets,
) -> Result<(Sources, Vec<LiveEndpoint>), Vec<String>> {
    let (instances, webhooks) = plan(registry, secrets)?;
    let webhooks: Vec<_> = webhooks.into_iter().map(Arc::new).collect();
    let mut problems = Vec::new();
    if !webhooks.is_empty() && config.public_url.is_none() && !config.dev {
        problems.push(format!("external sources: {NO_URL}"));
    }
    for webhook in &webhooks {
        if let Some(other) = registry.endpoints().iter().find(|endpoint| endpoint.id == webhook.address) {
            problems.push(format!(
                "endpoint \"{}\" ({}) has the URL of the external source of the same name",
                other.id, other.location
            ));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut endpoints = Vec::new();
    for webhook in &webhooks {
        endpoints.push(LiveEndpoint::of_source(endpoint(webhook), webhook, registry, config)?);
    }
    Ok((Sources::new(instances, webhooks, config.public_url.as_deref()), endpoints))
}

/// The endpoint of a webhook. Made once for the life of the program, as if it
/// were declared.
fn endpoint(webhook: &LiveSource) -> &'static EndpointSpec {
    let spec = webhook.instance.spec;
    let first = webhook.jobs().next().map(|(_, event)| event);
    Box::leak(Box::new(EndpointSpec {
        id: webhook.address.clone().leak(),
        source: first.and_then(|event| event.source),
        icon: first.and_then(|event| event.icon),
        title: None,
        enabled: true,
        path: None,
        payload: None,
        verify: VerifySpec::Source,
        secrets: &[],
        respond_with: None,
        max_body: None,
        dedupe: None,
        unmatched: None,
        location: spec.location,
    }))
}

/// Reads what is registered, and orders what is to be changed. Before the
/// workers start, so that no run is about to do the same.
pub(super) async fn start(
    sources: &Sources,
    store: &Arc<dyn Store>,
    vault: Option<&Vault>,
    clock: &Clock,
) -> Result<Vec<String>, StartError> {
    let Some(vault) = vault.filter(|_| !sources.webhooks().is_empty()) else { return Ok(Vec::new()) };
    sources.start(Arc::clone(store), vault.clone());
    let rows = store.sources().await.map_err(StartError::Store)?;
    let mut problems = Vec::new();
    for webhook in sources.webhooks() {
        webhook.registered.set(rows.iter().find(|row| row.address == webhook.address).cloned());
        if let Err(problem) = webhook.kept.load_known(vault).await {
            problems.push(problem.to_string());
        }
    }
    if !problems.is_empty() {
        return Err(StartError::Startup(problems));
    }
    let orders = orders(sources, store.as_ref(), &rows).await.map_err(StartError::Store)?;
    let made = orders.iter().map(|what| order(what, clock.now())).collect::<Result<Vec<_>>>();
    let made = made.map_err(|error| StartError::Startup(vec![format!("{error:?}")]))?;
    store.send_events(made).await.map_err(StartError::Store)?;
    let mut said = Vec::new();
    for webhook in sources.webhooks() {
        if sources.url(&webhook.address).is_none() {
            said.push(format!("source \"{}\" is not registered: {NO_URL}", webhook.address));
        }
    }
    Ok(said)
}
