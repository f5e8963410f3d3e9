//! Sends events: from what a program says to what the store takes.

use super::RESERVED;
use super::outgoing::{Call, Outgoing};
use super::subscriptions::Subscriptions;
use crate::flow::{self, Given, new_run};
use crate::id;
use crate::store::{
    CancelKey, EventRecord, EventState, Listener, NewEvent, NewRun, Slots, Store, StoreError,
};
use crate::time::{Clock, Timestamp};
use bytes::Bytes;
use std::fmt;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use uuid::Uuid;

/// Sends the events of a program that runs. Cheap to clone.
#[derive(Clone)]
pub struct Events {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    clock: Clock,
    subscriptions: Arc<Subscriptions>,
    slots: Slots,
    /// Told when a run waits in the store.
    listener: OnceLock<Arc<dyn Listener>>,
    /// Told when an event waits for its time.
    timer: Arc<Notify>,
}

/// Whom to wake when events are stored.
#[must_use = "wake after the commit"]
pub(crate) struct Wake {
    events: Events,
    runs_wait: bool,
    events_wait: bool,
}

impl Wake {
    fn is_needed(&self) -> bool {
        self.runs_wait || self.events_wait
    }

    /// Wakes whoever has to look; called after the commit.
    pub(crate) fn now(self) {
        if self.runs_wait
            && let Some(listener) = self.events.inner.listener.get()
        {
            listener.due();
        }
        if self.events_wait {
            self.events.inner.timer.notify_one();
        }
    }
}

