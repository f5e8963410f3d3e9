//! An endpoint ready to take requests: secrets read, filters built, jobs found.

use super::filters::Filters;
use super::reply;
use super::switches::Switches;
use crate::BoxFuture;
use crate::config::Config;
use crate::endpoint::{Dedupe, EndpointSpec, Response, VerifySpec};
use crate::registry::Registry;
use crate::request::Request;
use crate::run::panic_text;
use crate::secret::{KeyFormat, ResolveSecrets, SecretSource, Secrets};
use crate::source::LiveSource;
use crate::store::Answer;
use crate::vault::KeptVerifier;
use crate::verify::{
    Algorithm, Dedupe as Rule, Outcome, ReadyVerifier, Scheme, Verification, Verifier, VerifierProblem,
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName};
use std::fmt;
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use triggerfish_filter::Scratch;

/// How long a repeat of a body is recognised, where nothing else is said.
const BODY_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// How long a provider's id is remembered, where nothing else is said.
const ID_WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);

/// An endpoint ready to take requests.
pub(crate) struct LiveEndpoint {
    pub(crate) spec: &'static EndpointSpec,
    pub(crate) check: Check,
    pub(crate) secrets: Secrets,
    pub(crate) filters: Filters,
    pub(crate) max_body: usize,
    /// How a repeat is recognised; `None` where every request is a new delivery.
    pub(crate) dedupe: Option<Rule>,
    /// The external source whose webhook it is.
    pub(crate) source: Option<Arc<LiveSource>>,
    pub(crate) switches: Switches,
    scratch: Mutex<Vec<Scratch>>,
}

/// How requests are verified.
pub(crate) enum Check {
    Scheme(Box<ReadyVerifier>),
    /// By secrets that the program keeps, and that change while it runs.
    Kept(Arc<KeptVerifier>),
    Custom(for<'a> fn(&'a Request) -> BoxFuture<'a, Verification>),
}

/// The scheme by which requests are verified now.
pub(crate) enum NowReady<'a> {
    Fixed(&'a ReadyVerifier),
    Kept(Arc<ReadyVerifier>),
}

impl Deref for NowReady<'_> {
    type Target = ReadyVerifier;

    fn deref(&self) -> &ReadyVerifier {
        match self {
            NowReady::Fixed(ready) => ready,
            NowReady::Kept(ready) => ready,
        }
    }
}

impl Check {
    /// The scheme with its secrets; none where a function verifies, or no secret is known yet.
    pub(crate) fn scheme(&self) -> Option<NowReady<'_>> {
        match self {
            Check::Scheme(ready) => Some(NowReady::Fixed(ready)),
            Check::Kept(kept) => kept.ready().map(NowReady::Kept),
            Check::Custom(_) => None,
        }
    }
}

/// Why an endpoint cannot take requests.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) endpoint: &'static EndpointSpec,
    pub(crate) text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EndpointSpec { id, location, .. } = self.endpoint;
        write!(f, "endpoint \"{id}\" ({location}): {}", self.text)
    }
}

