//! Payloads that want to be more than text: on every page they stay text.

use crate::admin::{desk_app, order, token};
use crate::fakes::stripe::Stripe;
use crate::harness::{App, Call, until};
use serde_json::json;
use std::time::Duration;
use triggerfish::event::Outgoing;
use triggerfish::prelude::*;
use triggerfish::schedule::Timing;
use triggerfish::store::{OriginId, RunQuery, RunState, SourceRow};
use uuid::Uuid;

#[http_endpoint(id = "hostile", title = "<b>\"Hostile\"</b>", dedupe = none)]
fn hostile() -> Verifier {
    Verifier::none("whatever comes is shown")
}

/// Its error, its log and its steps say what was sent.
#[job(id = "hostile/echo", name = "<i>Echo</i>", version = "1.0.0", trigger = hostile, retry(limit = 1))]
async fn echo(request: Request, io: Io) -> Result<()> {
    let text = String::from_utf8_lossy(request.body()).into_owned();
    io.logger().error(&text, &text);
    io.run_task("<script>step()</script>", || async { done(text.clone()) }).await?;
    Err(Error::msg(text))
}

/// It waits for what a stranger names.
#[job(id = "hostile/waits", name = "<i>Waits</i>", version = "1.0.0", trigger = event("hostile.wait"))]
async fn waits(Json(text): Json<String>, io: Io) -> Result<()> {
    let filter = json!({ "text": [&text] });
    io.wait_for_event_named::<serde_json::Value, _>(text.clone(), text, filter, HOUR).await?;
    Ok(())
}

#[job(id = "hostile/scheduled", name = "<i>Scheduled</i>", version = "1.0.0", trigger = schedule)]
async fn scheduled(Json(text): Json<String>) {
    drop(text);
}

const HOUR: Duration = Duration::from_secs(3600);

const IDS: &[&str] = &[
    "desk",
    "desk/charge",
    "hostile",
    "hostile/echo",
    "hostile/waits",
    "hostile/scheduled",
    "stripe/on-price",
    "stripe_one",
];

const PAYLOADS: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</pre></textarea></title></style><svg onload=alert(1)>",
    "{\"<script>alert(1)</script>\": \"</span><script>alert(2)</script>\"}",
    "javascript:alert(1)//' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% raw %} ${7*7} <!-- --> ]]>",
    "\u{202e}evil\u{0} \u{1f980} \n\r\n\n data: injected\n\nevent: x",
];

/// Every tag of a page with its attributes, as a browser reads them: outside of
/// comments and quoted values.
fn tags(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let tag = &rest[at..];
        let (mut quote, mut end) = (None, tag.len());
        for (n, char) in tag.char_indices().skip(1) {
            match (quote, char) {
                (None, '"' | '\'') => quote = Some(char),
                (Some(open), close) if open == close => quote = None,
                (None, '>') => {
                    end = n + 1;
                    break;
                }
                _ => {}
            }
        }
        tags.push(tag[..end].to_owned());
        rest = &tag[end..];
    }
    tags
}

/// The names of the attributes of a tag.
fn attributes(tag: &str) -> Vec<String> {
    let (mut names, mut name, mut quote, mut in_value) = (Vec::new(), String::new(), None, false);
    for char in tag.chars().skip_while(|char| !char.is_whitespace()) {
        match (quote, char) {
            (Some(open), close) if open == close => (quote, in_value) = (None, false),
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(char),
            (None, '=') => in_value = true,
            (None, char) if char.is_whitespace() || char == '>' || char == '/' => {
                if !name.is_empty() {
                    names.push(std::mem::take(&mut name).to_lowercase());
                }
                in_value = false;
            }
            (None, char) if !in_value => name.push(char),
            _ => {}
        }
    }
    names
}

/// The run of an event, when it waits.
async fn waiting(app: &App, event: Uuid) -> Uuid {
    until("the wait of a run", async || {
        let query = RunQuery { origin: Some(OriginId::Event(event)), ..RunQuery::default() };
        let runs = app.store().runs(query).await.unwrap();
        runs.into_iter().find(|run| run.state == RunState::Waiting).map(|run| run.id)
    })
    .await
}

