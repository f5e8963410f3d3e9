//! The pages' routes: what each shows, and what its forms do.

use super::{graph, render, waterfall};
use crate::admin::actions::RevealedSecret;
use crate::admin::answer::{Answer, Id, Problem, tagged_bytes};
use crate::admin::bulk::Plan;
use crate::admin::fields::Fields;
use crate::admin::live::{self, Pace, Wanted};
use crate::admin::view::compare::{self, Change};
use crate::admin::view::endpoint::EndpointView;
use crate::admin::view::problems::ProblemsView;
use crate::admin::view::request::{RequestDetail, RequestView};
use crate::admin::view::run::{RunDetail, RunView};
use crate::admin::{Admin, Visit, acting};
use crate::store::{RequestOutcome, RequestQuery, RunState};
use axum::Router;
use axum::extract::{Extension, Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

type Shared = State<Arc<Admin>>;
type Visitor = Extension<Visit>;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const ICON: &str = include_str!("icon.svg");

/// How far back the page of problems looks.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// The pages' routes.
pub(crate) fn pages() -> Router<Arc<Admin>> {
    Router::new()
        .route("/", get(stream))
        .route("/live", get(live_rows))
        .route("/endpoints", get(endpoints))
        .route("/endpoints/{id}", get(endpoint))
        .route("/endpoints/{id}/send", post(send))
        .route("/endpoints/{id}/reveal", post(reveal))
        .route("/endpoints/{id}/rotate", post(rotate))
        .route("/endpoints/{id}/pause", post(pause_endpoint))
        .route("/endpoints/{id}/resume", post(resume_endpoint))
        .route("/jobs/{id}/pause", post(pause_job))
        .route("/jobs/{id}/resume", post(resume_job))
        .route("/requests/{id}", get(request))
        .route("/requests/{id}/edit", get(edit))
        .route("/requests/{id}/compare", get(compare))
        .route("/requests/{id}/replay", post(replay))
        .route("/requests/{id}/curl", post(curl))
        .route("/requests/{id}/test", get(test))
        .route("/replay", post(replay_all))
        .route("/runs", get(runs))
        .route("/runs/{id}", get(run))
        .route("/runs/{id}/retry", post(retry))
        .route("/runs/{id}/cancel", post(cancel))
        .route("/retry", post(retry_all))
        .route("/map", get(map))
        .route("/problems", get(problems))
        .route("/style.css", get(|headers: HeaderMap| asset("text/css; charset=utf-8", STYLE, headers)))
        .route(
            "/script.js",
            get(|headers: HeaderMap| asset("text/javascript; charset=utf-8", SCRIPT, headers)),
        )
        .route("/icon.svg", get(|headers: HeaderMap| asset("image/svg+xml", ICON, headers)))
}

async fn asset(content_type: &'static str, content: &'static str, headers: HeaderMap) -> Response {
    let mut response = tagged_bytes(content_type, Bytes::from_static(content.as_bytes()), &headers);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// A page, or the problem as a page.
fn shown(visit: &Visit, page: Answer) -> Response {
    page.unwrap_or_else(|problem| render::problem(visit, &problem))
}

/// Goes to a page after an action.
fn go(visit: &Visit, path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = HeaderValue::try_from(format!("{}{path}", visit.root)) {
        response.headers_mut().insert(LOCATION, to);
    }
    response
}

/// What the fields of a filter hold.
#[derive(Serialize)]
struct Filter<'a> {
    text: &'a str,
    endpoint: &'a str,
    outcome: &'a str,
    since: &'a str,
    job: &'a str,
    state: &'a str,
    any: bool,
}

impl<'a> Filter<'a> {
    fn of(fields: &'a Fields) -> Self {
        let field = |name| fields.get(name).unwrap_or_default();
        let all = ["text", "endpoint", "outcome", "since", "job", "state"].map(field);
        let [text, endpoint, outcome, since, job, state] = all;
        let any = all.iter().any(|value| !value.is_empty());
        Filter { text, endpoint, outcome, since, job, state, any }
    }

    /// The query of the same page further back.
    fn next(&self, before: Option<String>) -> Option<String> {
        let before = before?;
        let set = [
            ("text", self.text),
            ("endpoint", self.endpoint),
            ("outcome", self.outcome),
            ("since", self.since),
            ("job", self.job),
            ("state", self.state),
            ("before", before.as_str()),
        ];
        let set = set.iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<_> = set.map(|(name, value)| format!("{name}={}", render::segment(value))).collect();
        Some(format!("?{}", pairs.join("&")))
    }
}

async fn stream(State(admin): Shared, Extension(visit): Visitor, uri: Uri) -> Response {
    #[derive(Serialize)]
    struct Page<'a> {
        endpoints: Vec<EndpointView>,
        requests: Vec<RequestView>,
        next: Option<String>,
        filter: Filter<'a>,
        outcomes: [&'static str; 8],
        live_query: String,
    }
    let draw = async {
        let fields = crate::admin::asked(&uri);
        let query = admin.request_query(&fields)?;
        let is_first = query.before.is_none();
        let found = admin.requests(query).await?;
        let filter = Filter::of(&fields);
        // Only the newest go on by themselves, and a text is looked for in the store alone.
        let live_query = match is_first && filter.text.is_empty() {
            true => format!(
                "{}/live?endpoint={}&outcome={}",
                visit.root,
                render::segment(filter.endpoint),
                render::segment(filter.outcome)
            ),
            false => String::new(),
        };
        let page = Page {
            endpoints: admin.endpoints(&visit).await,
            requests: found.requests,
            next: filter.next(found.next),
            outcomes: RequestOutcome::ALL.map(RequestOutcome::name),
            live_query,
            filter,
        };
        render::page(&visit, "stream.html", "", page)
    };
    shown(&visit, draw.await)
}

async fn live_rows(State(admin): Shared, Extension(visit): Visitor, uri: Uri) -> impl IntoResponse {
    let wanted = Wanted::of(&crate::admin::asked(&uri));
    live::requests(&admin, wanted, Pace::PAGE, move |_, row| render::row(&visit.root, row))
}

async fn endpoints(State(admin): Shared, Extension(visit): Visitor) -> Response {
    #[derive(Serialize)]
    struct Page {
        endpoints: Vec<EndpointView>,
    }
    let page = Page { endpoints: admin.endpoints(&visit).await };
    shown(&visit, render::page(&visit, "endpoints.html", "/endpoints", page))
}

#[derive(Serialize)]
struct EndpointPage {
    e: Located,
    requests: Vec<RequestView>,
    revealed: Option<Vec<RevealedSecret>>,
}

/// An endpoint, and whether its URL leads to this machine alone.
#[derive(Serialize)]
struct Located {
    #[serde(flatten)]
    view: EndpointView,
    is_local: bool,
}

async fn endpoint_page(
    admin: &Arc<Admin>,
    visit: &Visit,
    id: &str,
    revealed: Option<Vec<RevealedSecret>>,
) -> Answer {
    let spec = admin.spec(id)?;
    let query = RequestQuery { endpoint: Some(id.to_owned()), limit: 10, ..RequestQuery::default() };
    let requests = admin.requests(query).await?.requests;
    let e =
        Located { view: admin.endpoint_view(spec, visit).await, is_local: admin.app.public_url.is_none() };
    render::page(visit, "endpoint.html", "/endpoints", EndpointPage { e, requests, revealed })
}

async fn endpoint(State(admin): Shared, Extension(visit): Visitor, Path(id): Path<String>) -> Response {
    shown(&visit, endpoint_page(&admin, &visit, &id, None).await)
}

async fn reveal(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let draw = async {
        acting(&visit, request).await?;
        let revealed = admin.reveal(&id)?;
        endpoint_page(&admin, &visit, &id, Some(revealed)).await
    };
    shown(&visit, draw.await)
}

async fn rotate(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let draw = async {
        let fields = acting(&visit, request).await?;
        let revealed = admin.rotate(&id, &fields).await?;
        endpoint_page(&admin, &visit, &id, Some(revealed)).await
    };
    shown(&visit, draw.await)
}

/// Goes to the page of what a person sent, when it is there to see.
async fn landed(admin: &Admin, visit: &Visit, id: &str) -> Answer {
    admin.app.store.flush().await?;
    Ok(go(visit, &format!("/requests/{id}")))
}

async fn send(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let act = async {
        let fields = acting(&visit, request).await?;
        let sent = admin.send(&id, &fields).await?;
        landed(&admin, &visit, &sent.id).await
    };
    shown(&visit, act.await)
}

/// Switches something, and goes back to where its switch is.
async fn switched(
    admin: Arc<Admin>,
    visit: Visit,
    id: String,
    request: Request,
    is_job: bool,
    off: bool,
) -> Response {
    let act = async {
        let fields = acting(&visit, request).await?;
        let back = if is_job {
            admin.switch_job(&id, off).await?;
            fields.get("endpoint").map(str::to_owned)
        } else {
            admin.switch_endpoint(&id, off).await?;
            Some(id)
        };
        Ok(match back {
            Some(endpoint) => go(&visit, &format!("/endpoints/{}", render::segment(&endpoint))),
            None => go(&visit, "/problems"),
        })
    };
    shown(&visit, act.await)
}

async fn pause_endpoint(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    switched(admin, visit, id, request, false, true).await
}

async fn resume_endpoint(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    switched(admin, visit, id, request, false, false).await
}

async fn pause_job(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    switched(admin, visit, id, request, true, true).await
}

async fn resume_job(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    switched(admin, visit, id, request, true, false).await
}

#[derive(Serialize)]
struct RequestPage {
    r: RequestDetail,
}

async fn request(State(admin): Shared, Extension(visit): Visitor, Id(id): Id) -> Response {
    let draw =
        async { render::page(&visit, "request.html", "", RequestPage { r: admin.request(id).await? }) };
    shown(&visit, draw.await)
}

async fn edit(State(admin): Shared, Extension(visit): Visitor, Id(id): Id) -> Response {
    #[derive(Serialize)]
    struct Page {
        headers: String,
        body: String,
        r: RequestDetail,
    }
    let draw = async {
        let r = admin.request(id).await?;
        // What is hidden stays out of the form, and is signed anew where it is a signature.
        let headers = r.headers.iter().filter(|header| !header.hidden);
        let headers: Vec<_> = headers.map(|header| format!("{}: {}", header.name, header.value)).collect();
        let body = r.body.text.clone().ok_or_else(|| {
            Problem::conflict("its body is no text, or not to be shown, so that it cannot be edited here")
        })?;
        render::page(&visit, "edit.html", "", Page { headers: headers.join("\n"), body, r })
    };
    shown(&visit, draw.await)
}

async fn compare(State(admin): Shared, Extension(visit): Visitor, Id(id): Id) -> Response {
    #[derive(Serialize)]
    struct Page {
        changes: Vec<Change>,
        before: RequestDetail,
        r: RequestDetail,
    }
    let draw = async {
        let r = admin.request(id).await?;
        let previous = r.previous.as_deref().and_then(|id| id.parse().ok());
        let previous: Uuid = previous.ok_or_else(|| Problem::unknown("request of its kind before", id))?;
        let before = admin.request(previous).await?;
        let page = Page { changes: compare::changes(&before, &r), before, r };
        render::page(&visit, "compare.html", "", page)
    };
    shown(&visit, draw.await)
}

async fn replay(State(admin): Shared, Extension(visit): Visitor, Id(id): Id, request: Request) -> Response {
    let act = async {
        let fields = acting(&visit, request).await?;
        let sent = admin.replay(id, &fields).await?;
        landed(&admin, &visit, &sent.id).await
    };
    shown(&visit, act.await)
}

#[derive(Serialize)]
struct TextPage<'a> {
    title: &'a str,
    hint: &'a str,
    text: String,
    back: String,
}

