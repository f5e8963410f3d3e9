//! The program that runs: for code that sends events and holds no handle.

use super::handle::{Events, SendError};
use super::outgoing::{Call, Outgoing};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use uuid::Uuid;

/// Every runtime that is started in this process, with a number.
static STARTED: RwLock<Vec<(u64, Events)>> = RwLock::new(Vec::new());
static NEXT: AtomicU64 = AtomicU64::new(0);

tokio::task_local! {
    /// The runtime whose job is being executed.
    static WITHIN: Events;
}

/// Takes the runtime off the list when it is dropped.
#[derive(Debug)]
pub(crate) struct AppGuard(u64);

/// Puts a runtime on the list of those that are started.
pub(crate) fn register(events: Events) -> AppGuard {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    STARTED.write().unwrap_or_else(PoisonError::into_inner).push((number, events));
    AppGuard(number)
}

impl Drop for AppGuard {
    fn drop(&mut self) {
        STARTED.write().unwrap_or_else(PoisonError::into_inner).retain(|(number, _)| *number != self.0);
    }
}

/// Executes a job of a runtime: what it sends is sent there.
pub(crate) fn enter<T>(events: Events, job: impl Future<Output = T>) -> impl Future<Output = T> {
    WITHIN.scope(events, job)
}

/// The runtime that is meant.
fn current() -> Result<Events, SendError> {
    if let Ok(events) = WITHIN.try_with(Clone::clone) {
        return Ok(events);
    }
    let started = STARTED.read().unwrap_or_else(PoisonError::into_inner);
    match started.as_slice() {
        [] => Err(SendError::NotStarted),
        [(_, events)] => Ok(events.clone()),
        several => Err(SendError::Several(several.len())),
    }
}

/// Sends an event, from anywhere in a program that runs; resolves with its id
/// when it is durable.
///
/// A job is executed again after a failure, and this would send again: inside
/// of a run use [`Io::send_event`](crate::run::Io::send_event), or give the
/// event an [id](Outgoing::id).
///
/// ```no_run
/// # use serde::{Deserialize, Serialize};
/// # use triggerfish::prelude::*;
/// # #[derive(Serialize, Deserialize)] struct User { name: String }
/// #[event(name = "user.created")]
/// fn on_user_created(user: &User) -> Properties {
///     Properties::new().text("Name", &user.name)
/// }
///
/// # async fn f(user: User) -> Result<()> {
/// triggerfish::send_event(on_user_created::event(&user)).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`Events::send`]; no runtime that is started in this process, or several:
/// then use [`Running::events`](crate::runtime::Running::events).
pub async fn send_event(event: Outgoing) -> Result<Uuid, SendError> {
    current()?.send(event).await
}

/// Sends several events, all or none. As [`send_event`].
///
/// # Errors
///
/// As [`send_event`]; then none is sent.
pub async fn send_events(events: impl IntoIterator<Item = Outgoing>) -> Result<Vec<Uuid>, SendError> {
    current()?.send_all(events).await
}

/// Cancels an event that is to be sent later; false where it was sent or
/// cancelled before, or never was.
///
/// # Errors
///
/// As [`send_event`].
pub async fn cancel_event(id: Uuid) -> Result<bool, SendError> {
    current()?.cancel(id).await
}

/// Calls a job whose trigger is `invoke`, from anywhere in a program that runs;
/// resolves with the id of the call's event when it is durable.
///
/// # Errors
///
/// As [`send_event`]; a job that the program does not run.
pub async fn invoke<O>(call: Call<O>) -> Result<Uuid, SendError> {
    current()?.invoke(call).await
}
