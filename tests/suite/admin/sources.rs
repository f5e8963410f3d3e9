//! External sources, as they are shown, and what a person asks of them.

use super::{ask, counted, get, post, token};
use crate::fakes::github::Github as FakeGithub;
use crate::fakes::stripe::{Fault, Stripe as FakeStripe};
use crate::harness::{App, Call, memory, sqlite, until};
use serde_json::{Value, json};
use std::time::SystemTime;
use triggerfish::store::RunState;

async fn in_state(app: &App, address: &str, state: &str) -> Value {
    let path = format!("/sources/{}", address.replace('/', "%2F"));
    until(&format!("the state {state} of {address}"), async || {
        let shown = get(app, &path).await;
        (shown["state"] == state).then_some(shown)
    })
    .await
}

async fn page(app: &App, path: &str) -> String {
    let call = Call::new("GET", &format!("/_triggerfish{path}"));
    let answer = app.send(&call.header("authorization", &format!("Bearer {}", token(app)))).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

#[tokio::test]
async fn a_webhook_says_what_is_wanted_and_what_is_registered() {
    let directory = tempfile::tempdir().unwrap();
    let fake = FakeGithub::start().await;
    let start = async |ids: &[&'static str]| {
        sqlite(directory.path(), ids).dashboard().provider(&fake.url()).start().await
    };
    let (one, two) = ("github/octo~one", "github/octo~two");
    let app = start(&["github/on-issues", "github/on-push", "github/on-other"]).await;
    // The run that registers a webhook ends after that.
    in_state(&app, one, "registered").await;
    app.all_ended().await;
    let shown = in_state(&app, one, "registered").await;
    assert_eq!(
        (&shown["source"], &shown["instance"], &shown["key"]),
        (&"github.webhook".into(), &"github".into(), &"octo~one".into())
    );
    assert_eq!(shown["url"], "https://hooks.example.com/hooks/github/octo~one");
    assert_eq!(shown["registered_url"], shown["url"]);
    assert_eq!(
        (&shown["desired"], &shown["missing"], &shown["orphaned"]),
        (&json!(["issues", "push"]), &json!([]), &json!([]))
    );
    assert_eq!(shown["has_secret"], true);
    assert_eq!((&shown["can_sign"], &shown["cannot_sign"]), (&true.into(), &Value::Null));
    assert_eq!(shown["samples"][0]["name"], "GitHub's sample");
    assert!(page(&app, "/sources/github%2Focto~one").await.contains("Test console"));
    let sent = post(&app, "/endpoints/github%2Focto~one/send", "").await;
    assert_eq!(sent["status"], 200, "signed with the secret that is kept: {sent}");
    let jobs: Vec<_> = shown["jobs"].as_array().unwrap().iter().map(|job| &job["id"]).collect();
    assert_eq!(jobs, ["github/on-issues", "github/on-push"]);
    assert_eq!(shown["last_run"]["state"], "done");
    in_state(&app, two, "registered").await;
    app.all_ended().await;
    let secrets: Vec<_> =
        fake.hooks().iter().map(|(_, hook)| hook["config"]["secret"].as_str().unwrap().to_owned()).collect();
    assert_eq!(secrets.len(), 2);
    for path in ["/sources", "/sources/github%2Focto~one", "/map"] {
        let told = [ask(&app, "GET", path, "").await.text(), page(&app, path).await];
        for secret in &secrets {
            assert!(told.iter().all(|told| !told.contains(secret)), "{path}");
        }
    }
    // A repository that no job wants any more can be let go, and the other cannot.
    let refused = ask(&app, "POST", "/sources/github%2Focto~one/unregister", "").await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("github/on-issues, github/on-push"), "{}", refused.text());
    let run = post(&app, "/sources/github%2Focto~one/register", "").await["run"].clone();
    app.all_ended().await;
    assert_eq!(in_state(&app, one, "registered").await["last_run"]["id"], run);
    let refused = ask(&app, "POST", "/sources/github%2Focto~one/backfill", "").await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("does not list its events"), "{}", refused.text());
    app.stop().await;

    let app = start(&["github/on-issues"]).await;
    let shown = in_state(&app, one, "registered").await;
    assert_eq!((&shown["desired"], &shown["orphaned"]), (&json!(["issues"]), &json!(["push"])));
    let orphan = in_state(&app, two, "orphaned").await;
    assert_eq!((&orphan["can_unregister"], &orphan["orphaned"]), (&true.into(), &json!(["push"])));
    assert!(page(&app, "/sources/github%2Focto~two").await.contains("Remove at the provider"));
    post(&app, "/sources/github%2Focto~two/unregister", "").await;
    app.all_ended().await;
    assert_eq!(ask(&app, "GET", "/sources/github%2Focto~two", "").await.status, 404);
    assert_eq!(fake.hooks().len(), 1);
    assert_eq!(ask(&app, "POST", "/sources/none/unregister", "").await.status, 404);
    app.stop().await;
}

