//! What happens at the end of a run, and what ends one: `on_success`,
//! `on_failure` and `cancel_on` of `#[job(...)]`.

use crate::BoxFuture;
use crate::endpoint::{Location, TriggerSpec};
use crate::error::{RunError, RunErrorKind};
use crate::flow::{Flow, ValuePath};
use crate::job::{FromRun, IntoOutcome, JobError, JobSpec, Outcome, RetryPolicy};
use crate::run::{EndedRun, Invocation, StateMap};
use crate::store::Run;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::Future;

/// What is done at the end of a job's runs, and what ends them.
#[derive(Clone, Copy, Debug)]
pub struct Hooks {
    /// The job that runs when a run is done.
    pub on_success: Option<&'static JobSpec>,
    /// The job that runs when a run has failed for good.
    pub on_failure: Option<&'static JobSpec>,
    /// Events that cancel runs.
    pub cancel_on: &'static [CancelOn],
}

/// `cancel_on(event, when)`: an event that cancels the runs that have the same
/// value as it. A run that waits, or has not started, ends without further ado;
/// one that executes is dropped where it awaits next, and can record nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelOn {
    /// The event's name.
    pub event: &'static str,
    /// Where the value stands in the event's payload.
    pub theirs: ValuePath,
    /// Where it stands in what started the run.
    pub ours: ValuePath,
}

impl Hooks {
    /// Nothing.
    pub const NONE: Hooks = Hooks { on_success: None, on_failure: None, cancel_on: &[] };

    /// The jobs that run at the end of others.
    pub fn jobs(&self) -> impl Iterator<Item = &'static JobSpec> + use<> {
        self.on_success.into_iter().chain(self.on_failure)
    }
}

/// The run that ended well, in a function that `on_success` names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FinishedRun {
    /// The run.
    pub run: Run,
    /// What its job returned, as JSON; `None` where it returned nothing.
    pub output: Option<String>,
}

impl FinishedRun {
    /// What its job returned.
    ///
    /// # Errors
    ///
    /// A value that is no `T`, of the kind [`RunErrorKind::Output`]: the hook is not tried again.
    pub fn returned<T: DeserializeOwned>(&self) -> Result<T, RunError> {
        serde_json::from_str(self.output.as_deref().unwrap_or("null")).map_err(|error| {
            let (job, name) = (&self.run.job, std::any::type_name::<T>());
            let text = format!(
                "what `{job}` returned cannot be read as `{name}`: {error}; name the type that the job returns"
            );
            RunError::new(RunErrorKind::Output, text)
        })
    }
}

/// The run that failed for good, in a function that `on_failure` names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedRun {
    /// Why.
    pub error: String,
    /// The run.
    pub run: Run,
}

/// What a function that `on_success` or `on_failure` names may ask for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a hook",
    label = "not something a hook can ask for",
    note = "a hook may take `FailedRun` or `FinishedRun`, and all that a job can ask for"
)]
pub trait FromHook: Sized {
    /// Takes it from the hook's run.
    fn from_hook(invocation: &Invocation) -> Result<Self, JobError>;

    /// The name of what the program has to give at start-up and has not.
    fn missing(_state: &StateMap) -> Option<&'static str> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromRun> FromHook for T {
    fn from_hook(invocation: &Invocation) -> Result<Self, JobError> {
        T::from_run(invocation)
    }

    fn missing(state: &StateMap) -> Option<&'static str> {
        T::missing(state)
    }
}

#[diagnostic::do_not_recommend]
impl FromHook for FinishedRun {
    fn from_hook(invocation: &Invocation) -> Result<Self, JobError> {
        let EndedRun { run, output } = parent(invocation)?;
        Ok(FinishedRun { run, output })
    }
}

#[diagnostic::do_not_recommend]
impl FromHook for FailedRun {
    fn from_hook(invocation: &Invocation) -> Result<Self, JobError> {
        let EndedRun { run, .. } = parent(invocation)?;
        Ok(FailedRun { error: run.error.clone().unwrap_or_default(), run })
    }
}

