//! External sources: what is wanted of each webhook, and what is registered.
//! Never what their registration returned, which may hold a secret.

use super::super::Admin;
use super::super::answer::{Answer, Problem};
use super::super::wait::wait;
use super::body::pretty;
use super::sample::SampleView;
use crate::source::{LiveSource, Order, REGISTER};
use crate::store::{OriginId, Run, RunQuery, SourceRow};
use crate::time::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// So many registration runs are looked at, the newest first.
const MOST_RUNS: usize = 200;

/// A webhook of an external source.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SourceView {
    /// The instance and the key, which are also the end of its URL.
    pub(crate) address: String,
    pub(crate) source: String,
    pub(crate) instance: String,
    pub(crate) key: String,
    pub(crate) state: &'static str,
    /// The URL that the provider is to call; `None` where the program does not know its own.
    pub(crate) url: Option<String>,
    /// The URL for which it is registered.
    pub(crate) registered_url: Option<String>,
    pub(crate) registered_at: Option<Timestamp>,
    /// The version of the source that registered it.
    pub(crate) registered_version: Option<String>,
    /// The version that the program has.
    pub(crate) version: Option<&'static str>,
    /// Whether its secret is known, by which its requests are verified.
    pub(crate) has_secret: bool,
    /// The events that jobs want.
    pub(crate) desired: Vec<String>,
    /// Those of them for which it is not registered.
    pub(crate) missing: Vec<String>,
    /// Those for which it is registered, and which no job wants.
    pub(crate) orphaned: Vec<String>,
    /// What its jobs say of it, as JSON.
    pub(crate) params: Option<String>,
    pub(crate) jobs: Vec<SourceJob>,
    /// The last run that registered it, or tried to.
    pub(crate) last_run: Option<RegistrationRun>,
    /// Whether it can be removed at its provider: no job wants it, and its instance is there.
    pub(crate) can_unregister: bool,
    /// Events to try it with; none where no job wants it any more.
    pub(crate) samples: Vec<SampleView>,
    /// Whether the program can sign as the provider does.
    pub(crate) can_sign: bool,
    /// Why it cannot.
    pub(crate) cannot_sign: Option<&'static str>,
}

/// A job that a webhook serves.
#[derive(Debug, Serialize)]
pub(crate) struct SourceJob {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) events: &'static [&'static str],
}

/// A run that registers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RegistrationRun {
    pub(crate) id: Uuid,
    pub(crate) state: &'static str,
    pub(crate) error: Option<String>,
    pub(crate) at: Timestamp,
    #[serde(skip)]
    is_over: bool,
    #[serde(skip)]
    has_failed: bool,
}

impl Admin {
    /// All webhooks that jobs want or that are registered, in order of their addresses.
    pub(crate) fn sources(&self) -> Answer<Vec<SourceView>> {
        let rows = wait(self.app.store.sources())?;
        let wanted = self.app.sources.webhooks();
        let mut addresses: Vec<_> = wanted.iter().map(|webhook| webhook.address.clone()).collect();
        addresses.extend(rows.iter().map(|row| row.address.clone()));
        addresses.sort_unstable();
        addresses.dedup();
        let runs = self.registrations(addresses.len())?;
        let mut all = Vec::new();
        for address in addresses {
            let row = rows.iter().find(|row| row.address == address);
            let run = runs.iter().find(|(of, _)| *of == address).map(|(_, run)| run.clone());
            match (self.app.sources.webhook(&address), row) {
                (Some(webhook), row) => all.push(self.wanted_source(webhook, row, run)),
                (None, Some(row)) => all.push(self.orphaned_source(row, run)),
                (None, None) => {}
            }
        }
        Ok(all)
    }

    /// One webhook.
    pub(crate) fn source(&self, address: &str) -> Answer<SourceView> {
        let found = self.sources()?.into_iter().find(|source| source.address == address);
        found.ok_or_else(|| Problem::unknown("external source", address))
    }

