//! Events that a run sends: each with the step that sends it, once.

use super::IntoKey;
use super::execute::Execution;
use super::io::{Io, within};
use super::task::read;
use crate::error::{BoxError, Error, RunError};
use crate::event::{Call, Outgoing, SendError};
use crate::store::NewEvent;
use std::collections::HashMap;
use std::future::Future;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// What steps that are under way have sent, by their keys. It is stored with
/// their ends.
#[derive(Debug, Default)]
pub(super) struct Outbox(Mutex<HashMap<String, Vec<NewEvent>>>);

impl Outbox {
    fn put(&self, step: &str, event: NewEvent) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(step.to_owned()).or_default().push(event);
    }

    pub(super) fn take(&self, step: &str) -> Vec<NewEvent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(step).unwrap_or_default()
    }
}

impl Io {
    /// Sends an event, exactly once in the life of the run, whatever crashes;
    /// returns its id.
    ///
    /// Inside of a step it is sent when the step is done, in the transaction
    /// that records the step; a step that fails sends nothing. Between steps it
    /// is a step of its own.
    ///
    /// ```
    /// # use serde::{Deserialize, Serialize};
    /// # use triggerfish::prelude::*;
    /// # #[derive(Serialize, Deserialize)] struct Refund { cents: u64 }
    /// #[event(name = "refund.made")]
    /// fn on_refund(_: &Refund) {}
    ///
    /// # async fn f(io: &Io) -> Result<()> {
    /// io.send_event("tell", on_refund::event(&Refund { cents: 1500 })).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A key that the run has used before; a payload that is no JSON, or not of
    /// the type that is declared for the event; a store that no longer takes
    /// this execution's records.
    #[track_caller]
    pub fn send_event<K: IntoKey>(
        &self,
        key: K,
        event: Outgoing,
    ) -> impl Future<Output = Result<Uuid, RunError>> + use<K> {
        let key = key.into_key().below(within().as_deref());
        let begun = self.execution().replay.begin(key, Location::caller());
        let (execution, step) = (Arc::clone(self.execution()), within());
        async move {
            let mut begun = begun?;
            let Some(step) = step else {
                if let Some(step) = execution.replayed(&mut begun).await {
                    return read(&step);
                }
                return send_as_step(&execution, begun, event).await;
            };
            let new = address(&execution, begun.key(), event)?;
            let id = new.event.id;
            execution.outbox.put(&step, new);
            Ok(id)
        }
    }

    /// Calls a job, exactly once in the life of the run, whatever crashes;
    /// returns the id of the call's event. As [`Io::send_event`].
    ///
    /// ```
    /// # use triggerfish::prelude::*;
    /// #[job(id = "tidy", version = "1.0.0", trigger = invoke)]
    /// async fn tidy(Json(folder): Json<String>) {}
    ///
    /// # async fn f(io: &Io) -> Result<()> {
    /// io.invoke("tidy up", tidy::call(&"inbox".to_owned())).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Io::send_event`]; a job that the program does not run.
    #[track_caller]
    pub fn invoke<K: IntoKey, O>(
        &self,
        key: K,
        call: Call<O>,
    ) -> impl Future<Output = Result<Uuid, RunError>> + use<K, O> {
        self.send_event(key, call.event)
    }
}

async fn send_as_step(
    execution: &Execution,
    begun: super::replay::Begun,
    event: Outgoing,
) -> Result<Uuid, RunError> {
    let began = execution.setting.clock.now();
    match address(execution, begun.key(), event) {
        Ok(new) => {
            let id = new.event.id;
            execution.outbox.put(begun.key(), new);
            execution.record(begun, Default::default(), format!("\"{id}\""), began).await?;
            Ok(id)
        }
        Err(error) => {
            execution.fail(begun, Default::default(), error.to_string(), began).await;
            Err(error)
        }
    }
}

/// The event with its runs. What cannot be sent now cannot be sent later,
/// unless the job that is called is switched off.
pub(super) fn address(execution: &Execution, key: &str, event: Outgoing) -> Result<NewEvent, RunError> {
    execution.setting.events.address(event, Some(execution.fence.run)).map_err(|error| {
        let error: BoxError = match error {
            SendError::SwitchedOff(_) => error.into(),
            error => Error::fatal(error).into(),
        };
        RunError::step(key, error.as_ref())
    })
}
