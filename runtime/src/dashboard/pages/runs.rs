//! Runs.

use super::render::{self, Head};
use super::{Filter, go, parts, text, waterfall};
use crate::admin::answer::{Answer, Id};
use crate::admin::extract::{Acting, Asked};
use crate::admin::view::run::{RunDetail, RunView};
use crate::admin::{Admin, Shared, Visit};
use crate::store::RunState;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new()
        .route("/runs", get(runs))
        .route("/runs/{id}", get(run))
        .route("/runs/{id}/retry", post(retry))
        .route("/runs/{id}/cancel", post(cancel))
        .route("/runs/{id}/complete", post(complete))
}

async fn runs(State(admin): Shared, visit: Visit, Asked(fields): Asked) -> Answer {
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
    let found = admin.runs(admin.run_search(&fields)?).await?;
    let filter = Filter::of(&fields);
    let subscriptions = &admin.app.subscriptions;
    let job = subscriptions.job(filter.job).map(|spec| Job {
        id: spec.id,
        name: spec.name,
        paused: subscriptions.is_off(spec.id),
    });
    let page = Page {
        visit: &visit,
        runs: found.runs,
        next: filter.next(found.next),
        jobs: admin.registry.jobs().iter().map(|job| job.id).collect(),
        states: RunState::ALL.iter().map(|state| state.name()).collect(),
        filter,
        job,
    };
    render::page(&visit, &Head::new("/runs", "Runs"), &page)
}

async fn run(State(admin): Shared, visit: Visit, Id(id): Id, Asked(fields): Asked) -> Answer {
    #[derive(Template)]
    #[template(path = "run.html")]
    struct Page<'a> {
        visit: &'a Visit,
        r: &'a RunDetail,
        is_over: bool,
        bars: Vec<waterfall::Bar<'a>>,
        level: &'a str,
    }
    let r = &admin.run(id, fields.level()?).await?;
    let is_over = r.stored.state.is_final();
    let title = format!("{} · {}", r.run.name, text::words(r.run.state));
    // One who writes into the form of a wait is not interrupted.
    let refreshes = !is_over && (r.waits.is_empty() || !visit.may_act);
    let page = Page {
        visit: &visit,
        bars: waterfall::bars(r, admin.app.clock.now()),
        level: fields.get("level").unwrap_or("debug"),
        is_over,
        r,
    };
    render::page(&visit, &Head { refreshes, ..Head::new("/runs", &title) }, &page)
}

async fn retry(State(admin): Shared, visit: Visit, Id(id): Id, Acting(fields): Acting) -> Answer {
    admin.retry(id, fields.get("from")).await?;
    Ok(go(&visit, &format!("/runs/{id}")))
}

async fn cancel(State(admin): Shared, visit: Visit, Id(id): Id, _: Acting) -> Answer {
    admin.cancel(id).await?;
    Ok(go(&visit, &format!("/runs/{id}")))
}

async fn complete(State(admin): Shared, visit: Visit, Id(id): Id, Acting(fields): Acting) -> Answer {
    admin.complete(id, &fields).await?;
    Ok(go(&visit, &format!("/runs/{id}")))
}