fn parent(invocation: &Invocation) -> Result<EndedRun, JobError> {
    let ended = invocation.parent.as_deref().cloned();
    ended.ok_or_else(|| JobError::Failed("the run whose end this is about is not stored any more".into()))
}

/// A function that `on_success` or `on_failure` can name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a hook",
    label = "not a function that can be called at the end of a run",
    note = "a hook is an `async fn` that takes `FailedRun` or `FinishedRun` and all that a job can ask for, \
            and returns what a job can return"
)]
pub trait HookFn<Parameters>: Send + 'static {
    /// Calls it with what its parameters ask for.
    fn call(self, invocation: Invocation) -> BoxFuture<'static, Outcome>;

    /// Says what its parameters ask for that the program has not given.
    fn missing(&self, state: &StateMap) -> Vec<&'static str>;
}

macro_rules! hook_fn {
    ($($parameter:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<F, Fut, $($parameter,)*> HookFn<($($parameter,)*)> for F
        where
            F: FnOnce($($parameter),*) -> Fut + Send + 'static,
            Fut: Future + Send + 'static,
            Fut::Output: IntoOutcome,
            $($parameter: FromHook + Send + 'static,)*
        {
            fn call(self, invocation: Invocation) -> BoxFuture<'static, Outcome> {
                Box::pin(async move {
                    #[allow(unused_variables)]
                    let invocation = invocation;
                    let future = self($($parameter::from_hook(&invocation)?),*);
                    future.await.into_outcome()
                })
            }

            fn missing(&self, state: &StateMap) -> Vec<&'static str> {
                let _ = state;
                let all: [Option<&'static str>; _] = [$($parameter::missing(state)),*];
                all.into_iter().flatten().collect()
            }
        }
    };
}

hook_fn!();
hook_fn!(A);
hook_fn!(A B);
hook_fn!(A B C);
hook_fn!(A B C D);
hook_fn!(A B C D E);
hook_fn!(A B C D E G);

/// Says what a hook asks for that the program has not given.
type Missing = Box<dyn FnOnce(&StateMap) -> Vec<&'static str>>;

/// A hook, called either way.
pub struct HookParts {
    /// Calls the function.
    pub call: Box<dyn FnOnce(Invocation) -> BoxFuture<'static, Outcome>>,
    /// Says what its parameters ask for that the program has not given.
    pub missing: Missing,
}

impl fmt::Debug for HookParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookParts").finish_non_exhaustive()
    }
}

/// Takes a function as a hook.
pub fn hook<P: 'static>(hook: impl HookFn<P> + Copy) -> HookParts {
    HookParts {
        call: Box::new(move |invocation| hook.call(invocation)),
        missing: Box::new(move |state| hook.missing(state)),
    }
}

/// The parts of a hook's job that are its own.
pub struct HookSpec {
    /// Its id: that of the job, and which hook it is.
    pub id: &'static str,
    /// The job's version.
    pub version: &'static str,
    /// The job's trigger.
    pub trigger: TriggerSpec,
    /// The job's flow: a hook sees a batch whole.
    pub flow: Flow,
    /// Calls the user's function.
    pub run: fn(Invocation) -> BoxFuture<'static, Outcome>,
    /// Says what its parameters ask for that the program has not given.
    pub missing: fn(&StateMap) -> Vec<&'static str>,
    /// Where the job is declared.
    pub location: Location,
}

impl fmt::Debug for HookSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookSpec").field("id", &self.id).finish_non_exhaustive()
    }
}

impl HookSpec {
    /// The job that runs it.
    pub const fn job(self) -> JobSpec {
        let HookSpec { id, version, trigger, flow, run, missing, location } = self;
        JobSpec {
            id,
            name: id,
            version,
            enabled: true,
            trigger,
            filter: None,
            is_typed: false,
            retry: RetryPolicy::DEFAULT,
            timeout: None,
            log_level: None,
            flow: Flow { batch: flow.batch, ..Flow::NONE },
            hooks: Hooks::NONE,
            run,
            missing,
            location,
        }
    }
}
