//! An app with an endpoint of each kind, and what must be true of every request that it takes.

use axum::body::Body;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tower::ServiceExt as _;
use triggerfish::prelude::*;
use triggerfish::registry::{Registration, Registry};
use triggerfish::request::RequestParts;
use triggerfish::runtime::{Config, Running, Runtime};
use triggerfish::store::memory::{MemoryConfig, MemoryStore};
use triggerfish::store::{Delivery, DeliveryOutcome, Store, Trace, TraceOutcome};
use triggerfish::time::Clock;
use triggerfish::verify::ReadyVerifier;

const PUBLIC_URL: &str = "https://hooks.example.com";

/// The largest body of the endpoint that says so, and of the others.
const SMALL: usize = 64;
const LARGE: usize = 1024;

#[http_endpoint(id = "fuzz/plain")]
fn plain() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(Secret::from("a plain secret"))
}

#[job(id = "fuzz/all", version = "1.0.0", trigger = plain)]
async fn on_all(_request: Request) {}

#[job(
    id = "fuzz/body", version = "1.0.0", trigger = plain,
    filter = { body: { type: ["a", "b"], items: { n: [{ $gt: 1 }] }, tags: [{ $includes: "x" }] } },
)]
async fn on_body(Json(_body): Json<serde_json::Value>) {}

#[job(
    id = "fuzz/head", version = "1.0.0", trigger = plain,
    filter = { method: ["POST"], headers: { "x-kind": [{ $ignoreCaseEquals: "É" }] }, query: { page: ["1"] } },
)]
async fn on_head() {}

#[http_endpoint(id = "fuzz/timed")]
fn timed() -> Verifier {
    Verifier::stripe(["whsec_new", "whsec_old"].map(Secret::from).to_vec())
}

#[job(id = "fuzz/timed", version = "1.0.0", trigger = timed, filter = { body: { id: [{ $exists: true }] } })]
async fn on_timed() {}

#[http_endpoint(id = "fuzz/standard")]
fn standard() -> Verifier {
    Verifier::standard_webhooks(Secret::from("whsec_AAECAwQFBgcICQoLDA0ODw=="))
}

#[job(id = "fuzz/standard", version = "1.0.0", trigger = standard)]
async fn on_standard() {}

#[http_endpoint(id = "fuzz/meta")]
fn meta() -> Verifier {
    Verifier::meta(Secret::from("a meta secret")).challenge(Secret::from("a token"))
}

#[job(id = "fuzz/meta", version = "1.0.0", trigger = meta)]
async fn on_meta() {}

#[http_endpoint(id = "fuzz/slack")]
fn slack() -> Verifier {
    Verifier::slack(Secret::from("a slack secret"))
}

#[job(id = "fuzz/slack", version = "1.0.0", trigger = slack)]
async fn on_slack() {}

#[http_endpoint(id = "fuzz/github", path = "/in/github")]
fn github() -> Verifier {
    Verifier::github(Secret::from("a github secret"))
}

#[job(id = "fuzz/github", version = "1.0.0", trigger = github, filter = { headers: { "x-github-event": ["push"] } })]
async fn on_github() {}

#[http_endpoint(id = "fuzz/url")]
fn url() -> Verifier {
    Verifier::twilio(Secret::from("a twilio secret"))
}

#[job(id = "fuzz/url", version = "1.0.0", trigger = url)]
async fn on_url() {}

#[http_endpoint(id = "fuzz/token", unmatched = 400, dedupe = none)]
fn token() -> Verifier {
    Verifier::gitlab(Secret::from("a gitlab token"))
}

#[job(id = "fuzz/token", version = "1.0.0", trigger = token, filter = { body: { n: [{ $between: [1, 2] }] } })]
async fn on_token() {}

#[http_endpoint(id = "fuzz/small", max_body = 64)]
fn small() -> Verifier {
    Verifier::hmac_sha1().header("X-Sig").prefix("sha1=").secret(Secret::from("a small secret"))
}