async fn curl(State(admin): Shared, Extension(visit): Visitor, Id(id): Id, request: Request) -> Response {
    let draw = async {
        acting(&visit, request).await?;
        let page = TextPage {
            title: "As a command",
            hint: "Its signature proves who calls: keep it to yourself.",
            text: admin.curl(id, &visit).await?,
            back: format!("{}/requests/{id}", visit.root),
        };
        render::page(&visit, "text.html", "", page)
    };
    shown(&visit, draw.await)
}

async fn test(State(admin): Shared, Extension(visit): Visitor, Id(id): Id) -> Response {
    let draw = async {
        let page = TextPage {
            title: "As a Rust test",
            hint: "",
            text: admin.test(id).await?,
            back: format!("{}/requests/{id}", visit.root),
        };
        render::page(&visit, "text.html", "", page)
    };
    shown(&visit, draw.await)
}

/// What would be done, to be confirmed.
#[derive(Serialize)]
struct PlanPage<'a, T> {
    title: &'a str,
    what: &'a str,
    verb: &'a str,
    /// The page of one of them.
    kind: &'a str,
    action: String,
    back: String,
    fields: Vec<(&'a str, &'a str)>,
    plan: Plan<T>,
}

async fn replay_all(State(admin): Shared, Extension(visit): Visitor, request: Request) -> Response {
    let act = async {
        let fields = acting(&visit, request).await?;
        if fields.get("confirm").is_some() {
            admin.replay_all(&fields).await?;
            return Ok(go(&visit, ""));
        }
        let names = ["text", "endpoint", "outcome", "since"];
        let page = PlanPage {
            title: "Send again",
            what: "requests are sent again",
            verb: "Send",
            kind: "requests",
            action: format!("{}/replay", visit.root),
            back: visit.root.clone(),
            fields: names.into_iter().filter_map(|name| Some((name, fields.get(name)?))).collect(),
            plan: admin.plan_replay(&fields).await?,
        };
        render::page(&visit, "plan.html", "", page)
    };
    shown(&visit, act.await)
}