    fn wanted_source(
        &self,
        webhook: &LiveSource,
        row: Option<&SourceRow>,
        last_run: Option<RegistrationRun>,
    ) -> SourceView {
        let spec = webhook.instance.spec.source;
        let registered = row.map(|row| row.events.as_slice()).unwrap_or_default();
        let (missing, orphaned) =
            (without(&webhook.events, registered), without(registered, &webhook.events));
        let url = self.app.sources.url(&webhook.address);
        let is_as_wanted = row.is_some_and(|row| {
            missing.is_empty() && Some(&row.url) == url.as_ref() && row.version == spec.version
        });
        let instance = webhook.instance.source.id();
        let live = self.live(&webhook.address);
        let state = match &last_run {
            _ if url.is_none() => "no_url",
            _ if is_as_wanted => "registered",
            Some(run) if !run.is_over => "registering",
            Some(run) if run.has_failed => "failed",
            _ if row.is_some() => "outdated",
            _ => "unregistered",
        };
        SourceView {
            source: spec.id.to_owned(),
            state,
            version: Some(spec.version),
            has_secret: webhook.kept.ready().is_some(),
            desired: webhook.events.clone(),
            missing,
            orphaned,
            params: Some(pretty(&self.redaction.json(&webhook.params.to_string()))),
            jobs: webhook
                .jobs()
                .map(|(job, event)| SourceJob { id: job.id, name: job.name, events: event.names })
                .collect(),
            samples: live.map(|live| self.samples(live.spec)).unwrap_or_default(),
            can_sign: live.is_some_and(|live| self.can_sign(live)),
            cannot_sign: live.and_then(|live| self.cannot_sign(live)),
            ..self.registered_source(&webhook.address, instance, row, last_run)
        }
    }

    fn orphaned_source(&self, row: &SourceRow, last_run: Option<RegistrationRun>) -> SourceView {
        let instance = self.app.sources.instance(&row.instance);
        SourceView {
            source: row.source.clone(),
            state: "orphaned",
            version: instance.map(|instance| instance.spec.source.version),
            orphaned: row.events.clone(),
            params: Some(pretty(&self.redaction.json(&row.params))),
            can_unregister: instance.is_some(),
            cannot_sign: Some("no job wants it any more"),
            ..self.registered_source(&row.address, &row.instance, Some(row), last_run)
        }
    }

    /// What is known of a webhook by its registration alone.
    fn registered_source(
        &self,
        address: &str,
        instance: &str,
        row: Option<&SourceRow>,
        last_run: Option<RegistrationRun>,
    ) -> SourceView {
        SourceView {
            address: address.to_owned(),
            instance: instance.to_owned(),
            key: key_of(address, instance),
            url: self.app.sources.url(address),
            registered_url: row.map(|row| self.redaction.text(&row.url)),
            registered_at: row.map(|row| row.registered_at),
            registered_version: row.map(|row| row.version.clone()),
            last_run,
            ..SourceView::default()
        }
    }

    /// The newest registration run of each address, of so many at most.
    fn registrations(&self, most: usize) -> Answer<Vec<(String, RegistrationRun)>> {
        let mut newest: Vec<(String, RegistrationRun)> = Vec::new();
        if most == 0 {
            return Ok(newest);
        }
        let query = RunQuery { job: Some(REGISTER.id.to_owned()), limit: MOST_RUNS, ..RunQuery::default() };
        for run in wait(self.app.store.runs(query))? {
            let OriginId::Event(event) = run.origin else { continue };
            let Some(event) = wait(self.app.store.event(event))? else { continue };
            let Ok(order) = serde_json::from_slice::<Order>(&event.payload) else { continue };
            if newest.iter().all(|(known, _)| known != order.address()) {
                newest.push((order.address().to_owned(), self.registration(&run)));
            }
            if newest.len() == most {
                break;
            }
        }
        Ok(newest)
    }

    fn registration(&self, run: &Run) -> RegistrationRun {
        RegistrationRun {
            id: run.id,
            state: run.state.name(),
            error: run.error.as_deref().map(|error| self.redaction.text(error)),
            at: run.finished_at.unwrap_or(run.created_at),
            is_over: run.state.is_final(),
            has_failed: run.state.is_failure(),
        }
    }
}

fn without(all: &[String], these: &[String]) -> Vec<String> {
    all.iter().filter(|event| !these.contains(event)).cloned().collect()
}

fn key_of(address: &str, instance: &str) -> String {
    let key = address.strip_prefix(instance).and_then(|rest| rest.strip_prefix('/'));
    key.unwrap_or(address).to_owned()
}
