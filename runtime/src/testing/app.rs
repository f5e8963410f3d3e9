//! A program under test: the real router and the real workers in this process,
//! with a clock that the test moves.

use super::request::Delivering;
use super::run::TestRun;
use super::setup::Setup;
use crate::endpoint::Endpoint;
use crate::event::{Call, Outgoing, SendError};
use crate::job::Job;
use crate::run::CrashPoint;
use crate::runtime::{Running, Runtime};
use crate::store::{OriginId, RunQuery, RunState, Store, StoreError};
use crate::time::Timestamp;
use crate::verify::SignError;
use axum::body::Body;
use bytes::Bytes;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use uuid::Uuid;

/// How often the clock is moved before a test is told that it never ends.
const MOST_MOVES: usize = 10_000;
/// How often the workers are looked at.
const LOOK: Duration = Duration::from_millis(1);

/// A program under test: its real router and workers, in this process, with a
/// clock that stands still until the test moves it.
///
/// ```standalone_crate
/// # use triggerfish::prelude::*;
/// use triggerfish::testing::App;
///
/// #[http_endpoint(id = "shop")]
/// fn shop() -> Verifier {
///     Verifier::hmac_sha256().header("X-Shop-Signature").secret(env("SHOP_SECRET"))
/// }
///
/// #[job(id = "remind", version = "1.0.0", trigger = shop)]
/// async fn remind(io: Io) -> Result<()> {
///     io.wait("a week", std::time::Duration::from_secs(7 * 24 * 3600)).await?;
///     io.run_task("mail", async || done("sent".to_owned())).await?;
///     Ok(())
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let mut app = App::setup().start().await?;
/// app.deliver::<shop>(r#"{"order":7}"#).await?;
/// app.crash_after("a week");
/// app.run_until_idle().await?;
///
/// let run = app.run_of::<remind>().await?;
/// run.assert_done();
/// assert_eq!(run.output::<String>("mail")?, "sent");
/// assert_eq!(app.crashes(), 1);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct App {
    setup: Setup,
    running: Option<Running>,
    crash: Arc<CrashPoint>,
    crashes: usize,
}

