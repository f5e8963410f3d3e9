//! The map and the problems.

use super::render::{self, Head};
use super::{graph, parts, text};
use crate::admin::answer::Answer;
use crate::admin::view::problems::ProblemsView;
use crate::admin::{Admin, Shared, Visit};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use std::sync::Arc;
use std::time::Duration;

/// How far back the page of problems looks.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new().route("/map", get(map)).route("/problems", get(problems))
}

async fn map(State(admin): Shared, visit: Visit) -> Answer {
    #[derive(Template)]
    #[template(path = "map.html")]
    struct Page {
        map: graph::Graph,
    }
    let page = Page { map: graph::graph(admin.map().await?, &visit.root) };
    render::page(&visit, &Head::new("/map", "Map"), &page)
}

async fn problems(State(admin): Shared, visit: Visit) -> Answer {
    #[derive(Template)]
    #[template(path = "problems.html")]
    struct Page<'a> {
        visit: &'a Visit,
        problems: ProblemsView,
    }
    let problems = admin.problems(admin.app.clock.now().minus(WEEK)).await?;
    render::page(&visit, &Head::new("/problems", "Problems"), &Page { visit: &visit, problems })
}