async fn page(app: &App, path: &str) -> String {
    let call = Call::new("GET", path).header("authorization", &format!("Bearer {}", token(app)));
    let answer = app.send(&call).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

#[tokio::test]
async fn on_no_page_a_payload_becomes_anything_but_text() {
    let fake = Stripe::start().await;
    let app = desk_app().ids(IDS).provider(&fake.url()).start().await;
    let mut paths: Vec<String> = [
        "",
        "/endpoints",
        "/endpoints/hostile",
        "/endpoints/desk",
        "/runs",
        "/events",
        "/schedules",
        "/sources",
        "/sources/stripe%2Fstripe.webhook",
        "/map",
        "/problems",
    ]
    .map(|path| format!("/_triggerfish{path}"))
    .into();
    let all = app.all_ended().await;
    let webhook = app.running.sources().list().remove(0).registered.unwrap_or_else(|| panic!("{all:?}"));
    for payload in PAYLOADS {
        let header: String = payload.chars().filter(|char| (' '..='~').contains(char)).collect();
        let query: String = payload.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let call = Call::post(&format!("/hooks/hostile?q={query}"), payload).header("x-hostile", &header);
        let sent = app.send(&call.header("user-agent", &header)).await;
        let delivery = sent.delivery();
        let run = app.ended(delivery).await.id;
        let rejected = app.send(&order(payload).with("x-desk-signature", &header)).await;
        assert_eq!(rejected.status, 401);
        paths.push(format!("/_triggerfish/requests/{delivery}"));
        paths.push(format!("/_triggerfish/requests/{delivery}/edit"));
        paths.push(format!("/_triggerfish/requests/{delivery}/test"));
        paths.push(format!("/_triggerfish/runs/{run}"));
        // An event, a wait, a schedule and a webhook that are named so.
        let named = Outgoing::named(payload, &payload).id(payload).context(&payload);
        let event = app.running.events().send(named).await.unwrap();
        paths.push(format!("/_triggerfish/events/{event}"));
        paths.push(format!("/_triggerfish/events?name={query}&source={query}&since=1h"));
        let waits = app.running.events().send(Outgoing::named("hostile.wait", &payload)).await.unwrap();
        paths.push(format!("/_triggerfish/runs/{}", waiting(&app, waits).await));
        let hourly = Timing::every(HOUR).unwrap();
        app.running.schedules().create::<scheduled>(payload, hourly, &payload.to_owned()).await.unwrap();
        let text = payload.to_owned();
        let row = SourceRow {
            address: format!("stripe/{payload}"),
            url: text.clone(),
            version: text.clone(),
            params: json!(payload).to_string(),
            events: vec![text.clone()],
            instance: text,
            ..webhook.clone()
        };
        app.store().keep_source(row).await.unwrap();
        paths.push(format!("/_triggerfish/sources/stripe%2F{query}"));
        paths.push(format!("/_triggerfish?text={query}&endpoint={query}&since=1h"));
        paths.push(format!("/_triggerfish/runs?job={query}"));
    }
    app.store().flush().await.unwrap();
    for rejected in app.traces().await {
        paths.push(format!("/_triggerfish/requests/{}", rejected.id));
    }
    for path in paths {
        let html = page(&app, &path).await;
        for tag in tags(&html) {
            let name = tag.trim_start_matches(['<', '/']).to_lowercase();
            let is_own_script =
                tag.starts_with("<script src=\"/_triggerfish/script.js\"") || tag == "</script>";
            assert!(!name.starts_with("script") || is_own_script, "{path}: {tag}");
            assert!(
                !name.starts_with("style") && !name.starts_with("iframe") && !name.starts_with("object"),
                "{path}: {tag}"
            );
            let image_is_own = !name.starts_with("img") || tag.contains("src=\"/_triggerfish/icon.svg\"");
            assert!(image_is_own, "{path}: {tag}");
            for attribute in attributes(&tag) {
                assert!(!attribute.starts_with("on") && attribute != "style", "{path}: {tag}");
            }
            for link in ["href=\"javascript:", "src=\"javascript:", "action=\"javascript:"] {
                assert!(!tag.contains(link), "{path}: {tag}");
            }
        }
        assert!(!html.contains("49 {%"), "{path}: a payload was drawn as a template");
    }
    app.stop().await;
}

#[test]
fn the_reader_of_tags_sees_what_it_looks_for() {
    assert_eq!(tags("a<b x='>'>c</b>"), ["<b x='>'>", "</b>"]);
    assert_eq!(attributes("<img src=x onerror=alert(1)>"), ["src", "onerror"]);
    assert_eq!(attributes("<a title=\"x onload=1\" b>"), ["title", "b"]);
}
