//! Many at once: what would be done, to be confirmed.

use super::render::{self, Head};
use super::{go, parts, text};
use crate::admin::Visit;
use crate::admin::answer::Answer;
use crate::admin::call::Call;
use crate::admin::route::{Route, post};
use crate::time::Timestamp;
use askama::Template;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[post("/replay", replay_all), post("/retry", retry_all)];

/// What would be done.
#[derive(Template)]
#[template(path = "plan.html")]
struct PlanPage<'a> {
    visit: &'a Visit,
    title: &'a str,
    what: &'a str,
    verb: &'a str,
    /// The page of one of them.
    kind: &'a str,
    action: String,
    back: String,
    fields: Vec<(&'a str, &'a str)>,
    count: u64,
    /// There are more than can be done at once.
    more: bool,
    sample: Vec<One<'a>>,
    /// How many the sample leaves out.
    left_out: usize,
}

/// One of those to which it would be done.
struct One<'a> {
    id: Uuid,
    state: &'static str,
    /// Its endpoint or its job.
    of: &'a str,
    at: Timestamp,
}

fn replay_all(call: &Call) -> Answer {
    let Call { admin, visit, fields, .. } = call;
    if fields.get("confirm").is_some() {
        admin.replay_all(fields)?;
        return Ok(go(visit, ""));
    }
    let names = ["text", "endpoint", "outcome", "since"];
    let plan = admin.plan_replay(fields)?;
    let sample = plan.sample.iter();
    let page = PlanPage {
        visit,
        title: "Send again",
        what: "requests are sent again",
        verb: "Send",
        kind: "requests",
        action: format!("{}/replay", visit.root),
        back: visit.root.clone(),
        fields: names.into_iter().filter_map(|name| Some((name, fields.get(name)?))).collect(),
        count: plan.count as u64,
        more: plan.more,
        left_out: plan.count.saturating_sub(plan.sample.len()),
        sample: sample
            .map(|request| One {
                id: request.id,
                state: request.outcome,
                of: &request.endpoint,
                at: request.at,
            })
            .collect(),
    };
    render::page(visit, &Head::new("", page.title), &page)
}

fn retry_all(call: &Call) -> Answer {
    let Call { admin, visit, fields, .. } = call;
    if fields.get("confirm").is_some() {
        admin.retry_all(fields)?;
        return Ok(go(visit, "/runs"));
    }
    let names = ["job", "state", "error", "since"];
    let plan = admin.plan_retry(fields)?;
    let sample = plan.sample.iter();
    let page = PlanPage {
        visit,
        title: "Retry",
        what: "runs go on where they failed",
        verb: "Retry",
        kind: "runs",
        action: format!("{}/retry", visit.root),
        back: format!("{}/problems", visit.root),
        fields: names.into_iter().filter_map(|name| Some((name, fields.get(name)?))).collect(),
        count: plan.count as u64,
        more: plan.more,
        left_out: plan.count.saturating_sub(plan.sample.len()),
        sample: sample
            .map(|run| One { id: run.id, state: run.state, of: &run.job, at: run.created_at })
            .collect(),
    };
    render::page(visit, &Head::new("/problems", page.title), &page)
}
