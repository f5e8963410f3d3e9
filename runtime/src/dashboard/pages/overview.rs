//! The map and the problems.

use super::{graph, render};
use crate::admin::answer::Answer;
use crate::admin::view::problems::ProblemsView;
use crate::admin::{Admin, Shared, Visit};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// How far back the page of problems looks.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new().route("/map", get(map)).route("/problems", get(problems))
}

async fn map(State(admin): Shared, visit: Visit) -> Answer {
    #[derive(Serialize)]
    struct Page {
        map: graph::Graph,
    }
    let page = Page { map: graph::graph(admin.map().await?, &visit.root) };
    render::page(&visit, "map.html", "/map", page)
}

async fn problems(State(admin): Shared, visit: Visit) -> Answer {
    #[derive(Serialize)]
    struct Page {
        problems: ProblemsView,
    }
    let problems = admin.problems(admin.app.clock.now().minus(WEEK)).await?;
    render::page(&visit, "problems.html", "/problems", Page { problems })
}
