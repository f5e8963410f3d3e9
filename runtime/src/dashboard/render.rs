//! Draws pages. Their templates are compiled with the program, so one that does
//! not fit what it is given is no program; whatever a page is given is escaped,
//! by the templates' file extension.

use super::parts;
use crate::admin::Visit;
use crate::admin::answer::{Answer, Problem, respond};
use crate::admin::view::request::RequestView;
use askama::Template;
use askama::filters::HtmlSafe;
use axum::response::Response;
use http::StatusCode;
use std::fmt;

/// What a page's frame says of it.
pub(super) struct Head<'a> {
    /// The entry of the menu where it is.
    pub(super) here: &'a str,
    pub(super) title: &'a str,
    /// Whether it is loaded again and again where scripts are off.
    pub(super) refreshes: bool,
}

impl<'a> Head<'a> {
    pub(super) fn new(here: &'a str, title: &'a str) -> Self {
        Head { here, title, refreshes: false }
    }
}

/// The frame, the same for every page.
#[derive(Template)]
#[template(path = "base.html")]
struct Base<'a> {
    root: &'a str,
    csrf: Option<&'a str>,
    may_act: bool,
    version: &'static str,
    head: &'a Head<'a>,
    main: Main<'a>,
}

/// What stands inside of the frame. Nothing but a template can, which escapes what it is given.
pub(super) trait Page: fmt::Display {}

impl<T: Template> Page for T {}

struct Main<'a>(&'a dyn Page);

impl fmt::Display for Main<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl HtmlSafe for Main<'_> {}

/// Draws a page.
pub(super) fn page(visit: &Visit, head: &Head<'_>, page: &dyn Page) -> Answer {
    let html = drawn(visit, head, page)?;
    Ok(respond(StatusCode::OK, "text/html; charset=utf-8", html))
}

/// Draws a problem as a page.
pub(super) fn problem(visit: &Visit, problem: &Problem) -> Response {
    #[derive(Template)]
    #[template(path = "error.html")]
    struct Page<'a> {
        visit: &'a Visit,
        status: &'a str,
        problem: &'a Problem,
    }
    let status = problem.status.to_string();
    let page = Page { visit, status: &status, problem };
    let html = drawn(visit, &Head::new("-", &status), &page).unwrap_or_default();
    respond(problem.status, "text/html; charset=utf-8", html)
}

/// Draws one row of the stream, which has just arrived.
pub(super) fn row(root: &str, row: &RequestView) -> String {
    parts::fresh_row(root, row).render().unwrap_or_default()
}

fn drawn(visit: &Visit, head: &Head<'_>, page: &dyn Page) -> Answer<String> {
    let base = Base {
        root: &visit.root,
        csrf: visit.csrf.as_deref(),
        may_act: visit.may_act,
        version: env!("CARGO_PKG_VERSION"),
        head,
        main: Main(page),
    };
    base.render().map_err(|error| Problem {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        text: format!("the page cannot be drawn: {error}"),
    })
}