async fn retry_all(State(admin): Shared, Extension(visit): Visitor, request: Request) -> Response {
    let act = async {
        let fields = acting(&visit, request).await?;
        if fields.get("confirm").is_some() {
            admin.retry_all(&fields).await?;
            return Ok(go(&visit, "/runs"));
        }
        let names = ["job", "state", "error", "since"];
        let page = PlanPage {
            title: "Retry",
            what: "runs go on where they failed",
            verb: "Retry",
            kind: "runs",
            action: format!("{}/retry", visit.root),
            back: format!("{}/problems", visit.root),
            fields: names.into_iter().filter_map(|name| Some((name, fields.get(name)?))).collect(),
            plan: admin.plan_retry(&fields).await?,
        };
        render::page(&visit, "plan.html", "/problems", page)
    };
    shown(&visit, act.await)
}

async fn runs(State(admin): Shared, Extension(visit): Visitor, uri: Uri) -> Response {
    #[derive(Serialize)]
    struct Page<'a> {
        runs: Vec<RunView>,
        next: Option<String>,
        filter: Filter<'a>,
        jobs: Vec<&'static str>,
        states: Vec<&'static str>,
    }
    let draw = async {
        let fields = crate::admin::asked(&uri);
        let found = admin.runs(admin.run_search(&fields)?).await?;
        let filter = Filter::of(&fields);
        let page = Page {
            runs: found.runs,
            next: filter.next(found.next),
            jobs: admin.registry.jobs().iter().map(|job| job.id).collect(),
            states: RunState::ALL.iter().map(|state| state.name()).collect(),
            filter,
        };
        render::page(&visit, "runs.html", "/runs", page)
    };
    shown(&visit, draw.await)
}

