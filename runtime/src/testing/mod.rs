//! What a program's own tests need: the program itself with a clock that the
//! test moves, signed requests, and a check of everything that is declared.

mod app;
mod exhaustive;
mod request;
mod run;
mod setup;

pub use app::{App, TestError};
pub use exhaustive::{assert_exhaustive, unhandled};
pub use request::{Answer, Delivering};
pub use run::TestRun;
pub use setup::Setup;

use crate::event::Subscriptions;
use crate::payload::{Payload, sample};
use crate::registry::Registry;
use crate::request::{Request, RequestParts};
use crate::runtime::Error;
use crate::secret::{ResolveSecrets, Secret};
use crate::serve::Filters;
use crate::verify::{SignError, Verifier, VerifierProblem};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use std::time::SystemTime;

/// Why a test cannot have its signed request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unsigned {
    /// The verifier cannot be built.
    #[error("the verifier cannot be built: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Verifier(Vec<VerifierProblem>),
    /// Its scheme cannot be signed for.
    #[error(transparent)]
    Scheme(#[from] SignError),
}

/// Makes a POST request that a verifier accepts at `now`, signed with its
/// newest secret as its provider would sign it.
///
/// A secret from the environment that is not set has the value `test` here,
/// in the form that the scheme reads; give the verifier its secret by value
/// where the test verifies, too.
///
/// # Errors
///
/// A verifier that could not start either; a scheme that signs with a private
/// key, which only the provider has.
///
/// ```
/// use std::time::SystemTime;
/// use triggerfish::{prelude::*, testing};
///
/// let verifier = Verifier::github(Secret::new("It's a Secret to Everybody"));
/// let request = testing::sign(&verifier, r#"{"zen":"Keep it logically awesome."}"#, SystemTime::now())?;
/// assert!(request.header("x-hub-signature-256").is_some());
/// # Ok::<_, testing::Unsigned>(())
/// ```
pub fn sign(verifier: &Verifier, body: impl Into<Bytes>, now: SystemTime) -> Result<Request, Unsigned> {
    let ready = verifier.build(&StandIn).map_err(Unsigned::Verifier)?;
    let parts = RequestParts {
        body: body.into(),
        received_at: now,
        public_url: Some("https://hooks.example.com".into()),
        ..RequestParts::default()
    };
    Ok(Request::new(ready.sign(parts, now)?))
}

/// The environment, and a value for what is not set in it.
struct StandIn;

impl ResolveSecrets for StandIn {
    fn resolve(&self, name: &'static str, format: crate::secret::KeyFormat) -> Option<Secret> {
        match std::env::var(name) {
            Ok(value) => Some(Secret::from(value.as_str())),
            Err(_) => format.write_for_development(b"test").map(Secret::new),
        }
    }

    fn managed(&self, format: crate::secret::KeyFormat) -> Option<Secret> {
        format.write_for_development(b"test").map(Secret::new)
    }
}

/// Asserts that a sample of a payload is what its type says, both to serde and
/// to the filters that are checked against it.
///
/// ```
/// use serde::Deserialize;
/// use triggerfish::{Payload, testing::assert_payload};
///
/// #[derive(Deserialize, Payload)]
/// struct Booking {
///     uid: String,
///     length: u32,
/// }
///
/// assert_payload::<Booking>(r#"{ "uid": "bk_1", "length": 30 }"#);
/// ```
///
/// # Panics
///
/// With the place in the sample and the reason, where it does not fit.
#[track_caller]
#[allow(clippy::panic, reason = "it is an assertion")]
pub fn assert_payload<T: Payload + DeserializeOwned>(sample: &str) {
    if let Err(problem) = sample::check::<T>(sample) {
        panic!("{problem}")
    }
}

/// Checks everything that is declared in the crates that are linked in, as
/// start-up does, but for secrets: ids, paths, filters, jobs that can never
/// run. Returns what is odd but allowed, a line each.
///
/// ```
/// # use triggerfish::prelude::*;
/// # #[http_endpoint(id = "a")]
/// # fn a() -> Verifier { Verifier::none("an example") }
/// #[test]
/// fn what_is_declared_fits_together() {
///     let odd = triggerfish::testing::check_registry().unwrap();
///     assert!(odd.is_empty(), "{odd:#?}");
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// Every problem, in one [`Error::Startup`].
#[allow(clippy::test_attr_in_doctest, reason = "it shows what a user writes into a test")]
pub fn check_registry() -> Result<Vec<String>, Error> {
    check(&Registry::collect())
}

/// Checks a registry as [`check_registry`] does.
///
/// # Errors
///
/// Every problem, in one [`Error::Startup`].
pub fn check(registry: &Registry) -> Result<Vec<String>, Error> {
    let mut problems: Vec<_> = registry.problems().iter().map(ToString::to_string).collect();
    let mut odd = Vec::new();
    for spec in registry.endpoints().iter().filter(|spec| spec.enabled) {
        let whose = |text: String| format!("endpoint \"{}\" ({}): {text}", spec.id, spec.location);
        match Filters::build(spec, registry) {
            Ok(filters) => odd.extend(filters.notes().into_iter().map(whose)),
            Err(all) => problems.extend(all.into_iter().map(whose)),
        }
    }
    if let Err(all) = Subscriptions::build(registry) {
        problems.extend(all);
    }
    if problems.is_empty() { Ok(odd) } else { Err(Error::Startup(problems)) }
}
