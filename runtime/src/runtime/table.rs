//! The table that start-up prints: what arrives where, how it is verified, what runs.

use super::Running;
use super::triggers::triggers;
use crate::config::{Database, Durability};
use crate::registry::path_of;
use crate::serve::{Check, LiveEndpoint};
use crate::store::Store;
use std::fmt::Write;
use triggerfish_filter::{Filter, Root};

/// Jobs of one endpoint whose filters are compared at start-up; a test compares all.
const MOST_COMPARED: usize = 500;

pub(super) async fn table(running: &Running, base: &str) -> String {
    let config = &running.config;
    let mut text = format!("triggerfish {} at {base}", env!("CARGO_PKG_VERSION"));
    let state = match (&config.database, config.durability) {
        (Database::Memory, _) => "in memory: all is lost when the program ends".to_owned(),
        (Database::Sqlite(file), Durability::Full) => file.display().to_string(),
        (Database::Sqlite(file), Durability::Normal) => {
            format!("{}: survives a crash of the program, not a power cut", file.display())
        }
    };
    let mode = if config.dev { ", development mode" } else { "" };
    let _ = write!(text, "{mode}\nstate: {state}");
    #[cfg(feature = "dashboard")]
    if let Some(dashboard) = running.told_dashboard(base) {
        let _ = write!(text, "\n{dashboard}");
    }
    let base = config.public_url.as_deref().unwrap_or(base).trim_end_matches('/');
    for endpoint in &running.app.endpoints {
        let old = old_secrets(running.app.store.as_ref(), endpoint).await;
        describe(&mut text, endpoint, base, &old);
    }
    text.push_str(&triggers(&running.events).await);
    text
}

/// When each secret but the newest was last used: one that is not used any more can go.
async fn old_secrets(store: &dyn Store, endpoint: &LiveEndpoint) -> Vec<String> {
    let Some(ready) = endpoint.check.scheme() else { return Vec::new() };
    let mut lines = Vec::new();
    for index in (1..ready.secret_count()).filter_map(|index| u8::try_from(index).ok()) {
        let name = endpoint.secret_name(index).unwrap_or("a value in the program");
        lines.push(match store.last_use(endpoint.spec.id, index).await {
            Ok(Some(at)) => format!("old secret {name}: last used {at}"),
            Ok(None) => format!("old secret {name}: not used by any delivery that is kept; it can go"),
            Err(error) => format!("old secret {name}: when it was last used is not known: {error}"),
        });
    }
    lines
}

fn describe(text: &mut String, endpoint: &LiveEndpoint, base: &str, old_secrets: &[String]) {
    let spec = endpoint.spec;
    let scheme = endpoint.check.scheme();
    let how = match (&scheme, &endpoint.check) {
        (Some(ready), Check::Kept(_)) => format!("{}; the program keeps its secret", ready.describe()),
        (Some(ready), _) => ready.describe(),
        (None, Check::Kept(_)) => "takes nothing: it has no secret yet".to_owned(),
        (None, _) => "verified by its own function".to_owned(),
    };
    // Writing to a string does not fail.
    let _ = write!(text, "\n{base}{}\n  {how}", path_of(spec));
    if let Some(ready) = &scheme {
        for note in ready.notes() {
            let _ = write!(text, "\n  note: {note}");
        }
    }
    for line in old_secrets {
        let _ = write!(text, "\n  {line}");
    }
    if let Some(source) = &endpoint.source {
        let registered = source.registered.row().map_or("not registered yet", |_| "registered");
        let _ = write!(text, "\n  external source {}: {registered}", source.instance.spec.source.id);
        for (job, event) in source.jobs() {
            let _ = write!(text, "\n  job {} {}  {}", job.id, job.version, event.names.join(", "));
        }
        return;
    }
    if endpoint.filters.jobs.is_empty() {
        let _ = write!(text, "\n  no job: deliveries are stored and start nothing");
    }
    for job in &endpoint.filters.jobs {
        let _ = write!(text, "\n  job {} {}", job.id, job.version);
        match job.filter.and_then(|pattern| Filter::from_pattern(pattern, Root::Request).ok()) {
            Some(filter) => {
                let _ = write!(text, "  {filter}");
                if !job.is_typed && filter.fields().iter().any(|field| &*field.name == "body") {
                    text.push_str("  untyped");
                }
            }
            None => text.push_str("  every delivery"),
        }
    }
    // Each is compared with each: at start-up only as far as that is no time at all.
    if endpoint.filters.jobs.len() <= MOST_COMPARED {
        for note in endpoint.filters.notes() {
            let _ = write!(text, "\n  note: {note}");
        }
    }
}
