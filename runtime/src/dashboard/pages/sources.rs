//! External sources.

use super::render::{self, Head};
use super::{parts, text};
use crate::admin::answer::Answer;
use crate::admin::call::Call;
use crate::admin::route::{Route, get};
use crate::admin::sources::BackfilledView;
use crate::admin::view::request::RequestView;
use crate::admin::view::source::SourceView;
use crate::admin::{Admin, Visit};
use crate::store::RequestQuery;
use askama::Template;

pub(super) static ROUTES: &[Route] = &[get("/sources", sources), get("/sources/{id}", source)];

fn sources(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "sources.html")]
    struct Page<'a> {
        visit: &'a Visit,
        sources: Vec<SourceView>,
    }
    let Call { admin, visit, .. } = call;
    let page = Page { visit, sources: admin.sources()? };
    render::page(visit, &Head::new("/sources", "Sources"), &page)
}

pub(super) fn page(admin: &Admin, visit: &Visit, id: &str, filled: Option<BackfilledView>) -> Answer {
    #[derive(Template)]
    #[template(path = "source.html")]
    struct Page<'a> {
        visit: &'a Visit,
        s: &'a SourceView,
        requests: Vec<RequestView>,
        filled: Option<BackfilledView>,
        console: Option<parts::Console<'a>>,
    }
    let s = &admin.source(id)?;
    let query = RequestQuery { endpoint: Some(id.to_owned()), limit: 10, ..RequestQuery::default() };
    let requests = admin.requests(query)?.requests;
    let console = parts::Console {
        visit,
        id: &s.address,
        samples: &s.samples,
        can_sign: s.can_sign,
        cannot_sign: s.cannot_sign,
    };
    let console = Some(console).filter(|console| visit.may_act && !console.samples.is_empty());
    let page = Page { visit, s, requests, filled, console };
    render::page(visit, &Head::new("/sources", &s.address), &page)
}

fn source(call: &Call) -> Answer {
    let Call { admin, visit, id, .. } = call;
    page(admin, visit, id, None)
}
