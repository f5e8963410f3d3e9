//! The routes of actions, which the API and the pages share. They differ in how
//! they tell what an action came to.

use super::actions::{LandedView, RevealedSecret};
use super::answer::Answer;
use super::call::Call;
use super::route::{Route, act};
use super::sources::BackfilledView;
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
    RunStarted(Uuid),
    /// Events were fetched from a provider.
    Backfilled(BackfilledView),
    /// A request as a command.
    Command(String),
}

pub(crate) static ROUTES: &[Route] = &[
    act("/endpoints/{id}/send", send),
    act("/endpoints/{id}/reveal", reveal),
    act("/endpoints/{id}/rotate", rotate),
    act("/endpoints/{id}/pause", switch_endpoint::<true>),
    act("/endpoints/{id}/resume", switch_endpoint::<false>),
    act("/jobs/{id}/pause", switch_job::<true>),
    act("/jobs/{id}/resume", switch_job::<false>),
    act("/requests/{id}/replay", replay),
    act("/requests/{id}/curl", curl),
    act("/runs/{id}/retry", retry),
    act("/runs/{id}/cancel", cancel),
    act("/runs/{id}/complete", complete),
    act("/sources/{id}/register", register),
    act("/sources/{id}/unregister", unregister),
    act("/sources/{id}/backfill", backfill),
];

fn send(call: &Call) -> Answer<Effect> {
    call.admin.send(&call.id, &call.fields).map(Effect::Landed)
}

fn reveal(call: &Call) -> Answer<Effect> {
    call.admin.reveal(&call.id).map(Effect::Secrets)
}

fn rotate(call: &Call) -> Answer<Effect> {
    call.admin.rotate(&call.id, &call.fields).map(Effect::Secrets)
}

fn switch_endpoint<const OFF: bool>(call: &Call) -> Answer<Effect> {
    call.admin.switch_endpoint(&call.id, OFF)?;
    Ok(Effect::EndpointSwitched { off: OFF })
}

fn switch_job<const OFF: bool>(call: &Call) -> Answer<Effect> {
    call.admin.switch_job(&call.id, OFF)?;
    Ok(Effect::JobSwitched { off: OFF })
}

fn replay(call: &Call) -> Answer<Effect> {
    call.admin.replay(call.uuid()?, &call.fields).map(Effect::Landed)
}

fn curl(call: &Call) -> Answer<Effect> {
    call.admin.curl(call.uuid()?, &call.visit).map(Effect::Command)
}

fn retry(call: &Call) -> Answer<Effect> {
    let run = call.uuid()?;
    call.admin.retry(run, call.fields.get("from"))?;
    Ok(Effect::RunChanged(run))
}

fn cancel(call: &Call) -> Answer<Effect> {
    let run = call.uuid()?;
    call.admin.cancel(run)?;
    Ok(Effect::RunChanged(run))
}

fn complete(call: &Call) -> Answer<Effect> {
    let run = call.uuid()?;
    call.admin.complete(run, &call.fields)?;
    Ok(Effect::RunChanged(run))
}

fn register(call: &Call) -> Answer<Effect> {
    call.admin.register(&call.id).map(Effect::RunStarted)
}

fn unregister(call: &Call) -> Answer<Effect> {
    call.admin.unregister(&call.id).map(Effect::RunStarted)
}

fn backfill(call: &Call) -> Answer<Effect> {
    call.admin.backfill(&call.id, &call.fields).map(Effect::Backfilled)
}
