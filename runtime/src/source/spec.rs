//! What `#[external_source]` and `#[source]` declare, and what a job subscribes to.

use super::{ErasedSource, ExternalSource};
use crate::endpoint::Location;
use crate::event::{EventSpec, EventType};
use crate::secret::{ResolveSecrets, SecretProblem};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// A type that carries `#[external_source(...)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as an external source",
    label = "without `#[external_source(...)]`",
    note = "put `#[external_source(id = \"..\", version = \"..\", events = [..])]` on the `impl ExternalSource`"
)]
pub trait Source {
    /// What the attribute declares.
    const SOURCE: SourceSpec;
}

/// What an external source is declared to be.
#[derive(Clone, Copy, Debug)]
pub struct SourceSpec {
    /// Its id.
    pub id: &'static str,
    /// Its version; a new one registers again.
    pub version: &'static str,
    /// The events that it brings.
    pub events: &'static [&'static EventSpec],
    /// The parameters of a job that names none, as JSON.
    pub params: fn() -> Result<Value, String>,
    /// Where it is declared.
    pub location: Location,
}

/// An event that an external source brings.
#[diagnostic::on_unimplemented(
    message = "`{Self}` comes from no external source, so it takes no parameters here",
    label = "not an event of an external source",
    note = "the events of a source stand in the `events` of its `#[external_source(...)]`"
)]
pub trait SourceEventOf: EventType {
    /// The source.
    type Source: ExternalSource;
}

/// A function that carries `#[source]`: an instance of an external source.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an instance of an external source",
    label = "not a function with `#[source]`"
)]
pub trait SourceInstance {
    /// The source.
    type Source: ExternalSource;
    /// What the attribute declares.
    const INSTANCE: InstanceSpec;
}

/// An instance of one source: what a trigger can name as its `account`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an instance of `{S}`, from which the event comes",
    label = "not an instance of `{S}`",
    note = "`account` names a function that carries `#[source]` and returns `{S}`"
)]
pub trait InstanceOf<S> {
    /// What is declared.
    const SPEC: &'static InstanceSpec;
}

#[diagnostic::do_not_recommend]
impl<S, I: SourceInstance<Source = S>> InstanceOf<S> for I {
    const SPEC: &'static InstanceSpec = &I::INSTANCE;
}

/// What an instance is declared to be.
#[derive(Clone, Copy)]
pub struct InstanceSpec {
    /// The function's name.
    pub name: &'static str,
    /// The source.
    pub source: &'static SourceSpec,
    /// Calls the user's function, and reads the instance's secrets.
    pub make: fn(&dyn ResolveSecrets) -> Result<ErasedSource, Vec<SecretProblem>>,
    /// Where it is declared.
    pub location: Location,
}

impl fmt::Debug for InstanceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstanceSpec")
            .field("name", &self.name)
            .field("source", &self.source.id)
            .finish_non_exhaustive()
    }
}

/// What a job wants of an external source.
#[derive(Clone, Copy)]
pub struct Subscription {
    /// The event.
    pub event: &'static EventSpec,
    /// The source.
    pub source: &'static SourceSpec,
    /// The instance, where the job names one.
    pub account: Option<&'static InstanceSpec>,
    /// The parameters, as JSON.
    pub params: fn() -> Result<Value, String>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("event", &self.event.names)
            .field("source", &self.source.id)
            .field("account", &self.account.map(|account| account.name))
            .finish_non_exhaustive()
    }
}

/// A text in the parameters of a trigger.
#[diagnostic::on_unimplemented(
    message = "this parameter is a `{Self}`, not a text",
    label = "a text is given here",
    note = "write the value as a `{Self}`, without quotes"
)]
pub trait FromText {
    /// The value of a literal.
    fn text(text: &'static str) -> Self;
}

#[diagnostic::do_not_recommend]
impl FromText for &'static str {
    fn text(text: &'static str) -> Self {
        text
    }
}

#[diagnostic::do_not_recommend]
impl FromText for String {
    fn text(text: &'static str) -> Self {
        text.to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl FromText for Cow<'static, str> {
    fn text(text: &'static str) -> Self {
        Cow::Borrowed(text)
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromText> FromText for Option<T> {
    fn text(text: &'static str) -> Self {
        Some(T::text(text))
    }
}
