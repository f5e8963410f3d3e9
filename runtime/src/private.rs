//! What expansions name. Not part of the public API: it may change with any version.

pub use crate::BoxFuture;
pub use crate::endpoint::{
    Answering, Dedupe, Endpoint, EndpointSpec, IntoVerification, Location, RespondSpec, Response, Trigger,
    TriggerSpec, Verify, VerifySpec,
};
pub use crate::event::{
    Call, EventNames, EventSpec, EventType, Example, IntoProperties, Outgoing, Properties, check_examples,
};
pub use crate::flow::{Batch, Concurrency, Debounce, Fifo, Flow, PathPart, Priority, Rate, ValuePath};
pub use crate::hook::{CancelOn, HookParts, HookSpec, Hooks, hook};
pub use crate::job::{
    FromRun, IntoOutcome, Invocable, Job, JobError, JobSpec, Json, Needs, Outcome, Reads, RetryPolicy,
    of_batch, run,
};
pub use crate::payload::{
    Checked, Faults, Field, Ide, On, Payload, Schema, Typed, Unknown, Untyped, Variant, beside_tag, hash,
    payload_of,
};
pub use crate::registry::Registration;
pub use crate::request::Request;
pub use crate::run::{Invocation, Level, StateMap};
pub use crate::schedule::{Cron, Missed, ScheduleSpec, Scheduled, TimingSpec};
pub use crate::secret::{ResolveSecrets, SecretProblem};
pub use crate::source::{
    ErasedSource, ExternalSource, FromText, InstanceOf, InstanceSpec, Source, SourceEventOf, SourceInstance,
    SourceSpec, Subscription, erase as erase_source,
};
pub use crate::verify::{Verification, Verifier};
pub use inventory;
pub use serde_json::Value;
pub use std::time::Duration;
pub use triggerfish_filter::{Number, Pattern, Root, Scalar, Test};

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

/// Refuses a parameter that what triggers the job never gives.
#[track_caller]
pub const fn refuse_unless_given(needs: Needs, trigger: TriggerSpec) {
    match (needs, trigger) {
        (Needs::Request, TriggerSpec::Endpoint(_)) | (Needs::Nothing, _) => {}
        (Needs::Request, _) => panic!(
            "only a job that an endpoint triggers has a `Request`\nhelp: take `Json<T>` or `Event<T>` for the \
             payload"
        ),
        (Needs::Event, TriggerSpec::Endpoint(_)) => {
            panic!(
                "a job that an endpoint triggers has no `Event`\nhelp: take `Json<T>` for the body, or `Request`"
            )
        }
        (Needs::Tick, TriggerSpec::Schedule(_) | TriggerSpec::Dynamic) | (Needs::Event, _) => {}
        (Needs::Tick, _) => panic!(
            "only a job that runs by the clock has a `Tick`\nhelp: that is one with `trigger = cron(..)`, \
             `every(..)` or `schedule`"
        ),
    }
}

/// What of all that a job's parameters ask for is missing.
pub fn missing<const N: usize>(all: [Option<&'static str>; N]) -> Vec<&'static str> {
    all.into_iter().flatten().collect()
}

/// An event of a declared kind that is to be sent.
pub fn outgoing<E: EventType>(payload: &E::Payload, properties: Properties) -> Outgoing {
    Outgoing::of::<E>(payload, properties)
}

/// What is shown of a payload that is read from JSON.
pub fn properties_of<E: EventType>(
    payload: &[u8],
    shown: impl FnOnce(&E::Payload) -> Properties,
) -> Result<Properties, String> {
    match serde_json::from_slice::<E::Payload>(payload) {
        Ok(payload) => Ok(shown(&payload)),
        Err(_) => Err(crate::job::why_not::<E::Payload>("payload", payload)),
    }
}

/// A call of a job.
pub fn call<J: Invocable>(payload: &(impl serde::Serialize + ?Sized)) -> Call<J::Output> {
    Call::of::<J>(payload)
}

/// The parameters of a trigger, as JSON.
pub fn source_params<P: serde::Serialize>(params: &P) -> Result<Value, String> {
    serde_json::to_value(params).map_err(|error| format!("its parameters are no JSON: {error}"))
}
