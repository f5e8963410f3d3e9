//! Endpoints and jobs.

use super::super::tally::{Counts, EndpointCounts, JobCounts};
use super::super::wait::wait;
use super::super::{Admin, Visit};
use super::sample::SampleView;
use crate::endpoint::EndpointSpec;
use crate::job::JobSpec;
use crate::registry::path_of;
use crate::serve::{Check, LiveEndpoint};
use crate::store::StoreFuture;
use crate::time::Timestamp;
use crate::verify::Dedupe;
use serde::Serialize;
use std::sync::Arc;
use triggerfish_filter::{Filter, Root};

/// An endpoint.
#[derive(Debug, Serialize)]
pub(crate) struct EndpointView {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) source: Option<&'static str>,
    pub(crate) icon: Option<&'static str>,
    pub(crate) url: String,
    /// Whether the program takes its requests at all.
    pub(crate) enabled: bool,
    /// Whether a person switched it off.
    pub(crate) paused: bool,
    /// How its requests are verified, in one line.
    pub(crate) verified: String,
    /// The preset, where it is one.
    pub(crate) scheme: Option<SchemeView>,
    pub(crate) secrets: Vec<SecretView>,
    /// Whether the program keeps its secret, and can replace it.
    pub(crate) managed: bool,
    pub(crate) handshakes: Vec<String>,
    /// By what a repeat is recognised.
    pub(crate) dedupe: String,
    pub(crate) max_body: usize,
    /// What is odd but allowed.
    pub(crate) notes: Vec<String>,
    pub(crate) jobs: Vec<JobView>,
    pub(crate) declared_at: String,
    pub(crate) counts: EndpointCounts,
    /// Events to try it with.
    pub(crate) samples: Vec<SampleView>,
    /// Whether the program can sign as the provider does.
    pub(crate) can_sign: bool,
    /// Why it cannot.
    pub(crate) cannot_sign: Option<&'static str>,
}

/// How a provider signs.
#[derive(Debug, Serialize)]
pub(crate) struct SchemeView {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) docs: &'static str,
}

/// A secret: where it comes from, and whether it is in use. Never its value.
#[derive(Debug, Serialize)]
pub(crate) struct SecretView {
    pub(crate) index: usize,
    /// The variable that holds it; `None` for a value in the program.
    pub(crate) variable: Option<&'static str>,
    /// Whether it is the newest, with which a provider should sign.
    pub(crate) newest: bool,
    /// Of an old one: when a request was last verified with it.
    pub(crate) last_used: Option<Timestamp>,
}

/// A job.
#[derive(Debug, Serialize)]
pub(crate) struct JobView {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) endpoint: Option<&'static str>,
    pub(crate) enabled: bool,
    /// Whether a person switched it off.
    pub(crate) paused: bool,
    /// Which requests it takes; `None` for all.
    pub(crate) filter: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) timeout_seconds: Option<f64>,
    pub(crate) declared_at: String,
    pub(crate) counts: JobCounts,
}

impl Admin {
    /// All endpoints, in order of their ids.
    pub(crate) fn endpoints(self: &Arc<Self>, visit: &Visit) -> Vec<EndpointView> {
        let counts = self.counts();
        let specs = self.registry.endpoints();
        // The store is asked for all before the first answer is waited for.
        let asked: Vec<_> = specs.iter().map(|spec| self.ask_last_uses(spec.id)).collect();
        let mut all = Vec::new();
        for (spec, asked) in specs.iter().zip(asked) {
            all.push(self.endpoint_with(spec, visit, &counts, &told_uses(asked)));
        }
        all
    }

    /// One endpoint.
    pub(crate) fn endpoint_view(
        self: &Arc<Self>,
        spec: &'static EndpointSpec,
        visit: &Visit,
    ) -> EndpointView {
        let counts = self.counts();
        self.endpoint_with(spec, visit, &counts, &told_uses(self.ask_last_uses(spec.id)))
    }

