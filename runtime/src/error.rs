//! What a job may return as its error, and how the worker reads it.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

/// Any error, boxed. What a job returns is turned into one.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// The result of a job or a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a job, made by `?` from any other error.
///
/// Like the errors of the crates made for applications it does not implement
/// [`std::error::Error`] itself; it turns into a [`BoxError`].
pub struct Error(BoxError);

impl Error {
    /// An error that is never tried again: the run fails at once.
    pub fn fatal(cause: impl Into<BoxError>) -> Self {
        Error(Box::new(Classed { class: Class::of(Retry::Never), cause: cause.into() }))
    }

    /// An error after which the run is tried again when `delay` has passed,
    /// instead of when the retry policy says. It counts as an attempt.
    pub fn retry_after(delay: Duration, cause: impl Into<BoxError>) -> Self {
        Error(Box::new(Classed { class: Class::of(Retry::After(delay)), cause: cause.into() }))
    }

    /// An error after which the run is tried again at `time`, instead of when
    /// the retry policy says. It counts as an attempt.
    pub fn retry_at(time: SystemTime, cause: impl Into<BoxError>) -> Self {
        Error(Box::new(Classed { class: Class::of(Retry::At(time)), cause: cause.into() }))
    }

    /// An error that is only a text. It is tried again by the retry policy.
    pub fn msg(text: impl fmt::Display) -> Self {
        Error(text.to_string().into())
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Error(Box::new(error))
    }
}

impl From<Error> for BoxError {
    fn from(error: Error) -> Self {
        error.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&chain(self.0.as_ref()))
    }
}

/// Whether, and when, an error is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// As the policy says.
    Policy,
    /// Not at all.
    Never,
    /// When this has passed.
    After(Duration),
    /// At this time.
    At(SystemTime),
}

/// A node of an error's source chain that says how it is retried. It stands in
/// the chain, and not in the error's type, because other crates wrap errors:
/// after `anyhow::Error -> Box<dyn Error>` a downcast of the whole no longer finds ours.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) retry: Retry,
    /// The step whose failure it is; of nested ones the innermost.
    step: Option<String>,
}

impl Class {
    fn of(retry: Retry) -> Self {
        Class { retry, step: None }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.retry {
            Retry::Policy => f.write_str("tried again by the retry policy"),
            Retry::Never => f.write_str("not tried again"),
            Retry::After(delay) => write!(f, "tried again after {delay:?}"),
            Retry::At(_) => f.write_str("tried again at a set time"),
        }
    }
}

impl StdError for Class {}

struct Classed {
    class: Class,
    cause: BoxError,
}

impl fmt::Display for Classed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&chain(self.cause.as_ref()))
    }
}

impl fmt::Debug for Classed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Classed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.class)
    }
}

/// How an error wants to be retried, wherever in its chain it says so.
pub(crate) fn retry_of(error: &(dyn StdError + 'static)) -> Retry {
    class_of(error).map_or(Retry::Policy, |class| class.retry)
}

/// The step whose failure an error is.
pub(crate) fn failed_step<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e str> {
    class_of(error)?.step.as_deref()
}

fn class_of<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e Class> {
    links(error).find_map(|link| link.downcast_ref::<Class>())
}

/// The texts of an error and its sources, as one line.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    for link in links(error).skip(1).filter(|link| !link.is::<Class>()) {
        let next = link.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
    }
    text
}

fn links<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |link: &&'e (dyn StdError + 'static)| (*link).source())
}

/// Why something that a job asked of its [`Io`](crate::run::Io) did not happen.
///
/// It implements [`std::error::Error`], so `?` takes it in a job of any error type.
pub struct RunError {
    kind: RunErrorKind,
    message: String,
    class: Class,
}

/// What kind of [`RunError`] it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunErrorKind {
    /// The step's own function returned an error, now or in an earlier execution.
    StepFailed,
    /// Two steps of the run have the same key.
    DuplicateKey,
    /// The step's output cannot be written as JSON, or a recorded one cannot be
    /// read as the type that the code has now.
    Output,
    /// The filter of a wait for an event is wrong.
    Filter,
    /// A wait for a request has no public address: the program does not know its URL.
    NoAddress,
    /// A wait is inside of a step.
    WaitInStep,
    /// A run that was called and waited for failed for good, or does not take its payload.
    CalledRunFailed,
    /// A run that was called and waited for ended because the process died too often while it ran.
    CalledRunCrashed,
    /// A run that was called and waited for was cancelled, or replaced by a later one.
    CalledRunCancelled,
    /// A run that was called and waited for did not end in time. It goes on.
    CallTimedOut,
    /// The store did not take the record: this execution no longer owns the run.
    Store,
    /// A secret cannot be sealed, or does not open.
    Secret,
    /// The program has no such external source, or several.
    Source,
}