impl LiveEndpoint {
    /// Reads the endpoint's secrets and builds its filters. All problems at once.
    pub(crate) fn build(
        spec: &'static EndpointSpec,
        registry: &Registry,
        config: &Config,
        resolver: &dyn ResolveSecrets,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems: Vec<String> = Vec::new();
        let mut secrets = Vec::new();
        for name in spec.secrets {
            match SecretSource::Env(name).read(resolver, KeyFormat::Utf8) {
                Ok(secret) => secrets.push((*name, secret)),
                Err(problem) => problems.push(problem.to_string()),
            }
        }
        let (check, usual) = match spec.verify {
            VerifySpec::Custom(call) => (Some(Check::Custom(call)), None),
            // Made by `of_source` alone.
            VerifySpec::Source => (None, None),
            VerifySpec::Scheme(make) => match scheme(make(), format!("endpoint/{}", spec.id), resolver) {
                Ok((check, rules)) => {
                    if rules.needs_public_url && config.public_url.is_none() {
                        problems.push(
                            "its provider signs the URL that it calls, which this program does not know: \
                             set `TRIGGERFISH_PUBLIC_URL`"
                                .to_owned(),
                        );
                    }
                    (Some(check), Some(rules.dedupe))
                }
                Err(all) => {
                    problems.extend(all.iter().map(ToString::to_string));
                    (None, None)
                }
            },
        };
        let filters = Filters::build(spec, registry).map_err(|all| problems.extend(all)).ok();
        let usual = usual.unwrap_or(Rule::Body { window: BODY_WINDOW });
        let dedupe = match (spec.dedupe, usual) {
            // A scheme whose different events may look alike: a repeat cannot be told from news.
            (None, Rule::Body { window }) if window.is_zero() => None,
            (None, usual) => Some(usual),
            (Some(Dedupe::None), _) => None,
            (Some(Dedupe::Body(window)), _) => Some(Rule::Body { window }),
            (Some(Dedupe::Id), usual @ Rule::Id { .. }) => Some(usual),
            (Some(Dedupe::Id), Rule::Body { .. }) => Some(Rule::Id { window: ID_WINDOW }),
        };
        match (check, filters) {
            (Some(check), Some(filters)) if problems.is_empty() => Ok(LiveEndpoint {
                spec,
                check,
                secrets: Secrets::new(secrets),
                switches: Switches::new(filters.jobs.len()),
                filters,
                max_body: spec.max_body.unwrap_or(config.max_body),
                dedupe,
                source: None,
                scratch: Mutex::default(),
            }),
            _ => Err(problems.into_iter().map(|text| Problem { endpoint: spec, text }).collect()),
        }
    }

    /// The endpoint of an external source's webhook.
    pub(crate) fn of_source(
        spec: &'static EndpointSpec,
        source: &Arc<LiveSource>,
        registry: &Registry,
        config: &Config,
    ) -> Result<Self, Vec<String>> {
        Ok(LiveEndpoint {
            spec,
            check: Check::Kept(Arc::clone(&source.kept)),
            secrets: Secrets::default(),
            // No job names it: those of its events are matched by the source.
            filters: Filters::build(spec, registry)?,
            max_body: config.max_body,
            dedupe: Some(source.dedupe()),
            source: Some(Arc::clone(source)),
            switches: Switches::new(source.jobs().count()),
            scratch: Mutex::default(),
        })
    }

    /// Lends room for matching, made anew only when all is lent.
    pub(crate) fn with_scratch<T>(&self, f: impl FnOnce(&mut Scratch) -> T) -> T {
        let lent = self.scratch.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = lent.unwrap_or_else(|| self.filters.set.scratch());
        let result = f(&mut scratch);
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        result
    }

    /// Verifies a request. Whatever goes wrong in it, the request is not verified.
    pub(crate) async fn verify(&self, request: &Request, now: SystemTime) -> Result<Genuine, Refused> {
        let (outcome, has_keys) = match &self.check {
            Check::Scheme(ready) => (ready.verify(request, now), true),
            Check::Kept(kept) => (kept.verify(request, now), true),
            // Boxed, like all that few requests need: the future of the usual way stays small.
            Check::Custom(call) => match Box::pin(unpanicked(call(request))).await {
                Ok(verification) => (verification.into_outcome(), false),
                Err(panic) => return Err(Refused::Panicked(format!("the verifier panicked: {panic}"))),
            },
        };
        match outcome {
            Outcome::Verified(verified) => Ok(Genuine {
                delivery_id: verified.delivery_id.map(Into::into),
                secret_index: u8::try_from(verified.secret_index).ok().filter(|_| has_keys),
            }),
            Outcome::Rejected(rejection) => Err(Refused::Rejected(rejection.to_string())),
        }
    }

    /// What is known about a request for which a person vouches.
    pub(crate) fn vouched_for(&self, request: &Request) -> Genuine {
        let delivery_id = self.check.scheme().and_then(|ready| ready.delivery_id(request).map(Into::into));
        Genuine { delivery_id, secret_index: None }
    }

