//! Ends waits of runs for a person, with what the runs may get.

use super::Admin;
use super::answer::{Answer, Problem};
use super::fields::Fields;
use super::wait::wait;
use crate::request::is_secret_name;
use crate::store::{LogLine, Resumed, StepKind, Wait};
use serde::de::IgnoredAny;
use triggerfish_filter::{Filter, Parts, Root};
use uuid::Uuid;

/// The level of the log line that says so.
const INFO: u8 = 3;

impl Admin {
    /// Ends a wait of a run in place of what it is for: one for a time at once,
    /// another with the JSON that is given.
    pub(crate) fn complete(&self, run: Uuid, fields: &Fields) -> Answer<()> {
        let known = self.stored_run(run)?;
        let key = fields
            .get("wait")
            .ok_or_else(|| Problem::bad("`wait` is missing: it is the key of a wait of the run"))?;
        let waits = wait(self.app.store.waits(run))?;
        let output = match waits.iter().find(|wait| wait.key == key) {
            Some(wait) => self.fitting(wait, fields)?,
            // It is not open any more, or never was: the store knows.
            None => "null".to_owned(),
        };
        match wait(self.app.store.complete(run, key, output))? {
            Resumed::Resumed => {}
            Resumed::TooLate => {
                let why = format!("the wait `{key}` has ended already, and the run went on with that");
                return Err(Problem::conflict(why));
            }
            Resumed::Unknown => return Err(Problem::unknown("open wait of this run with the key", key)),
        }
        tracing::info!(job = known.job, %run, wait = key, "a wait was completed from the dashboard");
        self.app.store.log(vec![LogLine {
            run,
            attempt: known.attempt,
            at: self.app.clock.now(),
            level: INFO,
            message: format!("the wait `{key}` was completed from the dashboard"),
            data: None,
        }]);
        Ok(())
    }

    /// What a wait is to end with, if it may end with that.
    fn fitting(&self, wait: &Wait, fields: &Fields) -> Answer<String> {
        let body = fields.exact("body").filter(|body| !body.trim().is_empty()).unwrap_or("null");
        serde_json::from_str::<IgnoredAny>(body)
            .map_err(|error| Problem::bad(format!("`body` is no JSON: {error}")))?;
        match wait.kind {
            StepKind::Event => self.taken_by(wait, body)?,
            StepKind::Request | StepKind::Call => {}
            _ if body == "null" => {}
            _ => return Err(Problem::bad("a wait for a time ends with nothing: leave `body` out")),
        }
        Ok(body.to_owned())
    }

    /// Whether a wait for an event may end with this payload: one that the
    /// event may carry, and that the filters of the wait let pass.
    fn taken_by(&self, wait: &Wait, payload: &str) -> Answer<()> {
        let name = wait.event.as_deref().unwrap_or_default();
        let declared = self.registry.events().iter().find(|spec| spec.names.contains(&name));
        if let Some(spec) = declared {
            (spec.properties)(payload.as_bytes()).map_err(|cause| {
                Problem::bad(format!("event `{name}` is declared at {}, and {cause}", spec.location))
            })?;
        }
        let filters = wait.filter.as_deref().and_then(|filters| serde_json::from_str(filters).ok());
        let filters: Vec<serde_json::Value> = filters.unwrap_or_default();
        for filter in filters {
            // It was checked before it was stored.
            let Ok(filter) = Filter::from_json(&filter, Root::Payload) else { continue };
            if let Some(mut why) = filter.explain(&Parts::payload(payload.as_bytes())) {
                why.mask(|path| is_secret_name(path) || self.redaction.hides(path));
                return Err(Problem::bad(format!("the wait does not take this: {why}")));
            }
        }
        Ok(())
    }
}
