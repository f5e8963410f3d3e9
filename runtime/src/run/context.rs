//! What a job can know of the run that it is.

use super::Invocation;
use crate::job::{FromRun, JobError};
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
    /// The job's id.
    pub job_id: &'static str,
    /// The job's version.
    pub job_version: &'static str,
    /// The endpoint's id.
    pub endpoint_id: Cow<'static, str>,
    /// The delivery's id.
    pub delivery_id: Uuid,
    /// The id that the provider gave to the delivery, where it gives one.
    pub provider_delivery_id: Option<String>,
    /// When the request was received.
    pub received_at: SystemTime,
}

#[diagnostic::do_not_recommend]
impl FromRun for Context {
    fn from_run(invocation: &Invocation) -> Result<Self, JobError> {
        Ok(invocation.context.clone())
    }
}