async fn run(State(admin): Shared, Extension(visit): Visitor, Id(id): Id, uri: Uri) -> Response {
    #[derive(Serialize)]
    struct Shown<'a> {
        #[serde(flatten)]
        run: &'a RunDetail,
        is_over: bool,
    }
    #[derive(Serialize)]
    struct Page<'a> {
        r: Shown<'a>,
        bars: Vec<waterfall::Bar<'a>>,
        level: &'a str,
    }
    let draw = async {
        let fields = crate::admin::asked(&uri);
        let run = admin.run(id, crate::admin::level(&fields)?).await?;
        let page = Page {
            bars: waterfall::bars(&run, admin.app.clock.now()),
            r: Shown { is_over: run.stored.state.is_final(), run: &run },
            level: fields.get("level").unwrap_or("debug"),
        };
        render::page(&visit, "run.html", "/runs", page)
    };
    shown(&visit, draw.await)
}

async fn retry(State(admin): Shared, Extension(visit): Visitor, Id(id): Id, request: Request) -> Response {
    let act = async {
        let fields = acting(&visit, request).await?;
        admin.retry(id, fields.get("from")).await?;
        Ok(go(&visit, &format!("/runs/{id}")))
    };
    shown(&visit, act.await)
}

async fn cancel(State(admin): Shared, Extension(visit): Visitor, Id(id): Id, request: Request) -> Response {
    let act = async {
        acting(&visit, request).await?;
        admin.cancel(id).await?;
        Ok(go(&visit, &format!("/runs/{id}")))
    };
    shown(&visit, act.await)
}

async fn map(State(admin): Shared, Extension(visit): Visitor) -> Response {
    #[derive(Serialize)]
    struct Page {
        map: graph::Graph,
    }
    let page = Page { map: graph::graph(admin.map().await, &visit.root) };
    shown(&visit, render::page(&visit, "map.html", "/map", page))
}

async fn problems(State(admin): Shared, Extension(visit): Visitor) -> Response {
    #[derive(Serialize)]
    struct Page {
        problems: ProblemsView,
    }
    let draw = async {
        let problems = admin.problems(admin.app.clock.now().minus(WEEK)).await?;
        render::page(&visit, "problems.html", "/problems", Page { problems })
    };
    shown(&visit, draw.await)
}

/// A page that is not there.
pub(crate) async fn nothing(Extension(visit): Visitor) -> Response {
    let text = "There is no such page.".to_owned();
    render::problem(&visit, &Problem { status: StatusCode::NOT_FOUND, text })
}
