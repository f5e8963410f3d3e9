//! The routes of actions, which the API and the pages share. They differ in how
//! they tell what an action came to.

use super::actions::{LandedView, RevealedSecret};
use super::answer::Answer;
use super::call::Call;
use super::route::{Route, act};
use super::sources::BackfilledView;
use std::sync::Arc;
use uuid::Uuid;

/// What an action came to.
pub(crate) enum Effect {
    /// A request was sent.
    Landed(LandedView),
    /// The secrets of an endpoint are to be shown.
    Secrets(Vec<RevealedSecret>),
    EndpointSwitched {
        off: bool,
    },
    JobSwitched {
        off: bool,
    },
    /// A person did something to a run.
    RunChanged(Uuid),
    /// A run was started; its id.
    RunStarted(String),
    /// Events were fetched from a provider.
    Backfilled(BackfilledView),
    /// A request as a command.
    Command(String),
}

pub(crate) static ROUTES: &[Route] = &[
    act("/endpoints/{id}/send", &send),
    act("/endpoints/{id}/reveal", &reveal),
    act("/endpoints/{id}/rotate", &rotate),
    act("/endpoints/{id}/pause", &switch_endpoint::<true>),
    act("/endpoints/{id}/resume", &switch_endpoint::<false>),
    act("/jobs/{id}/pause", &switch_job::<true>),
    act("/jobs/{id}/resume", &switch_job::<false>),
    act("/requests/{id}/replay", &replay),
    act("/requests/{id}/curl", &curl),
    act("/runs/{id}/retry", &retry),
    act("/runs/{id}/cancel", &cancel),
    act("/runs/{id}/complete", &complete),
    act("/sources/{id}/register", &register),
    act("/sources/{id}/unregister", &unregister),
    act("/sources/{id}/backfill", &backfill),
];

async fn send(call: Arc<Call>) -> Answer<Effect> {
    call.admin.send(&call.id, &call.fields).await.map(Effect::Landed)
}

async fn reveal(call: Arc<Call>) -> Answer<Effect> {
    call.admin.reveal(&call.id).map(Effect::Secrets)
}

async fn rotate(call: Arc<Call>) -> Answer<Effect> {
    call.admin.rotate(&call.id, &call.fields).await.map(Effect::Secrets)
}

async fn switch_endpoint<const OFF: bool>(call: Arc<Call>) -> Answer<Effect> {
    call.admin.switch_endpoint(&call.id, OFF).await?;
    Ok(Effect::EndpointSwitched { off: OFF })
}

async fn switch_job<const OFF: bool>(call: Arc<Call>) -> Answer<Effect> {
    call.admin.switch_job(&call.id, OFF).await?;
    Ok(Effect::JobSwitched { off: OFF })
}

async fn replay(call: Arc<Call>) -> Answer<Effect> {
    call.admin.replay(call.uuid()?, &call.fields).await.map(Effect::Landed)
}

async fn curl(call: Arc<Call>) -> Answer<Effect> {
    call.admin.curl(call.uuid()?, &call.visit).await.map(Effect::Command)
}

async fn retry(call: Arc<Call>) -> Answer<Effect> {
    let run = call.uuid()?;
    call.admin.retry(run, call.fields.get("from")).await?;
    Ok(Effect::RunChanged(run))
}

async fn cancel(call: Arc<Call>) -> Answer<Effect> {
    let run = call.uuid()?;
    call.admin.cancel(run).await?;
    Ok(Effect::RunChanged(run))
}

async fn complete(call: Arc<Call>) -> Answer<Effect> {
    let run = call.uuid()?;
    call.admin.complete(run, &call.fields).await?;
    Ok(Effect::RunChanged(run))
}

async fn register(call: Arc<Call>) -> Answer<Effect> {
    call.admin.register(&call.id).await.map(Effect::RunStarted)
}

async fn unregister(call: Arc<Call>) -> Answer<Effect> {
    call.admin.unregister(&call.id).await.map(Effect::RunStarted)
}

async fn backfill(call: Arc<Call>) -> Answer<Effect> {
    call.admin.backfill(&call.id, &call.fields).await.map(Effect::Backfilled)
}
