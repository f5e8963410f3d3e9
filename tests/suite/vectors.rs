//! Recorded cases: signatures, handshakes and filters as real packages answer them.
//!
//! Reads the files named in `TRIGGERFISH_VECTORS` (paths separated by `:`), or
//! all of `tests/vectors/`. What kind a file is of is told from its content. A
//! `must` case that is answered otherwise fails the test; a `policy` case is
//! printed with its reason from [`POLICY`].

use crate::harness::{Answer, App, Board, Call, memory};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use triggerfish::prelude::*;
use triggerfish::request::RequestParts;
use triggerfish::secret::{KeyFormat, SecretSource};
use triggerfish::time::Clock;
use triggerfish::verify::{Outcome, Registration, Scheme, VerifierProblem};
use triggerfish_filter::{Filter, FilterSet, Parts, Problem, ProblemKind, Root};

/// Where packages disagree and we answer otherwise than the file, and why.
const POLICY: &[(&str, &str)] = &[(
    "hs-24",
    "Adyen's notifications are signed item by item: one that is not signed, because the HMAC key was left \
     out of Adyen's settings, cannot be told from a stranger's",
)];

/// The time of a case that needs no clock.
const SOME_TIME: u64 = 1_763_752_000;

#[tokio::test]
async fn recorded_cases_are_answered_as_the_real_packages_do() {
    let named = std::env::var("TRIGGERFISH_VECTORS").unwrap_or_default();
    let mut paths: Vec<_> = named.split(':').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
    if paths.is_empty() {
        let all = std::fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path());
        paths = all.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
        paths.sort();
    }
    let files: Vec<_> = paths.iter().map(|path| (path, read(path))).collect();
    let signed: Vec<Value> = files
        .iter()
        .map(|(_, file)| file.clone())
        .chain([read(&directory().join("signatures.json"))])
        .filter(|file| Kind::of(file) == Some(Kind::Signatures))
        .flat_map(cases)
        .collect();
    let mut failed = 0;
    for (path, file) in files {
        let tally = match Kind::of(&file) {
            Some(Kind::Signatures) => signatures(&cases(file)),
            Some(Kind::Handshakes) => handshakes(&cases(file), &signed).await,
            Some(Kind::Filters) => filters(&cases(file)),
            Some(Kind::Schemes) => continue,
            None => panic!("{}: neither signatures nor handshakes nor filters", path.display()),
        };
        println!("{tally}");
        failed += tally.failed;
    }
    assert_eq!(failed, 0, "see the lines that start with FAIL");
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Signatures,
    Handshakes,
    Filters,
    /// The reference for the presets; nothing to run.
    Schemes,
}

impl Kind {
    fn of(file: &Value) -> Option<Kind> {
        let Value::Array(cases) = file else { return file.is_object().then_some(Kind::Schemes) };
        let first = cases.first()?;
        let has = |key: &str| first.get(key).is_some();
        if has("scheme") {
            Some(Kind::Signatures)
        } else if has("expect") && has("request") {
            Some(Kind::Handshakes)
        } else {
            has("filter").then_some(Kind::Filters)
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Signatures => "signatures",
            Kind::Handshakes => "handshakes",
            Kind::Filters => "filters",
            Kind::Schemes => "schemes",
        })
    }
}

/// What became of the cases of a file.
struct Tally {
    kind: Kind,
    passed: usize,
    failed: usize,
    /// Not as the file has it, and why is written down.
    by_policy: usize,
    /// Of a filter file: refused, answered otherwise or left out on purpose, as its tag or its form says.
    on_purpose: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn new(kind: Kind) -> Self {
        Tally { kind, passed: 0, failed: 0, by_policy: 0, on_purpose: BTreeMap::new() }
    }

    fn count(&mut self, case: &Value, outcome: Result<(), String>) {
        let kind = self.kind;
        let id = text(case, "id").or_else(|| text(case, "name")).unwrap_or("without an id");
        let is_policy = text(case, "tier") == Some("policy");
        let reason = POLICY.iter().find(|(known, _)| *known == id).map(|(_, reason)| *reason);
        match (outcome, is_policy, reason) {
            (Ok(()), ..) => self.passed += 1,
            (Err(got), true, Some(reason)) => {
                println!("POLICY {kind} {id}: {got} ({reason})");
                self.by_policy += 1;
            }
            (Err(got), true, None) => {
                println!("POLICY {kind} {id}: {got} (NO REASON IS WRITTEN)");
                println!("FAIL {kind} {id}: {got}, and no reason is written");
                self.failed += 1;
            }
            (Err(got), false, _) => {
                println!("FAIL {kind} {id}: {got}");
                self.failed += 1;
            }
        }
    }

