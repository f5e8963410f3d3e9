//! What a person can ask of external sources.

use super::Admin;
use super::answer::{Answer, Problem};
use super::fields::Fields;
use super::wait::wait;
use crate::error::Error;
use crate::runtime::ExternalSources;
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// How far back events are asked for, where nothing else is said.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What came of a backfill.
#[derive(Debug, Serialize)]
pub(crate) struct BackfilledView {
    /// Events that the provider listed.
    pub(crate) listed: usize,
    /// Those of them that were not known, and are stored now.
    pub(crate) new: usize,
}

impl Admin {
    /// Starts a run that makes a webhook what it should be; its id.
    pub(crate) fn register(&self, address: &str) -> Answer<Uuid> {
        self.source(address)?;
        let run = wait(ExternalSources::new(&self.app).register(address));
        let run = run.map_err(|error| self.refused(&error))?;
        tracing::info!(source = address, %run, "a webhook is registered from the dashboard");
        Ok(run)
    }

    /// Starts a run that removes a webhook at its provider, which no job wants; its id.
    pub(crate) fn unregister(&self, address: &str) -> Answer<Uuid> {
        let source = self.source(address)?;
        if !source.jobs.is_empty() {
            let jobs: Vec<_> = source.jobs.iter().map(|job| job.id).collect();
            return Err(Problem::conflict(format!(
                "jobs want it, and the next start would register it again: {}",
                jobs.join(", ")
            )));
        }
        if !source.can_unregister {
            return Err(Problem::conflict(format!(
                "the program has no source \"{}\" any more, which has the provider's key: declare it, \
                 or remove the webhook at the provider",
                source.instance
            )));
        }
        let run = wait(ExternalSources::new(&self.app).unregister(address));
        let run = run.map_err(|error| self.refused(&error))?;
        tracing::info!(source = address, %run, "a webhook is removed from the dashboard");
        Ok(run)
    }

    /// Asks a provider for events that were not delivered, and takes them.
    pub(crate) fn backfill(&self, address: &str, fields: &Fields) -> Answer<BackfilledView> {
        self.source(address)?;
        let now = self.app.clock.now();
        let since = fields.time("since", now)?.unwrap_or_else(|| now.minus(DAY));
        let done = wait(ExternalSources::new(&self.app).backfill(address, since.into()));
        let done = done.map_err(|error| self.refused(&error))?;
        tracing::info!(
            source = address,
            listed = done.listed,
            new = done.new,
            "events were fetched from the dashboard"
        );
        Ok(BackfilledView { listed: done.listed, new: done.new })
    }

    /// What a source or its provider says, without the secrets in it.
    fn refused(&self, error: &Error) -> Problem {
        Problem::conflict(self.redaction.text(&error.to_string()))
    }
}