/// Why a test could not do what it wanted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// The program did not start, or not again.
    #[error("the program did not start: {0}")]
    Start(#[from] crate::runtime::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The event cannot be sent.
    #[error(transparent)]
    Event(#[from] SendError),
    /// The endpoint's scheme cannot be signed for.
    #[error("no signed request can be made: {0}")]
    Sign(#[from] SignError),
    /// The program has no such endpoint, or it is not enabled.
    #[error("the program under test has no endpoint \"{0}\" that takes requests")]
    NoEndpoint(&'static str),
    /// The request cannot be made.
    #[error("the request cannot be made: {0}")]
    Request(String),
    /// What was looked for is not there.
    #[error("{0}")]
    Missing(String),
    /// Runs go on executing.
    #[error(
        "runs still execute after {patience:?} of real time: {runs}; a step that waits for the clock needs `app.advance(..)`"
    )]
    Stuck {
        /// How long they had.
        patience: Duration,
        /// Which.
        runs: String,
    },
    /// There is always something due next.
    #[error("something is due again and again; use `app.advance(..)` to stop at a time")]
    Endless,
}

impl App {
    /// Sets up a program.
    pub fn setup() -> Setup {
        Setup::new()
    }

    pub(super) async fn start(setup: Setup) -> Result<App, crate::runtime::Error> {
        let mut app = App { setup, running: None, crash: Arc::default(), crashes: 0 };
        app.open().await?;
        Ok(app)
    }

    async fn open(&mut self) -> Result<(), crate::runtime::Error> {
        let Setup { config, registry, state, secrets, clock, kept, .. } = &self.setup;
        let mut builder = Runtime::builder()
            .config(config.clone())
            .secrets(secrets.clone())
            .clock(clock.clone())
            .store(kept.open(clock)?)
            .states(state.clone())
            .crash_point(Arc::clone(&self.crash));
        if let Some(registry) = registry {
            builder = builder.registry(registry.clone());
        }
        self.running = Some(builder.build()?.start().await?);
        Ok(())
    }

    pub(super) fn running(&self) -> Result<&Running, TestError> {
        self.running.as_ref().ok_or_else(|| TestError::Missing("the program did not start again".to_owned()))
    }

    /// The time that the program sees.
    pub fn now(&self) -> SystemTime {
        self.setup.clock.now().into()
    }

    /// The store, to look at what is kept.
    ///
    /// # Errors
    ///
    /// A program that did not start again after a crash.
    pub fn store(&self) -> Result<&Arc<dyn Store>, TestError> {
        Ok(self.running()?.store())
    }

    /// Sends an endpoint a POST request that is signed as its provider signs.
    ///
    /// # Errors
    ///
    /// An endpoint that the program does not have, or whose provider signs with
    /// a private key.
    pub async fn deliver<E: Endpoint>(&self, body: impl Into<Bytes>) -> Result<super::Answer, TestError> {
        self.request::<E>(body).send().await
    }

    /// As [`App::deliver`], with a value as its body.
    ///
    /// # Errors
    ///
    /// As [`App::deliver`]; a value that is no JSON.
    pub async fn deliver_json<E: Endpoint>(&self, body: &impl Serialize) -> Result<super::Answer, TestError> {
        let body = serde_json::to_vec(body).map_err(|error| TestError::Request(error.to_string()))?;
        self.deliver::<E>(body).await
    }

    /// A request to an endpoint, to be changed before it is sent.
    pub fn request<E: Endpoint>(&self, body: impl Into<Bytes>) -> Delivering<'_> {
        Delivering::new(self, &E::SPEC, body.into())
    }

    /// Sends an event, as any part of the program does.
    ///
    /// # Errors
    ///
    /// An event that cannot be sent; a program that did not start again.
    pub async fn send_event(&self, event: Outgoing) -> Result<Uuid, TestError> {
        Ok(self.running()?.events().send(event).await?)
    }

    /// Calls a job.
    ///
    /// # Errors
    ///
    /// As [`App::send_event`]; a job that the program does not run.
    pub async fn invoke<O>(&self, call: Call<O>) -> Result<Uuid, TestError> {
        Ok(self.running()?.events().invoke(call).await?)
    }

    /// Any request, as it is: to an address that a run waits at, for example.
    ///
    /// # Errors
    ///
    /// A method or a target that is none.
    pub async fn call(
        &self,
        method: &str,
        target: &str,
        body: impl Into<Bytes>,
    ) -> Result<super::Answer, TestError> {
        let no = |what: &str| TestError::Request(format!("`{what}` cannot be asked for"));
        let mut request = http::Request::new(Body::from(body.into()));
        *request.method_mut() = method.parse().map_err(|_| no(method))?;
        *request.uri_mut() = target.parse().map_err(|_| no(target))?;
        super::request::call(self.running()?, request).await
    }

    /// Lets the process die when the step, or wait, of this key is recorded
    /// next; called before the run gets there. It is started again, on the same store, by the next call that runs
    /// the program.
    pub fn crash_after(&self, step: impl Into<String>) {
        self.crash.set(step.into());
    }

    /// How often the process has died.
    pub fn crashes(&self) -> usize {
        self.crashes
    }

    /// Lets the process die now, and starts it again on the same store.
    ///
    /// # Errors
    ///
    /// A program that does not start again.
    pub async fn crash(&mut self) -> Result<(), TestError> {
        if let Some(running) = self.running.take() {
            running.abandon().await;
        }
        self.crashes += 1;
        Ok(self.open().await?)
    }

    /// Stops the program as a signal does, and starts it again on the same store.
    ///
    /// # Errors
    ///
    /// A program that does not start again.
    pub async fn restart(&mut self) -> Result<(), TestError> {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
        Ok(self.open().await?)
    }

    /// Runs what is due, until nothing executes and nothing more happens
    /// unless the clock is moved.
    ///
    /// # Errors
    ///
    /// Runs that go on executing; a store that fails; a program that does not
    /// start again after a crash.
    pub async fn settle(&mut self) -> Result<(), TestError> {
        let end = Instant::now() + self.setup.patience;
        loop {
            if self.crash.take() {
                self.crash().await?;
            }
            if let Some(next) = self.running()?.while_idle(self.next_due()).await
                && next?.is_none_or(|due| due > self.setup.clock.now())
            {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(self.stuck().await?);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Runs everything to its end: moves the clock from one retry, wait and
    /// delayed event to the next until nothing is left.
    ///
    /// # Errors
    ///
    /// As [`App::settle`]; something that is due again and again.
    pub async fn run_until_idle(&mut self) -> Result<(), TestError> {
        for _ in 0..MOST_MOVES {
            self.settle().await?;
            match self.next_due().await? {
                // What never ends by itself is due at the end of time.
                None | Some(Timestamp::NEVER) => return Ok(()),
                Some(due) => self.setup.clock.advance(due.since(self.setup.clock.now())),
            }
        }
        Err(TestError::Endless)
    }

    /// Moves the clock by so much, and runs on the way everything that is due.
    ///
    /// # Errors
    ///
    /// As [`App::run_until_idle`].
    pub async fn advance(&mut self, by: Duration) -> Result<(), TestError> {
        let clock = self.setup.clock.clone();
        let until = clock.now().plus(by);
        for _ in 0..MOST_MOVES {
            let settled = self.settle().await;
            match self.next_due().await? {
                Some(due) if settled.is_ok() && due <= until => clock.advance(due.since(clock.now())),
                _ => {
                    // A step that waits for the clock keeps its run from settling.
                    clock.advance(until.since(clock.now()));
                    return self.settle().await;
                }
            }
        }
        Err(TestError::Endless)
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, TestError> {
        let store = self.store()?;
        // In this order: what a timer sets off is a run by then.
        let (timer, run) = (store.next_timer().await?, store.next_due().await?);
        Ok(run.into_iter().chain(timer).min())
    }

    async fn stuck(&self) -> Result<TestError, TestError> {
        let query = RunQuery { state: Some(RunState::Running), ..RunQuery::default() };
        let runs = self.store()?.runs(query).await?;
        let runs = runs.iter().map(|run| format!("{} of job {}", run.id, run.job)).collect::<Vec<_>>();
        Ok(TestError::Stuck { patience: self.setup.patience, runs: runs.join(", ") })
    }

    /// All runs, the oldest first.
    ///
    /// # Errors
    ///
    /// A store that fails.
    pub async fn runs(&self) -> Result<Vec<TestRun>, TestError> {
        self.find(RunQuery { limit: usize::MAX, ..RunQuery::default() }).await
    }

    /// The newest run of a job.
    ///
    /// # Errors
    ///
    /// A job that has no run; a store that fails.
    pub async fn run_of<J: Job>(&self) -> Result<TestRun, TestError> {
        let query = RunQuery { job: Some(J::SPEC.id.to_owned()), limit: 1, ..RunQuery::default() };
        let missing = || TestError::Missing(format!("job \"{}\" has no run", J::SPEC.id));
        self.find(query).await?.pop().ok_or_else(missing)
    }

    /// One run.
    ///
    /// # Errors
    ///
    /// A run that is not stored; a store that fails.
    pub async fn run(&self, id: Uuid) -> Result<TestRun, TestError> {
        let missing = || TestError::Missing(format!("there is no run {id}"));
        self.find(RunQuery { id: Some(id), ..RunQuery::default() }).await?.pop().ok_or_else(missing)
    }

    /// The run that another has called, with `io.invoke_and_wait` or
    /// `io.invoke` between steps, at the key `key`.
    ///
    /// # Errors
    ///
    /// A run that has called nothing there; a call that is to be made later; a
    /// store that fails.
    pub async fn called_by(&self, caller: &TestRun, key: &str) -> Result<TestRun, TestError> {
        let missing = |what: &str| TestError::Missing(format!("the run has called {what} at `{key}`"));
        let event = caller.call(key).ok_or_else(|| missing("nothing"))?;
        let query = RunQuery { origin: Some(OriginId::Event(event)), ..RunQuery::default() };
        // The oldest first: what came later are its hooks and replays.
        let found = self.find(query).await?.into_iter().next();
        found.ok_or_else(|| missing("a job that has no run yet"))
    }

    async fn find(&self, query: RunQuery) -> Result<Vec<TestRun>, TestError> {
        let store = self.store()?;
        store.flush().await?;
        let mut found = Vec::new();
        for run in store.runs(query).await?.into_iter().rev() {
            let (steps, waits) = (store.steps(run.id).await?, store.waits(run.id).await?);
            let (logs, returned) = (store.logs(run.id).await?, store.output(run.id).await?);
            found.push(TestRun { run, steps, waits, logs, returned });
        }
        Ok(found)
    }

    /// Stops the program as a signal does.
    pub async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("crashes", &self.crashes).finish_non_exhaustive()
    }
}