#[http_endpoint(
    id = "fuzz/skip",
    respond_with(
        filter = { method: ["GET"], query: { mode: [{ $startsWith: "sub" }] } },
        handler = challenge,
        skip_triggering_runs = true,
    ),
)]
fn skip() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(Secret::from("a skipping secret"))
}

async fn challenge(request: &Request, _: Verify<'_>) -> Response {
    Response::new(request.query("challenge").unwrap_or_default().into())
}

#[http_endpoint(id = "fuzz/on", respond_with(handler = first))]
fn on() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(Secret::from("an answering secret"))
}

async fn first(request: &Request, verify: Verify<'_>) -> Response {
    let mut response = Response::new(format!("{}", verify.await.is_verified()).into());
    let status = request.query("status").and_then(|text| text.parse().ok()).unwrap_or(StatusCode::ACCEPTED);
    *response.status_mut() = status;
    response
}

#[job(id = "fuzz/on", version = "1.0.0", trigger = on)]
async fn on_on() {}

#[http_endpoint(
    id = "fuzz/verified",
    respond_with(filter = { body: { type: ["ping"] } }, handler = pong, skip_triggering_runs = true, verified = true),
)]
fn verified() -> Verifier {
    Verifier::hmac_sha512().header("X-Sig").base64().secret(Secret::from("a verified secret"))
}

async fn pong(request: &Request, _: Verify<'_>) -> Response {
    Response::new(format!("{}", request.body().len()).into())
}

#[http_endpoint(id = "fuzz/custom", secrets("CUSTOM"))]
async fn custom(request: &Request) -> Verification {
    match (request.secret("CUSTOM"), request.header("x-custom")) {
        (Some(secret), Some(given)) if secret.expose() == given.as_bytes() => Verification::verified(),
        _ => Verification::rejected("not the secret"),
    }
}

#[job(id = "fuzz/custom", version = "1.0.0", trigger = custom)]
async fn on_custom() {}

/// The clock of the app, and of all targets.
pub fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_763_752_000)
}

/// An endpoint as its sender sees it.
struct Site {
    path: &'static str,
    /// `None` for the function of the user's.
    ready: Option<ReadyVerifier>,
    /// Some of its requests are answered without a run.
    answers: bool,
    max_body: usize,
}

