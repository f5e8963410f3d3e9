//! What expansions name. Not part of the public API: it may change with any version.

pub use crate::BoxFuture;
pub use crate::endpoint::{
    Dedupe, Endpoint, EndpointSpec, IntoVerification, Location, RespondSpec, Response, Trigger, TriggerSpec,
    Verify, VerifySpec,
};
pub use crate::flow::{Batch, Concurrency, Debounce, Fifo, Flow, PathPart, Priority, Rate, ValuePath};
pub use crate::hook::{CancelOn, HookParts, HookSpec, Hooks, hook};
pub use crate::job::{FromRun, IntoOutcome, Job, JobError, JobSpec, Json, RetryPolicy, of_batch};
pub use crate::payload::{
    Checked, Field, Ide, On, Payload, Schema, Typed, Untyped, Variant, beside_tag, hash, payload_of,
};
pub use crate::registry::Registration;
pub use crate::request::Request;
pub use crate::run::{Invocation, Level, StateMap};
pub use crate::verify::{Verification, Verifier};
pub use axum::response::IntoResponse;
pub use inventory;
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
