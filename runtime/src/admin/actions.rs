//! What a person can do. Each action says in the log what was done.

use super::Admin;
use super::answer::{Answer, Problem};
use super::fields::Fields;
use super::wait::wait;
use crate::request::RequestParts;
use crate::runtime::ManagedSecrets;
use crate::serve::{ByHand, Landed, LiveEndpoint, OFF_ENDPOINT, OFF_JOB, send_by_hand};
use crate::store::{RequestOutcome, StoreError};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// How long a secret that was replaced stays valid, where nothing else is said.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How a request that a person sends is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signing {
    /// By the signature that it came with, as of the time of its receipt.
    AsReceived,
    /// It is signed anew, with the newest secret.
    Anew,
    /// Not at all: the person vouches for it.
    Skipped,
}

/// What became of a request that a person sent.
#[derive(Debug, Serialize)]
pub(crate) struct LandedView {
    pub(crate) id: Uuid,
    pub(crate) outcome: &'static str,
    pub(crate) status: u16,
    pub(crate) reason: Option<String>,
    pub(crate) jobs: Vec<&'static str>,
}

/// A secret, revealed.
#[derive(Serialize)]
pub(crate) struct RevealedSecret {
    pub(crate) variable: Option<&'static str>,
    pub(crate) value: String,
}

impl Admin {
    /// Sends an event to an endpoint, signed as its provider would.
    pub(crate) fn send(&self, endpoint: &str, fields: &Fields) -> Answer<LandedView> {
        let live = self.taking(endpoint)?;
        let mut parts = self.sample_parts(live, fields.get("sample"))?;
        change(&mut parts, fields)?;
        let signing =
            self.signing(fields, if self.can_sign(live) { Signing::Anew } else { Signing::AsReceived })?;
        let landed = self.hand_in(live, parts, signing, fields, None)?;
        tracing::info!(endpoint, request = %landed.id, "an event was sent from the dashboard");
        Ok(self.landed(landed))
    }

    /// Sends a stored request again, as it was or changed.
    pub(crate) fn replay(&self, id: Uuid, fields: &Fields) -> Answer<LandedView> {
        let kept = self.kept(id)?;
        let live = self.taking(&kept.endpoint)?;
        let is_changed = fields.exact("body").is_some() || fields.exact("headers").is_some();
        if !is_changed && !kept.is_whole() {
            return Err(Problem::conflict("it cannot be sent again: not all of it is kept"));
        }
        let was_verified = matches!(
            kept.outcome,
            RequestOutcome::Accepted | RequestOutcome::Filtered | RequestOutcome::Duplicate
        );
        let usual = match (is_changed, was_verified) {
            (false, true) => Signing::Skipped,
            (true, _) if self.can_sign(live) => Signing::Anew,
            _ => Signing::AsReceived,
        };
        let signing = self.signing(fields, usual)?;
        let mut parts = self.parts_of(&kept, live);
        parts.received_at = kept.request.received_at();
        change(&mut parts, fields)?;
        let landed = self.hand_in(live, parts, signing, fields, Some(id))?;
        tracing::info!(endpoint = live.spec.id, request = %landed.id, of = %id, "a request was sent again from the dashboard");
        Ok(self.landed(landed))
    }

    fn hand_in(
        &self,
        live: &LiveEndpoint,
        parts: RequestParts,
        signing: Signing,
        fields: &Fields,
        replay_of: Option<Uuid>,
    ) -> Answer<Landed> {
        let received_at = parts.received_at;
        let parts = match signing {
            Signing::Anew => self.signed(live, parts)?,
            Signing::AsReceived | Signing::Skipped => parts,
        };
        let by_hand = ByHand {
            vouched_for: signing == Signing::Skipped,
            as_of: (signing == Signing::AsReceived && replay_of.is_some()).then_some(received_at),
            also_repeats: !fields.is_on("dedupe"),
            replay_of,
            ..ByHand::default()
        };
        let landed = wait(send_by_hand(&self.app, live, parts, by_hand));
        landed.ok_or_else(|| Problem::conflict("the request was not taken"))
    }

    /// Signs with the newest secret, as of now.
    pub(crate) fn signed(&self, live: &LiveEndpoint, parts: RequestParts) -> Answer<RequestParts> {
        let why_not = || {
            let why = self.cannot_sign(live).unwrap_or("it has no scheme");
            Problem::conflict(format!("{why}; send it as received, or vouch for it"))
        };
        let ready = live.check.scheme().ok_or_else(why_not)?;
        let parts = RequestParts { public_url: self.app.public_url.clone(), ..parts };
        ready.sign(parts, self.app.clock.now().into()).map_err(|error| Problem::conflict(error.to_string()))
    }

    fn signing(&self, fields: &Fields, usual: Signing) -> Answer<Signing> {
        match fields.get("signature") {
            None => Ok(usual),
            Some("as_received") => Ok(Signing::AsReceived),
            Some("anew") => Ok(Signing::Anew),
            Some("skip") => Ok(Signing::Skipped),
            Some(other) => Err(Problem::field("signature", other, "`as_received`, `anew` or `skip`")),
        }
    }

