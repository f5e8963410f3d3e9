//! One request, and what can be done with it.

use super::render::{self, Head};
use super::{go, parts, text};
use crate::admin::answer::{Answer, Problem};
use crate::admin::call::Call;
use crate::admin::route::{Route, get};
use crate::admin::view::compare::{self, Change};
use crate::admin::view::request::RequestDetail;
use crate::admin::wait::wait;
use crate::admin::{Admin, Visit};
use askama::Template;
use uuid::Uuid;

pub(super) static ROUTES: &[Route] = &[
    get("/requests/{id}", request),
    get("/requests/{id}/edit", edit),
    get("/requests/{id}/compare", compare),
    get("/requests/{id}/test", test),
];

/// Goes to the page of what a person sent, when it is there to see.
pub(super) fn landed(admin: &Admin, visit: &Visit, id: Uuid) -> Answer {
    wait(admin.app.store.flush())?;
    Ok(go(visit, &format!("/requests/{id}")))
}

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage<'a> {
    visit: &'a Visit,
    r: &'a RequestDetail,
}

fn request(call: &Call) -> Answer {
    let id = call.uuid()?;
    let Call { admin, visit, .. } = call;
    let r = &admin.request(id)?;
    let title = format!("{} · {}", text::words(r.row.outcome), r.row.endpoint);
    render::page(visit, &Head::new("", &title), &RequestPage { visit, r })
}

fn edit(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "edit.html")]
    struct Page<'a> {
        visit: &'a Visit,
        headers: String,
        body: &'a str,
        r: &'a RequestDetail,
    }
    let id = call.uuid()?;
    let Call { admin, visit, .. } = call;
    let r = &admin.request(id)?;
    // What is hidden stays out of the form, and is signed anew where it is a signature.
    let headers = r.headers.iter().filter(|header| !header.hidden);
    let headers: Vec<_> = headers.map(|header| format!("{}: {}", header.name, header.value)).collect();
    let body = r.body.text.as_deref().ok_or_else(|| {
        Problem::conflict("its body is no text, or not to be shown, so that it cannot be edited here")
    })?;
    let page = Page { visit, headers: headers.join("\n"), body, r };
    render::page(visit, &Head::new("", "Edit and send"), &page)
}

fn compare(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "compare.html")]
    struct Page<'a> {
        visit: &'a Visit,
        changes: Vec<Change>,
        before: RequestDetail,
        r: RequestDetail,
    }
    let id = call.uuid()?;
    let Call { admin, visit, .. } = call;
    let r = admin.request(id)?;
    let previous = r.previous.ok_or_else(|| Problem::unknown("request of its kind before", id))?;
    let before = admin.request(previous)?;
    let page = Page { visit, changes: compare::changes(&before, &r), before, r };
    render::page(visit, &Head::new("", "Compare"), &page)
}

#[derive(Template)]
#[template(path = "text.html")]
struct TextPage<'a> {
    title: &'a str,
    hint: &'a str,
    text: String,
    back: String,
}

/// A request as a command, to copy.
pub(super) fn command(visit: &Visit, id: &str, command: String) -> Answer {
    let hint = "Its signature proves who calls: keep it to yourself.";
    let back = format!("{}/requests/{id}", visit.root);
    let page = TextPage { title: "As a command", hint, text: command, back };
    render::page(visit, &Head::new("", page.title), &page)
}

fn test(call: &Call) -> Answer {
    let Call { admin, visit, id, .. } = call;
    let back = format!("{}/requests/{id}", visit.root);
    let page = TextPage { title: "As a Rust test", hint: "", text: admin.test(call.uuid()?)?, back };
    render::page(visit, &Head::new("", page.title), &page)
}