    fn on_purpose(&mut self, what: &'static str) {
        *self.on_purpose.entry(what).or_default() += 1;
    }
}

/// The closing line of a file.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { kind, passed, failed, by_policy, on_purpose } = self;
        write!(f, "{kind}: {passed} passed, {failed} failed")?;
        if *by_policy > 0 {
            write!(f, ", {by_policy} otherwise by policy")?;
        }
        on_purpose.iter().try_for_each(|(what, count)| write!(f, ", {count} {what}"))
    }
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn read(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn cases(file: Value) -> Vec<Value> {
    match file {
        Value::Array(cases) => cases,
        _ => Vec::new(),
    }
}

fn text<'v>(case: &'v Value, key: &str) -> Option<&'v str> {
    case.get(key)?.as_str()
}

/// A value that may be a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::String(one) => vec![one.clone()],
        other => vec![other.to_string()],
    }
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// `None` where a header cannot be sent over HTTP at all.
fn headers(of: &Map<String, Value>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in of {
        for value in texts(value) {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
    }
    Some(headers)
}

fn body(case: &Value) -> Bytes {
    let decode = |value: &Value| BASE64_STANDARD.decode(value.as_str().unwrap_or_default()).unwrap();
    match case.get("body_gen").filter(|made| made.is_object()) {
        None => decode(&case["body_base64"]).into(),
        Some(made) => {
            let times = usize::try_from(made["repeat"].as_u64().unwrap()).unwrap();
            let middle = decode(&made["unit_base64"]).repeat(times);
            [decode(&made["prefix_base64"]), middle, decode(&made["suffix_base64"])].concat().into()
        }
    }
}

fn now(case: &Value) -> SystemTime {
    let seconds = case.get("now").and_then(Value::as_f64);
    UNIX_EPOCH + seconds.map_or(Duration::from_secs(SOME_TIME), Duration::from_secs_f64)
}

fn secrets(value: &Value) -> Vec<SecretSource> {
    texts(value).into_iter().map(|text| SecretSource::Value(Secret::new(text))).collect()
}

/// The scheme of a case with the case's secrets, and with the values that the
/// reference names as the receiver's own.
fn verifier(case: &Value, claims: &Value) -> Result<Verifier, String> {
    let name = text(case, "scheme").unwrap_or_default();
    let scheme = Scheme::by_name(name).ok_or_else(|| format!("there is no scheme `{name}`"))?;
    let mut params = object(claims.pointer(&format!("/{name}/sig/claims")));
    params.retain(|_, value| value.is_string());
    params.extend(object(case.get("params")));
    let all = params
        .iter()
        .fold(Verifier::from_scheme(scheme, secrets(&case["secret"])), |verifier, (name, value)| {
            verifier.param(leak(name), texts(value).concat())
        });
    Ok(all)
}

fn signatures(cases: &[Value]) -> Tally {
    let claims = read(&directory().join("schemes.json"));
    let mut tally = Tally::new(Kind::Signatures);
    for case in cases {
        let expected = text(case, "expected").unwrap_or_default();
        let outcome = judge(case, &claims).and_then(|(verified, found)| {
            let why = text(case, "why").unwrap_or_default();
            let right = verified == (expected == "valid");
            if right { Ok(()) } else { Err(format!("expected {expected}, got {found} [{why}]")) }
        });
        tally.count(case, outcome);
    }
    tally
}

/// Whether a request is verified, and in words what was found.
fn judge(case: &Value, claims: &Value) -> Result<(bool, String), String> {
    let ready = match verifier(case, claims)?.build(&|_: &'static str| None) {
        Ok(ready) => ready,
        Err(problems) if problems.iter().any(|one| matches!(one, VerifierProblem::Feature { .. })) => {
            return Err(format!("{problems:?}"));
        }
        // Refused before any request comes.
        Err(problems) => return Ok((false, format!("{problems:?}"))),
    };
    let Some(headers) = headers(&object(case.get("headers"))) else {
        return Ok((false, "a header that HTTP cannot carry".to_owned()));
    };
    let request = Request::new(RequestParts {
        method: text(case, "method").unwrap_or("POST").parse().map_err(|_| "no method".to_owned())?,
        uri: text(case, "url").unwrap_or("/").parse::<Uri>().map_err(|error| error.to_string())?,
        headers,
        body: body(case),
        received_at: now(case),
        public_url: None,
    });
    Ok(match ready.verify(&request, now(case)) {
        Outcome::Verified(_) => (true, "Verified".to_owned()),
        Outcome::Rejected(rejection) => (false, rejection.to_string()),
    })
}

thread_local! {
    /// The verifier of the handshake that is being tried.
    static OF_CASE: RefCell<Verifier> = RefCell::new(Verifier::none("no case"));
}

/// Where all handshakes arrive.
#[http_endpoint(id = "vectors/handshake", path = "/in")]
fn handshake() -> Verifier {
    OF_CASE.with_borrow(Clone::clone)
}

#[job(id = "vectors/handshake", version = "1.0.0", trigger = handshake)]
async fn on_handshake(State(board): State<Board>) {
    board.note("ran");
}

async fn handshakes(cases: &[Value], signed: &[Value]) -> Tally {
    let mut tally = Tally::new(Kind::Handshakes);
    for case in cases {
        let outcome = match answer(case, signed).await {
            Err(problem) => Err(problem),
            Ok((answer, starts_run)) => unlike(&case["expect"], &answer).map_or_else(
                || match starts_run == (case["starts_run"] == true) {
                    true => Ok(()),
                    false => Err(format!("starts a run: {starts_run}")),
                },
                Err,
            ),
        };
        let why = text(case, "why").unwrap_or_default();
        tally.count(case, outcome.map_err(|got| format!("{got} [{why}]")));
    }
    tally
}

/// An app at which requests to `/in` are verified in this way, at this time.
pub(crate) async fn app_with(verifier: Verifier, now: SystemTime) -> App {
    OF_CASE.set(verifier);
    memory(&["vectors/handshake"])
        .config(|config| config.public_url = Some("https://hooks.example.com".to_owned()))
        .builder(move |builder| builder.clock(Clock::manual(now.into())))
        .start()
        .await
}

/// The answer over a real socket, and whether a run was started.
async fn answer(case: &Value, signed: &[Value]) -> Result<(Answer, bool), String> {
    let provider = text(case, "provider").unwrap_or_default();
    let scheme = Scheme::by_name(provider).ok_or_else(|| format!("there is no scheme `{provider}`"))?;
    let request = &case["request"];
    let sent = text(request, "body").unwrap_or_default();
    // A handshake that is signed by a key which only the provider has stands among the signatures.
    let signed = signed.iter().find(|other| {
        case.get("signed_with").is_some()
            && text(other, "scheme").and_then(Scheme::by_name).is_some_and(|found| found.name == scheme.name)
            && text(other, "expected") == Some("valid")
            && body(other) == sent.as_bytes()
    });
    let challenged = scheme.handshakes.iter().any(|handshake| handshake.token.is_some());
    let own = secrets(&case["secret"]);
    let key = match signed {
        Some(signed) => secrets(&signed["secret"]),
        None if challenged || own.is_empty() => vec![SecretSource::Value(stand_in(scheme.key))],
        None => own.clone(),
    };
    let precondition = text(case, "precondition");
    let registration = Registration::default();
    if precondition.is_some() {
        registration.open();
    }
    let mut verifier = Verifier::from_scheme(scheme, key).registration(&registration);
    if challenged {
        verifier = verifier.challenge(own);
    }
    let ready = verifier.build(&|_: &'static str| None).map_err(|problems| format!("{problems:?}"))?;

    let now = signed.map_or(UNIX_EPOCH + Duration::from_secs(SOME_TIME), now);
    let target = match text(request, "query").unwrap_or_default() {
        "" => text(request, "path").unwrap_or("/in").to_owned(),
        query => format!("{}?{query}", text(request, "path").unwrap_or("/in")),
    };
    let mut all = object(request.get("headers"));
    all.extend(signed.map(|signed| object(signed.get("headers"))).unwrap_or_default());
    let mut call = Call::new(text(request, "method").unwrap_or("POST"), &target).body(sent.to_owned());
    call.0.headers = headers(&all).ok_or("a header that HTTP cannot carry")?;
    let is_bare = !call.0.headers.keys().any(|name| ready.is_signature_header(name));
    if is_bare && precondition.is_some_and(|text| text.contains("sign") || text.contains("verif")) {
        call.0 = ready.sign(call.0, now).map_err(|error| error.to_string())?;
    }

    let app = app_with(verifier, now).await;
    let answer = app.send(&call).await;
    let runs = app.runs().await.len();
    app.stop().await;
    Ok((answer, runs > 0))
}

/// A secret in the form that a scheme reads.
pub(crate) fn stand_in(format: KeyFormat) -> Secret {
    Secret::from(match format {
        KeyFormat::Hex => "6b6579206f662061207465737420636173",
        KeyFormat::Base64 => "a2V5IG9mIGEgdGVzdCBjYXNl",
        KeyFormat::Whsec => "whsec_a2V5IG9mIGEgdGVzdCBjYXNl",
        KeyFormat::UserPassword => "tester:key of a test case",
        KeyFormat::Utf8 | KeyFormat::Public(_) => "key of a test case",
    })
}

/// What of an answer is not as expected.
fn unlike(expect: &Value, answer: &Answer) -> Option<String> {
    let status = u64::from(answer.status);
    let body = answer.text();
    for (what, wanted) in &object(Some(expect)) {
        let holds = match what.as_str() {
            "status" => wanted.as_u64() == Some(status),
            "status_any" => {
                wanted.as_array().is_some_and(|any| any.iter().any(|one| one.as_u64() == Some(status)))
            }
            // 4 or "4xx".
            "status_class" => texts(wanted).concat().starts_with(&(status / 100).to_string()),
            "body" => wanted.as_str() == Some(&body),
            "body_not" => wanted.as_str().is_none_or(|not| !body.contains(not)),
            "json" => serde_json::from_str::<Value>(&body).ok().as_ref() == Some(wanted),
            "content_type" => wanted
                .as_str()
                .is_some_and(|wanted| answer.header("content-type").unwrap_or_default().starts_with(wanted)),
            "headers" => object(Some(wanted))
                .iter()
                .all(|(name, value)| answer.header(&name.to_ascii_lowercase()) == value.as_str()),
            _ => return Some(format!("expects `{what}`, which this runner does not know")),
        };
        if !holds {
            return Some(format!("expected {what} {wanted}, got {status} {body:?}"));
        }
    }
    None
}

fn filters(cases: &[Value]) -> Tally {
    let mut tally = Tally::new(Kind::Filters);
    for case in cases {
        let tagged = |tags: &[&str]| {
            case["tags"]
                .as_array()
                .is_some_and(|all| all.iter().any(|tag| tags.iter().any(|known| tag == known)))
        };
        let root = if case["kind"] == "request" { Root::Request } else { Root::Payload };
        let expected = case["expected"] == true;
        let name = text(case, "name").unwrap_or_default();
        match Filter::from_json(&case["filter"], root) {
            Err(_) if case["valid"] == false => tally.count(case, Ok(())),
            Ok(_) if case["valid"] == false && !name.contains("$exists") => {
                tally.count(case, Err("expected a refusal, got a filter".to_owned()));
            }
            Err(_) if tagged(&["unknown-key", "multi-op"]) => tally.on_purpose("inverted"),
            Err(problems) if problems.iter().all(|problem| hides_a_mistake(problem, expected)) => {
                tally.on_purpose("refused");
            }
            Err(problems) => tally.count(case, Err(format!("expected {expected}, got {problems:?}"))),
            Ok(filter) => match matches(&filter, case) {
                Ok(got) if got == expected => tally.count(case, Ok(())),
                Ok(_) if tagged(&["js-artifact", "js-index"]) => tally.on_purpose("inverted"),
                // To the original, the name of a header in capitals is one that no request has.
                Ok(true) if has_header_in_capitals(&case["filter"]) => tally.on_purpose("inverted"),
                Ok(_) if tagged(&["icu", "float-precision"]) => tally.on_purpose("skipped"),
                Ok(got) => tally.count(case, Err(format!("expected {expected}, got {got}"))),
                Err(disagreement) => tally.count(case, Err(disagreement)),
            },
        }
    }
    tally
}

/// Whether we refuse what the original takes although it can only be a mistake.
fn hides_a_mistake(problem: &Problem<String>, expected: bool) -> bool {
    match problem.kind {
        ProblemKind::EmptyList { .. } | ProblemKind::EmptyObject { .. } => true,
        ProblemKind::NeverMatches { .. } | ProblemKind::ReversedBounds { .. } => !expected,
        _ => false,
    }
}

fn has_header_in_capitals(filter: &Value) -> bool {
    object(filter.get("headers")).keys().any(|name| name.contains(char::is_uppercase))
}

/// The answer of the filter alone and of a set of it, which must be one.
fn matches(filter: &Filter, case: &Value) -> Result<bool, String> {
    let payload = &case["payload"];
    let json = payload.to_string();
    let names: Vec<(String, String)> = object(payload.get("headers"))
        .into_iter()
        .map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let query = text(payload, "url").and_then(|url| url.split_once('?')).map_or("", |(_, query)| query);
    let parts = if case["kind"] == "request" {
        let (method, body) =
            (text(payload, "method").unwrap_or_default(), text(payload, "body").unwrap_or_default());
        Parts { method, headers: &names, query, body: body.as_bytes() }
    } else {
        Parts::payload(json.as_bytes())
    };
    let alone = filter.matches(&parts);
    let set = FilterSet::build([Some(filter.clone())]).map_err(|problems| format!("{problems:?}"))?;
    let together = !set.matches(&parts, &mut set.scratch()).indexes.is_empty();
    if alone == together { Ok(alone) } else { Err(format!("alone {alone}, in a set {together}")) }
}