    /// Every secret that it knows, each with the variable that holds it. Public
    /// keys are none.
    #[cfg(feature = "dashboard")]
    pub(crate) fn named_secrets(&self) -> Vec<(Option<&'static str>, crate::secret::Secret)> {
        let ready = self.check.scheme();
        let of_scheme = ready.iter().flat_map(|ready| ready.secrets());
        let declared = self.secrets.iter().map(|(name, secret)| (Some(name), secret));
        of_scheme.chain(declared).map(|(name, secret)| (name, secret.clone())).collect()
    }

    /// The variable from which a secret came.
    pub(crate) fn secret_name(&self, index: u8) -> Option<&'static str> {
        self.check.scheme()?.secret_name(usize::from(index))
    }

    /// Whether a header carries a secret itself, and not a signature made with it.
    pub(crate) fn carries_secret(&self, headers: &HeaderMap, name: &HeaderName) -> bool {
        let Some(ready) = self.check.scheme() else {
            // Where its function looks is not known, but what it looks for is.
            let mut values = headers.get_all(name).iter();
            return values.any(|value| self.secrets.stand_in(value.as_bytes()));
        };
        let itself = |scheme: &Scheme| matches!(scheme.algorithm, Algorithm::Token | Algorithm::Jws(_));
        ready.scheme().is_some_and(itself) && ready.is_signature_header(name)
    }

    /// The answer to a request that is not verified.
    pub(crate) fn refused(&self, why: &Refused) -> Response {
        match (why, self.check.scheme()) {
            (Refused::Panicked(_), _) => reply::failed(),
            (Refused::Rejected(_), Some(ready)) => reply::made(ready.rejection_reply()),
            (Refused::Rejected(_), None) => reply::rejected(),
        }
    }

    /// The answer that the provider prescribes for an accepted delivery.
    pub(crate) fn prescribed(&self) -> Option<Answer> {
        self.check.scheme()?.accepted_reply().map(reply::answer)
    }
}

/// What a scheme says of requests, whatever its secrets.
struct Rules {
    dedupe: Rule,
    needs_public_url: bool,
}

impl Rules {
    fn of(ready: &ReadyVerifier) -> Self {
        Rules { dedupe: ready.dedupe(), needs_public_url: ready.needs_public_url() }
    }
}

/// A verifier at work; where the program keeps its secrets, without them until they are read.
fn scheme(
    verifier: Verifier,
    owner: String,
    resolver: &dyn ResolveSecrets,
) -> Result<(Check, Rules), Vec<VerifierProblem>> {
    if verifier.is_managed() {
        let (kept, stand_in) = KeptVerifier::new(verifier, owner, resolver)?;
        return Ok((Check::Kept(Arc::new(kept)), Rules::of(&stand_in)));
    }
    let ready = verifier.build(resolver)?;
    let rules = Rules::of(&ready);
    Ok((Check::Scheme(Box::new(ready)), rules))
}

/// Why a request is not verified. For the log and the stored record, never for the sender.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is not genuine, as far as can be told.
    Rejected(String),
    /// The user's own verifier panicked.
    Panicked(String),
}

impl Refused {
    pub(crate) fn into_reason(self) -> String {
        match self {
            Refused::Rejected(reason) | Refused::Panicked(reason) => reason,
        }
    }
}

/// Awaits a function of the user's; a panic is its text.
pub(super) async fn unpanicked<T>(call: BoxFuture<'_, T>) -> Result<T, String> {
    AssertUnwindSafe(call).catch_unwind().await.map_err(|panic| panic_text(panic.as_ref()).to_owned())
}

/// What is known about a verified request.
#[derive(Debug)]
pub(crate) struct Genuine {
    /// The provider's id of the delivery.
    pub(crate) delivery_id: Option<String>,
    /// Which secret matched, counting from 0.
    pub(crate) secret_index: Option<u8>,
}