/// Why an event was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// No runtime is started in this process.
    #[error(
        "no runtime is started in this process: send events after `Runtime::start` or while `runtime::serve` runs"
    )]
    NotStarted,
    /// Several runtimes are started in this process.
    #[error(
        "{0} runtimes are started in this process: say which one sends, with `running.events()` of what \
         `Runtime::start` returned"
    )]
    Several(usize),
    /// The name cannot be that of an event.
    #[error("`{0}` cannot be the name of an event: it is not empty, and does not begin with `{RESERVED}`")]
    Name(String),
    /// The payload cannot be written as JSON.
    #[error("the payload of event `{name}` cannot be written as JSON: {cause}")]
    Unwritable {
        /// The event's name.
        name: String,
        /// Why.
        cause: String,
    },
    /// The payload is not what the event is declared to carry.
    #[error("event `{name}` is declared at {at}, and {cause}")]
    Undeclared {
        /// The event's name.
        name: String,
        /// Where it is declared.
        at: crate::endpoint::Location,
        /// Why.
        cause: String,
    },
    /// The program does not run the job.
    #[error("job \"{0}\" is not one that this program runs: is it linked in, and enabled?")]
    NoJob(String),
    /// A person switched the job off.
    #[error("job \"{0}\" is switched off: it takes no calls until somebody switches it on")]
    SwitchedOff(String),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Events {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Clock,
        subscriptions: Arc<Subscriptions>,
        slots: Slots,
    ) -> Self {
        let (listener, timer) = (OnceLock::new(), Arc::default());
        Events { inner: Arc::new(Inner { store, clock, subscriptions, slots, listener, timer }) }
    }

    /// Says who is told of runs that wait in the store.
    pub(crate) fn wakes(&self, listener: Arc<dyn Listener>) {
        // Set once, when the workers start.
        let _ = self.inner.listener.set(listener);
    }

    /// Told when an event waits for its time.
    pub(crate) fn timer(&self) -> &Arc<Notify> {
        &self.inner.timer
    }

    /// Whom to wake when these are stored.
    pub(crate) fn wake_for(&self, events: &[NewEvent]) -> Wake {
        Wake {
            events: self.clone(),
            runs_wait: events.iter().any(|new| waits(&new.runs)),
            events_wait: events.iter().any(|new| new.event.state == EventState::Pending),
        }
    }

    /// Whom to wake when these runs are stored.
    pub(crate) fn wake_for_runs<'r>(&self, runs: impl IntoIterator<Item = &'r Vec<NewRun>>) -> Wake {
        Wake { events: self.clone(), runs_wait: runs.into_iter().any(|runs| waits(runs)), events_wait: false }
    }

    /// Sends an event: resolves with its id when it is durable, with a run for
    /// each job that takes it. Where an event of its name has its id already,
    /// nothing is stored, and the id of that one is returned.
    ///
    /// # Errors
    ///
    /// A payload that is no JSON, or not of the type that is declared for the
    /// event; a store that does not take it.
    pub async fn send(&self, event: Outgoing) -> Result<Uuid, SendError> {
        let new = self.address(event, None)?;
        let id = new.event.id;
        self.store_all(vec![new]).await?;
        Ok(id)
    }

    /// Sends several events, all or none. As [`Events::send`].
    ///
    /// # Errors
    ///
    /// As [`Events::send`]; then none is sent.
    pub async fn send_all(&self, events: impl IntoIterator<Item = Outgoing>) -> Result<Vec<Uuid>, SendError> {
        let new: Vec<_> =
            events.into_iter().map(|event| self.address(event, None)).collect::<Result<_, _>>()?;
        let ids = new.iter().map(|new| new.event.id).collect();
        self.store_all(new).await?;
        Ok(ids)
    }

    /// Stores events and wakes whoever has to look, also when the caller does
    /// not wait for it.
    async fn store_all(&self, new: Vec<NewEvent>) -> Result<(), StoreError> {
        let wake = self.wake_for(&new);
        if !wake.is_needed() {
            self.inner.store.send_events(new).await?;
            return Ok(());
        }
        let store = Arc::clone(&self.inner.store);
        let all = async move {
            let stored = store.send_events(new).await;
            wake.now();
            stored
        };
        match Handle::try_current() {
            Ok(runtime) => runtime.spawn(all).await.unwrap_or(Err(StoreError::Closed))?,
            Err(_) => all.await?,
        };
        Ok(())
    }

    /// Calls a job: resolves with the id of the call's event when it is
    /// durable, which is that of its run, too, unless the call is for later
    /// or has an id by which repeats are recognised. Where the job was called with its id already, nothing is
    /// stored, and the id of that call is returned.
    ///
    /// # Errors
    ///
    /// As [`Events::send`]; a job that the program does not run.
    pub async fn invoke<O>(&self, call: Call<O>) -> Result<Uuid, SendError> {
        self.send(call.event).await
    }

    /// Cancels an event that is to be sent later; false where it was sent or
    /// cancelled before, or never was.
    ///
    /// # Errors
    ///
    /// A store that does not take it.
    pub async fn cancel(&self, id: Uuid) -> Result<bool, SendError> {
        Ok(self.inner.store.cancel_event(id).await?)
    }

    /// What the store takes: the event with its runs. `sender` is the run that sends it.
    pub(crate) fn address(&self, event: Outgoing, sender: Option<Uuid>) -> Result<NewEvent, SendError> {
        let now = self.inner.clock.now();
        let event = self.record(event, sender, now)?;
        let (mut runs, cancels) = match event.state {
            EventState::Sent => (self.runs(&event, now), self.cancels(&event)),
            _ => (Vec::new(), Vec::new()),
        };
        // The run of a call has the call's id, which a key would make no id of its time.
        if let ([run], Some(_), None) = (&mut runs[..], &event.job, &event.key) {
            run.id = event.id;
        }
        Ok(NewEvent { event: Arc::new(event), runs, cancels })
    }

    /// Which runs an event cancels.
    pub(crate) fn cancels(&self, event: &EventRecord) -> Vec<CancelKey> {
        flow::cancels(self.inner.subscriptions.jobs(), &event.name, &event.payload)
    }

    /// A run for each job that takes an event now.
    pub(crate) fn runs(&self, event: &EventRecord, now: Timestamp) -> Vec<NewRun> {
        let takers = self.inner.subscriptions.takers(event);
        let given = Given::Payload(&event.payload);
        takers.into_iter().map(|job| new_run(job, given, now, &self.inner.slots)).collect()
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub(crate) fn subscriptions(&self) -> &Subscriptions {
        &self.inner.subscriptions
    }

    fn record(
        &self,
        event: Outgoing,
        sender: Option<Uuid>,
        now: Timestamp,
    ) -> Result<EventRecord, SendError> {
        let Outgoing { name, source, job, payload, context, properties, id, due, at, test } = event;
        if name.is_empty() || (name.starts_with(RESERVED) && job.is_none()) {
            return Err(SendError::Name(name.into_owned()));
        }
        if let Some(job) = &job {
            match self.inner.subscriptions.running(job) {
                None => return Err(SendError::NoJob(job.to_string())),
                Some(running) if running.is_off() => return Err(SendError::SwitchedOff(job.to_string())),
                Some(_) => {}
            }
        }
        let unwritable = |cause| SendError::Unwritable { name: name.to_string(), cause };
        let payload = payload.map_err(unwritable)?;
        let context = context.transpose().map_err(unwritable)?;
        let properties = match properties {
            Some(known) => known.to_json(),
            None => self.properties(&name, source.as_deref(), &payload)?,
        };
        let key = id.map(|id| keyed(job.as_deref(), id));
        let due_at = due.at(now);
        Ok(EventRecord {
            id: match &key {
                Some(key) => id::of_key(&name, source.as_deref(), key),
                None => id::new(now),
            },
            name,
            source,
            job,
            key,
            payload,
            context,
            properties,
            at: at.map_or(now, Timestamp::from),
            due_at,
            state: if due_at.is_some() { EventState::Pending } else { EventState::Sent },
            delivery: None,
            sender,
            test,
        })
    }

    /// What is shown of an event that was sent by its name, where it is declared.
    fn properties(
        &self,
        name: &str,
        source: Option<&str>,
        payload: &Bytes,
    ) -> Result<Option<String>, SendError> {
        let Some(spec) = self.inner.subscriptions.declared(name, source) else { return Ok(None) };
        let undeclared = |cause| SendError::Undeclared { name: name.to_owned(), at: spec.location, cause };
        (spec.properties)(payload).map(|shown| shown.to_json()).map_err(undeclared)
    }
}

/// The key of an event, among those of its name and source: that of a call is the job's own.
fn keyed(job: Option<&str>, id: String) -> String {
    match job {
        Some(job) => format!("{job}:{id}"),
        None => id,
    }
}

/// Whether some of these runs found no free place.
fn waits(runs: &[NewRun]) -> bool {
    runs.iter().any(|run| run.slot.is_none())
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