#[tokio::test]
async fn a_registration_that_fails_says_why() {
    let fake = FakeStripe::start().await;
    fake.fail("POST", "/v1/webhook_endpoints", usize::MAX, Fault::Status(401, None));
    let app = memory(&["stripe/on-price"]).dashboard().provider(&fake.url()).start().await;
    let shown = in_state(&app, "stripe/stripe.webhook", "failed").await;
    assert_eq!((&shown["registered_at"], &shown["missing"]), (&Value::Null, &json!(["price.created"])));
    assert!(!shown["last_run"]["error"].as_str().unwrap().is_empty(), "{shown}");
    assert_eq!(shown["has_secret"], false);
    let why = "no secret is known yet: the webhook is not registered at its provider";
    assert_eq!((&shown["can_sign"], &shown["cannot_sign"]), (&false.into(), &why.into()));
    let path = "/endpoints/stripe%2Fstripe.webhook/send";
    let refused = ask(&app, "POST", path, r#"{"signature":"anew"}"#).await;
    assert_eq!((refused.status, refused.text().contains(why)), (409, true), "{}", refused.text());
    app.stop().await;
}

#[tokio::test]
async fn events_that_were_missed_are_fetched_and_lead_to_their_webhook() {
    let fake = FakeStripe::start().await;
    let app = memory(&["stripe/on-price"]).dashboard().provider(&fake.url()).start().await;
    in_state(&app, "stripe/stripe.webhook", "registered").await;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let price = |id: &str, amount: i64| json!({ "id": id, "object": "price", "currency": "usd", "unit_amount": amount, "product": "prod_1" });
    fake.happens("price.created", price("price_1", 200), now);
    let path = "/sources/stripe%2Fstripe.webhook/backfill";
    assert_eq!(post(&app, path, r#"{"since":"1h"}"#).await, json!({ "listed": 1, "new": 1 }));
    assert_eq!(post(&app, path, "").await, json!({ "listed": 1, "new": 0 }));
    assert_eq!(ask(&app, "POST", path, r#"{"since":"soon"}"#).await.status, 400);
    app.board.noted("price price_1 Some(\"price.created\")").await;
    let events = get(&app, "/events?name=price.created").await;
    let id = events["events"][0]["id"].as_str().unwrap();
    let event = get(&app, &format!("/events/{id}")).await;
    assert_eq!((&event["webhook"], &event["delivery"]), (&"stripe/stripe.webhook".into(), &Value::Null));

    // A delivery leads to its events, and says of each job why, as an endpoint's does.
    let delivered = fake.happens("price.created", price("price_2", 300), now);
    let accepted = fake.deliver(&delivered, app.address).await[0].delivery();
    let small = fake.happens("price.created", price("price_3", 5), now);
    let filtered = fake.deliver(&small, app.address).await[0].delivery();
    app.all_ended().await;
    let shown = get(&app, &format!("/requests/{accepted}")).await;
    assert_eq!(shown["events"][0]["name"], "price.created");
    let verdict = &shown["verdicts"][0];
    assert_eq!(
        (&verdict["ran"], &verdict["state"], &verdict["complete"]),
        (&true.into(), &"done".into(), &true.into())
    );
    assert_eq!(
        verdict["clauses"],
        json!([
            { "path": "currency", "wants": "one of [\"usd\"]", "got": "\"usd\"", "holds": true },
            { "path": "unit_amount", "wants": "$gt: 100", "got": "300", "holds": true },
        ])
    );
    let event = get(&app, &format!("/events/{}", shown["events"][0]["id"].as_str().unwrap())).await;
    assert_eq!(event["delivery"], accepted.to_string());
    let shown = get(&app, &format!("/requests/{filtered}")).await;
    assert_eq!(shown["reason"], "stripe/on-price: unit_amount is 5, wants $gt: 100");
    let holds: Vec<_> =
        shown["verdicts"][0]["clauses"].as_array().unwrap().iter().map(|clause| &clause["holds"]).collect();
    assert_eq!(holds, [&json!(true), &json!(false)]);
    let stored = app.store().delivery(filtered).await.unwrap().unwrap().verdicts.unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&stored).unwrap(),
        json!([{ "job": "stripe/on-price", "failed": [{ "path": "unit_amount", "wants": "$gt: 100", "got": 5 }] }])
    );
    let happened = r#"{"count":3,"filter":null,"from":"source:stripe/stripe.webhook","to":"event:stripe.com:price.created"}"#;
    let map = counted(&app, "/map", |map| map.to_string().contains(happened)).await.to_string();
    let taken = r#""from":"event:stripe.com:price.created","to":"job:stripe/on-price""#;
    assert!(map.contains(taken), "{map}");
    // The webhook has a page of its own.
    let call = Call::new("GET", "/_triggerfish/endpoints/stripe%2Fstripe.webhook");
    let answer = app.send(&call.header("authorization", &format!("Bearer {}", token(&app)))).await;
    assert_eq!(answer.header("location"), Some("/_triggerfish/sources/stripe%2Fstripe.webhook"));
    assert!(app.runs().await.iter().all(|run| run.state == RunState::Done));
    app.stop().await;
}
