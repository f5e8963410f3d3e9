//! What an endpoint can be tried with.

use super::{ask, desk_app, get, post};
use crate::harness::memory;
use serde_json::{Value, json};
use triggerfish::prelude::*;
use triggerfish::store::RunState;

/// Signed with a private key.
#[http_endpoint(id = "samples/discord")]
fn discord() -> Verifier {
    Verifier::discord(env("SAMPLES_DISCORD"))
}

#[http_endpoint(id = "samples/custom")]
async fn custom(_request: &Request) -> Verification {
    Verification::verified()
}

#[http_endpoint(id = "samples/github")]
fn github() -> Verifier {
    Verifier::github(env("SAMPLES_GITHUB"))
}

fn ids(endpoint: &Value) -> Vec<&str> {
    endpoint["samples"].as_array().unwrap().iter().map(|sample| sample["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_examples_of_declared_events_are_samples_of_their_endpoint() {
    let app = desk_app().start().await;
    let shown = get(&app, "/endpoints/desk").await;
    assert_eq!(ids(&shown), ["desk/ordered/small", "desk/ordered/large", "provider"]);
    assert_eq!(shown["samples"][1]["name"], "Ordered: Large");
    assert_eq!(shown["samples"][1]["body"], "{\n  \"amount\": 500,\n  \"note\": \"an example\"\n}");
    let sent = post(&app, "/endpoints/desk/send", r#"{"sample":"desk/ordered/large"}"#).await;
    assert_eq!((&sent["outcome"], &sent["jobs"]), (&"accepted".into(), &json!(["desk/charge"])));
    let id = sent["id"].as_str().unwrap();
    assert_eq!(app.ended(id.parse().unwrap()).await.state, RunState::Done);
    let request = get(&app, &format!("/requests/{id}")).await;
    assert_eq!(request["verified_with"], "DESK_SECRET", "it was signed");
    let first = post(&app, "/endpoints/desk/send", "").await;
    assert_eq!(first["outcome"], "filtered", "the first, where none is named");
    let edited = r#"{"sample":"desk/ordered/small","body":"{\"amount\":50}"}"#;
    assert_eq!(post(&app, "/endpoints/desk/send", edited).await["outcome"], "accepted");
    let unknown = ask(&app, "POST", "/endpoints/desk/send", r#"{"sample":"none"}"#).await;
    assert_eq!(unknown.status, 400);
    assert!(
        unknown.text().contains("desk/ordered/small, desk/ordered/large, provider"),
        "{}",
        unknown.text()
    );
    app.stop().await;
}

#[tokio::test]
async fn a_provider_that_is_known_comes_with_its_sample() {
    let app = memory(&["samples/github", "desk/ordered"]).dashboard().start().await;
    let shown = get(&app, "/endpoints/samples%2Fgithub").await;
    assert_eq!(ids(&shown), ["provider"], "an event of another source is none of its own");
    assert_eq!(
        (&shown["samples"][0]["name"], &shown["cannot_sign"]),
        (&"GitHub's sample".into(), &Value::Null)
    );
    assert_eq!(post(&app, "/endpoints/samples%2Fgithub/send", "").await["status"], 200);
    app.stop().await;
}

#[tokio::test]
async fn why_nothing_can_be_signed_is_said() {
    let key = |_: &'static str| {
        // The first public key of RFC 8032.
        Some(Secret::from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    };
    let app = memory(&["samples/discord", "samples/custom"])
        .dashboard()
        .builder(move |builder| builder.secrets(key))
        .start()
        .await;
    let of_discord = "requests are signed with a private key, which its provider alone has";
    let of_function = "the endpoint verifies with its own function, for which nothing can be signed";
    for (id, why, refusal) in [
        ("samples%2Fdiscord", of_discord, "`discord` signs with a private key"),
        ("samples%2Fcustom", of_function, of_function),
    ] {
        let shown = get(&app, &format!("/endpoints/{id}")).await;
        assert_eq!((&shown["can_sign"], &shown["cannot_sign"]), (&false.into(), &why.into()));
        let refused = ask(&app, "POST", &format!("/endpoints/{id}/send"), r#"{"signature":"anew"}"#).await;
        let told = format!("{}: {}", refused.status, refused.text());
        assert!(refused.status == 409 && refused.text().contains(refusal), "{told}");
        let vouched = post(&app, &format!("/endpoints/{id}/send"), r#"{"signature":"skip"}"#).await;
        assert_eq!(vouched["outcome"], "filtered", "a person vouches for it: {vouched}");
    }
    app.stop().await;
}