    fn landed(&self, landed: Landed) -> LandedView {
        LandedView {
            id: landed.id,
            outcome: landed.outcome.name(),
            status: landed.status,
            reason: landed.reason.map(|reason| self.redaction.text(&reason)),
            jobs: landed.jobs,
        }
    }

    fn taking(&self, endpoint: &str) -> Answer<&LiveEndpoint> {
        self.live(endpoint)
            .ok_or_else(|| Problem::unknown("endpoint that takes requests with the id", endpoint))
    }

    /// Queues a run again, from the step that failed or from one that is named.
    pub(crate) fn retry(&self, run: Uuid, from: Option<&str>) -> Answer<()> {
        let known = self.stored_run(run)?;
        match wait(self.app.store.retry(run, from.map(str::to_owned))) {
            Ok(()) => {}
            Err(StoreError::Stale) => {
                let state = known.state.name();
                let why = match from {
                    Some(step) => format!("the run is {state}, or has no step `{step}`"),
                    None => format!("the run is {state}: it goes on by itself"),
                };
                return Err(Problem::conflict(why));
            }
            Err(error) => return Err(error.into()),
        }
        self.app.workers.left_in_store()();
        tracing::info!(job = known.job, %run, from, "a run was retried from the dashboard");
        Ok(())
    }

    /// Ends a run.
    pub(crate) fn cancel(&self, run: Uuid) -> Answer<()> {
        let known = self.stored_run(run)?;
        match wait(self.app.store.cancel(run)) {
            Ok(()) => {}
            Err(StoreError::Stale) => {
                return Err(Problem::conflict(format!("the run is {} already", known.state.name())));
            }
            Err(error) => return Err(error.into()),
        }
        tracing::info!(job = known.job, %run, "a run was cancelled from the dashboard");
        Ok(())
    }

    /// Switches an endpoint off or on.
    pub(crate) fn switch_endpoint(&self, id: &str, off: bool) -> Answer<()> {
        let live = self.taking(id)?;
        wait(self.app.store.set(&format!("{OFF_ENDPOINT}{id}"), off.then_some(1)))?;
        live.switches.endpoint(off);
        let state = if off { "off" } else { "on" };
        tracing::info!(endpoint = id, "an endpoint was switched {state} from the dashboard");
        Ok(())
    }

    /// Switches a job off or on.
    pub(crate) fn switch_job(&self, id: &str, off: bool) -> Answer<()> {
        if self.app.subscriptions.job(id).is_none() {
            return Err(Problem::unknown("job that runs with the id", id));
        }
        wait(self.app.store.set(&format!("{OFF_JOB}{id}"), off.then_some(1)))?;
        self.app.switch_job(id, off);
        let state = if off { "off" } else { "on" };
        tracing::info!(job = id, "a job was switched {state} from the dashboard");
        Ok(())
    }

    /// Replaces the secret that the program keeps for an endpoint, and shows the
    /// new one. The old one stays valid for a day, or as long as is said.
    pub(crate) fn rotate(&self, endpoint: &str, fields: &Fields) -> Answer<Vec<RevealedSecret>> {
        self.taking(endpoint)?;
        let wanted = "a duration such as 24h";
        let valid_for = match fields.get("valid_for") {
            Some(text) => {
                crate::config::span(text).ok_or_else(|| Problem::field("valid_for", text, wanted))?
            }
            None => DAY,
        };
        let secrets = ManagedSecrets::new(&self.app);
        let new = wait(secrets.rotate(endpoint, valid_for))
            .map_err(|error| Problem::conflict(error.to_string()))?;
        let value = String::from_utf8_lossy(new.expose()).into_owned();
        Ok(vec![RevealedSecret { variable: None, value }])
    }

    /// The secrets of an endpoint. The log says that they were shown.
    pub(crate) fn reveal(&self, endpoint: &str) -> Answer<Vec<RevealedSecret>> {
        let live = self.taking(endpoint)?;
        tracing::warn!(endpoint, "the secrets of an endpoint were shown in the dashboard");
        let revealed = live.named_secrets().into_iter().map(|(variable, secret)| RevealedSecret {
            variable,
            value: String::from_utf8_lossy(secret.expose()).into_owned(),
        });
        Ok(revealed.collect())
    }
}

/// Puts what a person wrote in place of what was there.
fn change(parts: &mut RequestParts, fields: &Fields) -> Answer<()> {
    if let Some(lines) = fields.exact("headers") {
        parts.headers = headers(lines)?;
    }
    if let Some(body) = fields.exact("body") {
        parts.body = Bytes::copy_from_slice(body.as_bytes());
    }
    if let Some(query) = fields.get("query") {
        let target = format!("{}?{}", parts.uri.path(), query.trim_start_matches('?'));
        parts.uri = target.parse().map_err(|_| Problem::field("query", query, "a query such as a=1&b=2"))?;
    }
    if let Some(method) = fields.get("method") {
        parts.method =
            method.parse().map_err(|_| Problem::field("method", method, "a method such as POST"))?;
    }
    Ok(())
}

/// Lines of `name: value`.
fn headers(lines: &str) -> Answer<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let wrong = || Problem::field("headers", line, "lines of `name: value`");
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| wrong())?;
        headers.append(name, HeaderValue::from_str(value.trim()).map_err(|_| wrong())?);
    }
    Ok(headers)
}
