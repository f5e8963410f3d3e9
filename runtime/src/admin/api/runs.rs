//! Runs.

use super::super::answer::{Answer, joined, json, listed, tagged};
use super::super::call::Call;
use super::super::route::{Route, get, post};

pub(super) static ROUTES: &[Route] = &[
    get("/runs", runs),
    post("/runs/retry", retry_all),
    get("/runs/{id}", run),
    get("/runs/{id}/steps", steps),
    get("/runs/{id}/logs", logs),
];

fn runs(call: &Call) -> Answer {
    let search = call.admin.run_search(&call.fields)?;
    tagged(&call.admin.runs(search)?, &call.headers)
}

fn run(call: &Call) -> Answer {
    let run = call.admin.run(call.uuid()?, call.fields.level()?)?;
    joined(&run.run, &run, &call.headers)
}

fn steps(call: &Call) -> Answer {
    listed("steps", &call.admin.run(call.uuid()?, 0)?.steps, &call.headers)
}

fn logs(call: &Call) -> Answer {
    listed("logs", &call.admin.run(call.uuid()?, call.fields.level()?)?.logs, &call.headers)
}

fn retry_all(call: &Call) -> Answer {
    if call.fields.is_on("plan") {
        return json(&call.admin.plan_retry(&call.fields)?);
    }
    json(&call.admin.retry_all(&call.fields)?)
}
