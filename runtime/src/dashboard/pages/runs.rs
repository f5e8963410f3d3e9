//! Runs.

use super::render::{self, Head};
use super::{Filter, parts, text, waterfall};
use crate::admin::Visit;
use crate::admin::answer::Answer;
use crate::admin::call::Call;
use crate::admin::route::{Route, get};
use crate::admin::view::run::{RunDetail, RunView};
use crate::store::RunState;
use askama::Template;

pub(super) static ROUTES: &[Route] = &[get("/runs", runs), get("/runs/{id}", run)];

fn runs(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "runs.html")]
    struct Page<'a> {
        visit: &'a Visit,
        runs: Vec<RunView>,
        next: Option<String>,
        filter: Filter<'a>,
        jobs: Vec<&'static str>,
        states: Vec<&'static str>,
        /// The one job whose runs are asked for, where the program runs it.
        job: Option<Job>,
    }
    struct Job {
        id: &'static str,
        name: &'static str,
        paused: bool,
    }
    let Call { admin, visit, fields, .. } = call;
    let found = admin.runs(admin.run_search(fields)?)?;
    let filter = Filter::of(fields);
    let subscriptions = &admin.app.subscriptions;
    let job = subscriptions.job(filter.job).map(|spec| Job {
        id: spec.id,
        name: spec.name,
        paused: subscriptions.is_off(spec.id),
    });
    let page = Page {
        visit,
        runs: found.runs,
        next: filter.next(found.next),
        jobs: admin.registry.jobs().iter().map(|job| job.id).collect(),
        states: RunState::ALL.iter().map(|state| state.name()).collect(),
        filter,
        job,
    };
    render::page(visit, &Head::new("/runs", "Runs"), &page)
}

fn run(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "run.html")]
    struct Page<'a> {
        visit: &'a Visit,
        r: &'a RunDetail,
        is_over: bool,
        bars: Vec<waterfall::Bar<'a>>,
        level: &'a str,
    }
    let id = call.uuid()?;
    let Call { admin, visit, fields, .. } = call;
    let r = &admin.run(id, fields.level()?)?;
    let is_over = r.stored.state.is_final();
    let title = format!("{} · {}", r.run.name, text::words(r.run.state));
    // One who writes into the form of a wait is not interrupted.
    let refreshes = !is_over && (r.waits.is_empty() || !visit.may_act);
    let page = Page {
        visit,
        bars: waterfall::bars(r, admin.app.clock.now()),
        level: fields.get("level").unwrap_or("debug"),
        is_over,
        r,
    };
    render::page(visit, &Head { refreshes, ..Head::new("/runs", &title) }, &page)
}
