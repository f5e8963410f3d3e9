//! Endpoints and jobs.

use super::super::answer::{Answer, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get};

pub(super) static ROUTES: &[Route] =
    &[get("/endpoints", endpoints), get("/endpoints/{id}", endpoint), get("/jobs", jobs)];

fn endpoints(call: &Call) -> Answer {
    listed("endpoints", &call.admin.endpoints(&call.visit), &call.headers)
}

fn endpoint(call: &Call) -> Answer {
    let spec = call.admin.spec(&call.id)?;
    tagged(&call.admin.endpoint_view(spec, &call.visit), &call.headers)
}

fn jobs(call: &Call) -> Answer {
    let counts = call.admin.counts();
    let jobs = call.admin.registry.jobs().iter().map(|job| call.admin.job_view(job, &counts));
    listed("jobs", &jobs.collect::<Vec<_>>(), &call.headers)
}