static SITES: LazyLock<Vec<Site>> = LazyLock::new(|| {
    let site = |path, verifier: Option<Verifier>, answers| Site {
        path,
        ready: verifier.map(|verifier| verifier.build(&|_: &'static str| None).expect("it is right")),
        answers,
        max_body: if path == "/hooks/fuzz/small" { SMALL } else { LARGE },
    };
    vec![
        site("/hooks/fuzz/plain", Some(plain()), false),
        site("/hooks/fuzz/timed", Some(timed()), false),
        site("/hooks/fuzz/standard", Some(standard()), false),
        site("/hooks/fuzz/meta", Some(meta()), true),
        site("/hooks/fuzz/slack", Some(slack()), true),
        site("/in/github", Some(github()), true),
        site("/hooks/fuzz/url", Some(url()), false),
        site("/hooks/fuzz/token", Some(token()), false),
        site("/hooks/fuzz/small", Some(small()), false),
        site("/hooks/fuzz/skip", Some(skip()), true),
        site("/hooks/fuzz/on", Some(on()), true),
        site("/hooks/fuzz/verified", Some(verified()), true),
        site("/hooks/fuzz/custom", None, false),
    ]
});

struct App {
    tokio: tokio::runtime::Runtime,
    running: Running,
}

static APP: LazyLock<App> = LazyLock::new(|| {
    // Lines are formatted and thrown away; where somebody else takes them, that is as good.
    let _ = tracing_subscriber::fmt().with_writer(std::io::sink).try_init();
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let clock = Clock::manual(now().into());
    let store = MemoryStore::new(MemoryConfig { max_finished: 256, max_traces: 256, clock: clock.clone() });
    let mut config = Config::default();
    config.public_url = Some(PUBLIC_URL.to_owned());
    config.max_body = LARGE;
    config.worker_threads = 1;
    config.dev = false;
    let running = tokio.block_on(async {
        let builder =
            Runtime::builder().config(config).clock(clock).store(Arc::new(store)).registry(registry());
        let secrets = |name: &'static str| (name == "CUSTOM").then(|| Secret::from("a custom secret"));
        builder.secrets(secrets).build().expect("it is right").start().await.expect("it starts")
    });
    App { tokio, running }
});

/// What stands in this file, of all that the program declares.
fn registry() -> Registry {
    let all = Registry::collect();
    let endpoints = all.endpoints().iter().filter(|spec| spec.id.starts_with("fuzz/"));
    let jobs = all.jobs().iter().filter(|spec| spec.id.starts_with("fuzz/"));
    let chosen =
        endpoints.map(|spec| Registration::Endpoint(spec)).chain(jobs.map(|spec| Registration::Job(spec)));
    Registry::of(&chosen.collect::<Vec<_>>())
}

/// Reads a request out of any bytes: endpoint, method and what is done to the signature in three of them, then
/// the query and three headers as lines, then the body. `None` where they say nothing that could be sent.
fn read(data: &[u8]) -> Option<(Option<&'static Site>, RequestParts, bool)> {
    let [which, how, at, rest @ ..] = data else { return None };
    let site = SITES.get(usize::from(*which) % (SITES.len() + 1));
    let mut lines = rest.splitn(5, |byte| *byte == b'\n');
    let query = std::str::from_utf8(lines.next()?).ok()?;
    let method = [Method::POST, Method::GET, Method::HEAD, Method::PUT][usize::from(how >> 4 & 3)].clone();
    let path = site.map_or("/hooks/fuzz/nothing", |site| site.path);
    let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut parts = RequestParts {
        method,
        uri: target.parse().ok().filter(|uri: &Uri| uri.path() == path)?,
        public_url: Some(PUBLIC_URL.into()),
        received_at: now(),
        ..RequestParts::default()
    };
    for _ in 0..3 {
        let line = lines.next()?;
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            parts.headers.append(name, value);
        }
    }
    parts.body = Bytes::copy_from_slice(lines.next()?);
    let signs = how & 8 != 0;
    if signs {
        match site.map(|site| &site.ready) {
            Some(Some(ready)) => parts = ready.sign(parts, now()).ok()?,
            Some(None) => _ = parts.headers.insert("x-custom", HeaderValue::from_static("a custom secret")),
            None => {}
        }
    }
    change(&mut parts, how & 7, usize::from(*at));
    Some((site, parts, signs))
}

/// What happens to a request on its way.
fn change(parts: &mut RequestParts, how: u8, at: usize) {
    let name = parts.headers.keys().nth(at % parts.headers.keys_len().max(1)).cloned();
    match (how, name) {
        (1, _) => {
            let mut body = parts.body.to_vec();
            if let Some(byte) = body.get_mut(at % parts.body.len().max(1)) {
                *byte ^= 1;
            }
            parts.body = body.into();
        }
        (2, _) => parts.body.truncate(at),
        (3, Some(name)) => {
            let mut value = parts.headers[&name].as_bytes().to_vec();
            if let Some(last) = value.last_mut() {
                *last ^= 1;
            }
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                parts.headers.insert(name, value);
            }
        }
        (4, Some(name)) => _ = parts.headers.remove(name),
        (5, Some(name)) => {
            let value = parts.headers[&name].clone();
            parts.headers.append(name, value);
        }
        (6, _) => parts.method = Method::DELETE,
        (7, _) => {
            let target = format!("{}?changed", parts.uri.path());
            parts.uri = target.parse().expect("it was one before");
        }
        _ => {}
    }
}