    /// Asks when a request was last verified with each of the old secrets.
    pub(super) fn ask_last_uses(&self, endpoint: &str) -> Vec<StoreFuture<'_, Option<Timestamp>>> {
        let ready = self.live(endpoint).and_then(|live| live.check.scheme());
        let count = ready.map_or(0, |ready| ready.secret_count());
        let old = (1..count).filter_map(|index| u8::try_from(index).ok());
        old.map(|index| self.app.store.last_use(endpoint, index)).collect()
    }

    fn endpoint_with(
        &self,
        spec: &'static EndpointSpec,
        visit: &Visit,
        counts: &Counts,
        last_uses: &[Option<Timestamp>],
    ) -> EndpointView {
        let live = self.live(spec.id);
        let ready = live.and_then(|live| live.check.scheme());
        let verified = match (live, &ready) {
            (_, Some(ready)) => ready.describe(),
            (Some(LiveEndpoint { check: Check::Kept(_), .. }), None) => "no secret is known yet".to_owned(),
            (Some(_), None) => "by the endpoint's own function".to_owned(),
            (None, None) => "switched off in the program".to_owned(),
        };
        let scheme = ready.as_ref().and_then(|ready| ready.scheme().copied());
        let mut secrets = Vec::new();
        for index in 0..ready.as_ref().map_or(0, |ready| ready.secret_count()) {
            let variable = ready.as_ref().and_then(|ready| ready.secret_name(index));
            let last_used = index.checked_sub(1).and_then(|old| last_uses.get(old).copied().flatten());
            secrets.push(SecretView { index, variable, newest: index == 0, last_used });
        }
        drop(ready);
        for name in spec.secrets {
            let index = secrets.len();
            secrets.push(SecretView { index, variable: Some(name), newest: true, last_used: None });
        }
        EndpointView {
            id: spec.id,
            title: spec.title.unwrap_or(spec.id),
            source: spec.source,
            icon: spec.icon,
            url: self.url_of(spec, visit),
            enabled: spec.enabled,
            paused: live.is_some_and(|live| live.switches.endpoint_is_off()),
            verified,
            scheme: scheme.filter(|scheme| !scheme.docs.is_empty()).map(|scheme| SchemeView {
                name: scheme.name,
                title: scheme.title,
                docs: scheme.docs,
            }),
            secrets,
            managed: live.is_some_and(|live| matches!(live.check, Check::Kept(_))),
            handshakes: handshakes(spec, scheme.as_ref()),
            dedupe: live.map_or_else(String::new, dedupe),
            max_body: live.map_or(0, |live| live.max_body),
            notes: self.notes(live),
            jobs: self.registry.jobs_of(spec).map(|job| self.job_view(job, counts)).collect(),
            declared_at: spec.location.to_string(),
            counts: counts.endpoint(spec.id),
            samples: self.samples(spec),
            can_sign: live.is_some_and(|live| self.can_sign(live)),
            cannot_sign: live.and_then(|live| self.cannot_sign(live)),
        }
    }

    pub(crate) fn job_view(&self, job: &'static JobSpec, counts: &Counts) -> JobView {
        let endpoint = super::super::endpoint_of(job);
        JobView {
            id: job.id,
            name: job.name,
            version: job.version,
            endpoint: endpoint.map(|spec| spec.id),
            enabled: job.enabled,
            paused: self.app.subscriptions.is_off(job.id),
            filter: super::verdict::filter_of(job).map(|filter| filter.to_string()),
            attempts: job.retry.limit,
            timeout_seconds: job.timeout.map(|timeout| timeout.as_secs_f64()),
            declared_at: job.location.to_string(),
            counts: counts.job(job.id),
        }
    }

    fn url_of(&self, spec: &EndpointSpec, visit: &Visit) -> String {
        let mount = visit.root.strip_suffix(super::super::access::ROOT).unwrap_or_default();
        let base = match &self.app.public_url {
            Some(public) => public.trim_end_matches('/').to_owned(),
            None => format!("{}{mount}", visit.origin),
        };
        format!("{base}{}", path_of(spec))
    }

    fn notes(&self, live: Option<&LiveEndpoint>) -> Vec<String> {
        let Some(live) = live else { return Vec::new() };
        let mut notes = Vec::new();
        if let Some(ready) = live.check.scheme() {
            notes.extend(ready.notes().iter().map(ToString::to_string));
        }
        if live.filters.jobs.len() <= 100 {
            notes.extend(live.filters.notes());
        }
        notes
    }
}

/// Of each old secret when it was last used, where that is known.
fn told_uses(asked: Vec<StoreFuture<'_, Option<Timestamp>>>) -> Vec<Option<Timestamp>> {
    let mut all = Vec::new();
    for asked in asked {
        all.push(wait(asked).ok().flatten());
    }
    all
}

fn handshakes(spec: &EndpointSpec, scheme: Option<&crate::verify::Scheme>) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(scheme) = scheme.filter(|scheme| !scheme.handshakes.is_empty()) {
        all.push(format!("{}'s challenge is answered without a run", scheme.title));
    }
    if let Some(respond) = spec.respond_with {
        let which = respond
            .filter
            .and_then(|pattern| Filter::from_pattern(pattern, Root::Request).ok())
            .map_or_else(|| "every request".to_owned(), |filter| format!("requests with {filter}"));
        let end = if respond.skip_triggering_runs { ", and starts no run" } else { "" };
        all.push(format!("the program's own handler answers {which}{end}"));
    }
    all
}

fn dedupe(live: &LiveEndpoint) -> String {
    let window = |window: std::time::Duration| {
        let hours = window.as_secs() / 3600;
        if hours >= 48 { format!("{} days", hours / 24) } else { format!("{hours} hours") }
    };
    match live.dedupe {
        None => "repeats are not recognised: every request is a new delivery".to_owned(),
        Some(Dedupe::Id { window: time }) => {
            format!("a repeat is recognised by the provider's delivery id, for {}", window(time))
        }
        Some(Dedupe::Body { window: time }) => {
            format!("a repeat is recognised by the same body, for {}", window(time))
        }
    }
}
