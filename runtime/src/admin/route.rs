//! Routes: a method and a path each, with what answers.
//!
//! They are data, and a handler is a plain function: the machinery of a router
//! with extractors, and that of futures, would be made anew for every one of them.

use super::act::Effect;
use super::answer::Answer;
use super::call::{Asked, Call, acting, queried};
use crate::request::form_decode;
use axum::response::{IntoResponse, Response};
use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};

/// What stands in a path for one segment of any text.
const ID: &str = "{id}";

/// What is called, on a thread where it may wait.
pub(crate) type Handler<T> = fn(&Call) -> Answer<T>;

/// A route.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// With `{id}` at most once.
    pub(crate) path: &'static str,
    does: Does,
}

#[derive(Clone, Copy)]
enum Does {
    /// Answers by itself.
    Answer(Handler<Response>),
    /// Does something of which whoever has the route tells.
    Act(Handler<Effect>),
}

/// What is read. It changes nothing, and anyone who came in may ask for it.
pub(crate) const fn get(path: &'static str, handler: Handler<Response>) -> Route {
    Route { method: Method::GET, path, does: Does::Answer(handler) }
}

/// What changes something, with an answer of its own: for those who may act.
pub(crate) const fn post(path: &'static str, handler: Handler<Response>) -> Route {
    Route { method: Method::POST, path, does: Does::Answer(handler) }
}

/// An action: for those who may act.
pub(crate) const fn act(path: &'static str, handler: Handler<Effect>) -> Route {
    Route { method: Method::POST, path, does: Does::Act(handler) }
}

/// The API, or the pages.
pub(crate) struct Face {
    pub(crate) routes: &'static [&'static [Route]],
    /// Tells what an action came to.
    pub(crate) told: fn(&Call, Effect) -> Answer,
}

impl Route {
    /// What stands for `{id}` in a path that this route is for; empty where it has none.
    fn id_in<'p>(&self, path: &'p str) -> Option<&'p str> {
        let Some((before, after)) = self.path.split_once(ID) else {
            return (self.path == path).then_some("");
        };
        let id = path.strip_prefix(before)?.strip_suffix(after)?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }
}

/// What there is at a path.
enum Found {
    /// What answers, and what stands for `{id}`.
    Route(&'static Route, String),
    /// Only something for another method.
    OnlyFor(&'static Method),
    Nothing,
}

/// The first of these routes that a request is for.
fn find(routes: &[&'static [Route]], method: &Method, path: &str) -> Found {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let mut found = Found::Nothing;
    for route in routes.iter().copied().flatten() {
        let Some(id) = route.id_in(path) else { continue };
        if route.method == *method {
            // A `+` in a path is one.
            return Found::Route(route, form_decode(&id.replace('+', "%2B")).into_owned());
        }
        found = Found::OnlyFor(&route.method);
    }
    found
}

/// Answers by the route that a request is for; `None` where there is no such path.
pub(crate) fn answered(face: &Face, path: &str, asked: Asked) -> Option<Answer> {
    match find(face.routes, &asked.head.method, path) {
        Found::Route(route, id) => Some(called(face, route, id, asked)),
        Found::OnlyFor(method) => Some(Ok(not_allowed(method))),
        Found::Nothing => None,
    }
}

fn called(face: &Face, route: &Route, id: String, asked: Asked) -> Answer {
    let Asked { admin, visit, head, body } = asked;
    let fields = match route.method {
        Method::POST => acting(&visit, &head.headers, &body?)?,
        _ => queried(&head.uri),
    };
    let call = Call { admin, visit, id, fields, headers: head.headers };
    match route.does {
        Does::Answer(handler) => handler(&call),
        Does::Act(handler) => (face.told)(&call, handler(&call)?),
    }
}

fn not_allowed(allowed: &Method) -> Response {
    let allowed = if *allowed == Method::GET { "GET,HEAD" } else { "POST" };
    let mut response = StatusCode::METHOD_NOT_ALLOWED.into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "handlers may fail")]
    fn nothing(_: &Call) -> Answer {
        Ok(StatusCode::OK.into_response())
    }

    static ROUTES: &[Route] = &[
        get("/runs", nothing),
        post("/runs/retry", nothing),
        get("/runs/{id}", nothing),
        get("/runs/{id}/steps", nothing),
    ];

    /// The path of the route and what stands for its id, or the method that there is.
    fn found(method: &Method, path: &str) -> String {
        match find(&[ROUTES], method, path) {
            Found::Route(route, id) => format!("{} {id}", route.path),
            Found::OnlyFor(method) => method.to_string(),
            Found::Nothing => String::new(),
        }
    }

    #[test]
    fn a_path_is_found_with_its_id_decoded() {
        let rows = [
            ("/runs", "/runs "),
            ("/runs/a", "/runs/{id} a"),
            ("/runs/a%2Fb+c%20d/steps", "/runs/{id}/steps a/b+c d"),
            ("/runs/", ""),
            ("/runs/a/b/steps", ""),
            ("/runs//steps", ""),
            ("/runs/a/steps/", ""),
            ("/run", ""),
        ];
        for (path, expected) in rows {
            assert_eq!(found(&Method::GET, path), expected, "{path}");
        }
    }

    #[test]
    fn another_method_is_told_which_one_there_is() {
        assert_eq!(found(&Method::HEAD, "/runs"), "/runs ");
        assert_eq!(found(&Method::POST, "/runs/retry"), "/runs/retry ");
        assert_eq!(found(&Method::POST, "/runs"), "GET");
        assert_eq!(found(&Method::DELETE, "/runs/a"), "GET");
        let allowed = |method| not_allowed(method).headers().get(ALLOW).cloned();
        assert_eq!(allowed(&Method::GET), Some(HeaderValue::from_static("GET,HEAD")));
        assert_eq!(allowed(&Method::POST), Some(HeaderValue::from_static("POST")));
    }
}