/// Sends the request that `data` describes, and looks at what became of it, which it gives in a word.
pub fn judge(data: &[u8]) -> &'static str {
    let Some((site, parts, signed)) = read(data) else { return "unsent" };
    let app = &*APP;
    let (traces, deliveries) = newest(app);
    let (status, body) = app.tokio.block_on(send(app, &parts));
    let (new_traces, new_deliveries) = newest(app);
    let trace = new(&traces, &new_traces, |trace| trace.id);
    let delivery = new(&deliveries, &new_deliveries, |delivery| delivery.id);

    let Some(site) = site else {
        assert!(status == StatusCode::NOT_FOUND && trace.is_none() && delivery.is_none(), "{status}");
        return "unknown";
    };
    let announced =
        parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if parts.body.len() > site.max_body || announced.is_some_and(|length| length > site.max_body) {
        let trace = trace.expect("what is too large leaves a trace");
        assert_eq!((status, trace.outcome), (StatusCode::PAYLOAD_TOO_LARGE, TraceOutcome::TooLarge));
        assert!(delivery.is_none() && trace.body.is_empty());
        return trace.outcome.name();
    }
    let genuine = is_genuine(site, &parts);
    assert!(signed || !genuine, "nobody knows the secret");
    match (trace, delivery) {
        (None, Some(delivery)) => {
            assert!(genuine, "a delivery that is not genuine");
            let request = &delivery.request;
            assert_eq!((request.method(), request.uri()), (&parts.method, &parts.uri));
            assert_eq!(request.body(), &parts.body, "the bytes that were sent are those that are stored");
            let accepted = delivery.outcome == DeliveryOutcome::Accepted;
            assert!(status.is_success() || !accepted && status == StatusCode::BAD_REQUEST, "{status}");
            check_verdicts(delivery);
            if accepted { "accepted" } else { "filtered" }
        }
        (Some(trace), None) => {
            assert_eq!(StatusCode::from_u16(trace.status).ok(), Some(status));
            match trace.outcome {
                TraceOutcome::Rejected => {
                    assert!(!genuine && !status.is_success(), "{status} {}", trace.reason);
                }
                TraceOutcome::Handshake => assert!(site.answers && trace.body_len == 0),
                TraceOutcome::Duplicate => {
                    assert!(genuine && trace.delivery.is_some());
                    assert!(status.is_success() || status == StatusCode::BAD_REQUEST, "{status}");
                }
                other => panic!("{other:?}: {}", trace.reason),
            }
            trace.outcome.name()
        }
        // A delivery that no job took has come again, and still none takes it.
        (None, None) => {
            assert!(genuine && !deliveries.is_empty(), "{status} {body:?}");
            "filtered again"
        }
        (Some(trace), Some(_)) => panic!("two records: {trace:?}"),
    }
}

fn is_genuine(site: &Site, parts: &RequestParts) -> bool {
    let request = Request::new(parts.clone());
    match &site.ready {
        Some(ready) => ready.verify(&request, now()).is_verified(),
        None => request.header("x-custom") == Some("a custom secret"),
    }
}

fn check_verdicts(delivery: &Delivery) {
    if let Some(verdicts) = &delivery.verdicts {
        let verdicts: serde_json::Value = serde_json::from_str(verdicts).expect("verdicts are JSON");
        assert!(verdicts.as_array().is_some_and(|all| !all.is_empty()));
    }
}

async fn send(app: &App, parts: &RequestParts) -> (StatusCode, Bytes) {
    let mut request = http::Request::new(Body::from(parts.body.clone()));
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = parts.uri.clone();
    *request.headers_mut() = parts.headers.clone();
    let response = app.running.router().oneshot(request).await.expect("a router always answers");
    let status = response.status();
    (status, axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a whole answer"))
}

fn newest(app: &App) -> (Vec<Trace>, Vec<Delivery>) {
    let store: &Arc<dyn Store> = app.running.store();
    app.tokio.block_on(async {
        let traces = store.traces(2).await.expect("traces");
        (traces, store.deliveries(2).await.expect("deliveries"))
    })
}

/// What stands before what was the newest; at most one may.
fn new<'a, T, I: PartialEq>(before: &[T], after: &'a [T], id: impl Fn(&T) -> I) -> Option<&'a T> {
    let newest = before.first().map(&id);
    if after.first().map(&id) == newest {
        return None;
    }
    assert!(after.get(1).map(&id) == newest, "more than one new record");
    after.first()
}