impl RunError {
    pub(crate) fn new(kind: RunErrorKind, message: String) -> Self {
        let retry = match kind {
            RunErrorKind::DuplicateKey
            | RunErrorKind::Secret
            | RunErrorKind::Source
            | RunErrorKind::Output
            | RunErrorKind::Filter
            | RunErrorKind::NoAddress
            | RunErrorKind::CalledRunFailed
            | RunErrorKind::CalledRunCrashed
            | RunErrorKind::CalledRunCancelled
            | RunErrorKind::CallTimedOut
            | RunErrorKind::WaitInStep => Retry::Never,
            RunErrorKind::StepFailed | RunErrorKind::Store => Retry::Policy,
        };
        RunError { kind, message, class: Class::of(retry) }
    }

    /// A step's own error, with what it says of being retried.
    pub(crate) fn step(key: &str, cause: &(dyn StdError + 'static)) -> Self {
        let message = format!("step `{key}` failed: {}", chain(cause));
        let within = |inner: &&str| inner.strip_prefix(key).is_some_and(|rest| rest.starts_with('/'));
        let inner = failed_step(cause).filter(within);
        RunError::failed(inner.unwrap_or(key), message, retry_of(cause))
    }

    /// The failure of a step that an earlier execution recorded.
    pub(crate) fn recorded(key: &str, message: String) -> Self {
        RunError::failed(key, message, Retry::Policy)
    }

    fn failed(key: &str, message: String, retry: Retry) -> Self {
        let class = Class { retry, step: Some(key.to_owned()) };
        RunError { kind: RunErrorKind::StepFailed, message, class }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> RunErrorKind {
        self.kind
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunError")
            .field("kind", &self.kind)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

impl StdError for RunError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("while booking")]
    struct Wrapped(#[source] RunError);

    fn fatal_step() -> RunError {
        let cause: BoxError = Error::fatal("card refused").into();
        RunError::step("charge", cause.as_ref())
    }

    #[test]
    fn the_class_is_found_however_the_error_is_wrapped() {
        let own: BoxError = Error::from(fatal_step()).into();
        let typed: BoxError = Wrapped(fatal_step()).into();
        let anyhow: BoxError = anyhow::Error::from(fatal_step()).context("while booking").into();
        let twice: BoxError = Error::from(Wrapped(fatal_step())).into();
        for error in [own, typed, anyhow, twice] {
            assert_eq!(retry_of(error.as_ref()), Retry::Never, "{error}");
        }
        assert_eq!(retry_of(&std::io::Error::other("x")), Retry::Policy);
    }

    #[test]
    fn the_failed_step_is_found_however_the_error_is_wrapped() {
        let anyhow: BoxError = anyhow::Error::from(fatal_step()).context("while booking").into();
        assert_eq!(failed_step(anyhow.as_ref()), Some("charge"));
        let own: BoxError = Error::fatal("no step").into();
        assert_eq!(failed_step(own.as_ref()), None);
    }

    #[test]
    fn of_nested_steps_the_innermost_is_the_one_that_failed() {
        let inner: BoxError = RunError::step("order/charge", &std::io::Error::other("x")).into();
        let outer = RunError::step("order", inner.as_ref());
        assert_eq!(failed_step(&outer), Some("order/charge"));
        let beside = RunError::step("ship", inner.as_ref());
        assert_eq!(failed_step(&beside), Some("ship"), "another step returned its error");
    }

    #[test]
    fn a_chain_is_one_line_and_says_nothing_twice() {
        let error: BoxError = Error::from(Wrapped(fatal_step())).into();
        assert_eq!(chain(error.as_ref()), "while booking: step `charge` failed: card refused");
        let error: BoxError = Error::fatal(Wrapped(fatal_step())).into();
        assert_eq!(chain(error.as_ref()), "while booking: step `charge` failed: card refused");
    }
}
