//! The map and the problems.

use super::render::{self, Head};
use super::{graph, parts, text};
use crate::admin::Visit;
use crate::admin::answer::Answer;
use crate::admin::call::Call;
use crate::admin::route::{Route, get};
use crate::admin::view::problems::ProblemsView;
use askama::Template;
use std::time::Duration;

/// How far back the page of problems looks.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) static ROUTES: &[Route] = &[get("/map", map), get("/problems", problems)];

fn map(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "map.html")]
    struct Page<'a> {
        map: graph::Graph<'a>,
    }
    let Call { admin, visit, .. } = call;
    let map = admin.map()?;
    let page = Page { map: graph::graph(&map, &visit.root) };
    render::page(visit, &Head::new("/map", "Map"), &page)
}

fn problems(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "problems.html")]
    struct Page<'a> {
        visit: &'a Visit,
        problems: ProblemsView,
    }
    let Call { admin, visit, .. } = call;
    let problems = admin.problems(admin.app.clock.now().minus(WEEK))?;
    render::page(visit, &Head::new("/problems", "Problems"), &Page { visit, problems })
}
