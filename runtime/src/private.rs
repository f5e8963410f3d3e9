//! What expansions name. Not part of the public API: it may change with any version.

pub use crate::BoxFuture;
pub use crate::endpoint::{
    Dedupe, Endpoint, EndpointSpec, IntoVerification, Location, RespondSpec, Response, Trigger, TriggerSpec,
    Verify, VerifySpec,
};
pub use crate::event::{Event, EventSpec};
pub use crate::job::{FromRun, IntoOutcome, Job, JobError, JobSpec, Json, RetryPolicy};
pub use crate::payload::{Field, Ide, Payload, Schema, Typed, Untyped, Variant, beside_tag, hash};
pub use crate::registry::Registration;
pub use crate::request::Request;
pub use crate::run::{Invocation, Level, StateMap};
pub use crate::secret::{ResolveSecrets, SecretProblem};
pub use crate::source::{
    ErasedSource, ExternalSource, FromText, InstanceSpec, Source, SourceEventOf, SourceInstance, SourceSpec,
    Subscription, erase as erase_source,
};
pub use crate::verify::{Verification, Verifier};
pub use axum::response::IntoResponse;
pub use inventory;
pub use serde_json::Value;
pub use std::time::Duration;
pub use triggerfish_filter::{Number, Pattern, Root, Scalar, Test};

/// What a `respond_with` handler returned.
pub fn response<T: IntoResponse>(value: T) -> Response {
    value.into_response()
}

/// The name of a payload's type.
pub fn type_name<T: ?Sized>() -> &'static str {
    std::any::type_name::<T>()
}

/// Refuses what is a mistake only in a filter over requests.
#[track_caller]
pub const fn refuse_for_request(root: Root, message: &str) {
    if let Root::Request = root {
        panic!("{}", message)
    }
}

/// The parameters of a trigger, as JSON.
pub fn source_params<P: serde::Serialize>(params: &P) -> Result<Value, String> {
    serde_json::to_value(params).map_err(|error| format!("its parameters are no JSON: {error}"))
}

/// The instance that a trigger names is one of the source that its event comes from.
pub fn same_source<I, E>()
where
    I: SourceInstance,
    E: SourceEventOf<Source = I::Source>,
{
}
