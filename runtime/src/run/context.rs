//! What a job can know of the run that it is.

use super::Invocation;
use crate::job::{FromRun, JobError, JobSpec};
use crate::store::{Origin, Ticket};
use std::borrow::Cow;
use std::time::SystemTime;
use uuid::Uuid;

/// What a job can know of the run that it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context {
    /// The run's id, the same in all its attempts.
    pub run_id: Uuid,
    /// Which execution of the run this is, counting from 1.
    pub attempt: u32,
    /// How often the run has failed in a row, without progress between.
    pub failures: u32,
    /// When the run was made, the same in all its attempts.
    pub created_at: SystemTime,
    /// When this execution began. It differs between executions.
    pub started_at: SystemTime,
    /// The job's id.
    pub job_id: &'static str,
    /// The job's version.
    pub job_version: &'static str,
    /// The endpoint's id, where a delivery started the run.
    pub endpoint_id: Option<Cow<'static, str>>,
    /// The delivery's id, where one started the run.
    pub delivery_id: Option<Uuid>,
    /// The id that the provider gave to the delivery, where it gives one.
    pub provider_delivery_id: Option<String>,
    /// The event's id, where one started the run.
    pub event_id: Option<Uuid>,
    /// The event's name, where one started the run.
    pub event_name: Option<Cow<'static, str>>,
    /// Whether a person started it to try something out.
    pub is_test: bool,
    /// When the request was received, or the event happened.
    pub received_at: SystemTime,
}

impl Context {
    pub(super) fn new(job: &JobSpec, ticket: &Ticket, started_at: SystemTime) -> Self {
        let Ticket { fence, origin, failures, created_at, .. } = ticket;
        let (delivery, event) = (origin.delivery(), origin.event());
        let received_at = match origin {
            Origin::Delivery(delivery) => delivery.request.received_at(),
            Origin::Event(event) => event.at.into(),
        };
        Context {
            run_id: fence.run,
            attempt: fence.attempt,
            failures: *failures,
            created_at: (*created_at).into(),
            started_at,
            job_id: job.id,
            job_version: job.version,
            endpoint_id: delivery.map(|delivery| delivery.endpoint.clone()),
            delivery_id: delivery.map(|delivery| delivery.id),
            provider_delivery_id: delivery.and_then(|delivery| delivery.provider_id.clone()),
            event_id: event.map(|event| event.id),
            event_name: event.map(|event| event.name.clone()),
            is_test: event.is_some_and(|event| event.test),
            received_at,
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromRun for Context {
    fn from_run(invocation: &Invocation) -> Result<Self, JobError> {
        Ok(invocation.context.clone())
    }
}
