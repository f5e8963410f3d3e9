//! Endpoints and jobs.

use super::super::answer::{Answer, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get};
use std::sync::Arc;

pub(super) static ROUTES: &[Route] =
    &[get("/endpoints", &endpoints), get("/endpoints/{id}", &endpoint), get("/jobs", &jobs)];

async fn endpoints(call: Arc<Call>) -> Answer {
    listed("endpoints", &call.admin.endpoints(&call.visit).await, &call.headers)
}

async fn endpoint(call: Arc<Call>) -> Answer {
    let spec = call.admin.spec(&call.id)?;
    tagged(&call.admin.endpoint_view(spec, &call.visit).await, &call.headers)
}

async fn jobs(call: Arc<Call>) -> Answer {
    let counts = call.admin.counts().await;
    let jobs = call.admin.registry.jobs().iter().map(|job| call.admin.job_view(job, &counts));
    listed("jobs", &jobs.collect::<Vec<_>>(), &call.headers)
}
