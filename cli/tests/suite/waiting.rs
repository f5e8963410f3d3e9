//! Runs that wait for a person, and what they return.

use crate::app::{App, text};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use triggerfish::prelude::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[http_endpoint(id = "counter", source = "desk.example")]
fn counter() -> Verifier {
    Verifier::hmac_sha256().header("X-Desk-Signature").secret(env("DESK_SECRET"))
}

#[derive(Serialize, Deserialize)]
struct Receipt {
    order: u32,
    cents: u32,
}

#[job(id = "counter/ask", version = "1.0.0", trigger = counter, retry(limit = 1))]
async fn ask(io: Io) -> Result<Receipt> {
    io.wait("cool off", DAY).await?;
    let filter = serde_json::json!({ "order": [7] });
    let paid = io.wait_for_event_named::<Receipt, _>("paid", "counter.paid", filter, DAY).await?;
    paid.ok_or_else(|| Error::msg("nobody paid"))
}

/// The id of the run of an inquiry, when it waits at a key.
async fn waiting_at(app: &App, key: &str) -> String {
    let mut found = None;
    app.until(key, async || {
        let Some(run) = app.json(&["runs", "--state", "waiting"]).await.first().map(|run| text(run, "id"))
        else {
            return false;
        };
        let shown = app.json(&["runs", &run]).await.remove(0);
        found = Some(run);
        shown["waits"][0]["key"] == key
    })
    .await;
    found.unwrap()
}

#[tokio::test]
async fn waits_are_completed_and_the_output_is_shown() {
    let app = App::start().await;
    app.json(&["send", "counter", "--body", "{}"]).await;
    let run = waiting_at(&app, "cool off").await;
    let shown = app.out(&["runs", &run]).await;
    assert!(shown.starts_with("waiting counter/ask 1.0.0, attempt 1\nhttp://"), "{shown}");
    assert!(shown.contains("\nwaits at `cool off` until 2"), "{shown}");
    let told = app.out(&["complete", &run, "cool off"]).await;
    assert_eq!(told, "the wait `cool off` has ended: counter/ask goes on\n");

    waiting_at(&app, "paid").await;
    let shown = app.out(&["runs", &run]).await;
    assert!(shown.contains("\nwaits at `paid` for event counter.paid { order: [7] } until 2"), "{shown}");
    let other = app.run(&["complete", &run, "paid", "--body", r#"{"order":8,"cents":1}"#]).await;
    assert!(!other.ok && other.err.contains("the wait does not take this"), "{other:?}");
    let no_json = app.run(&["complete", &run, "paid", "--body", "{"]).await;
    assert!(!no_json.ok && no_json.err.contains("`body` is no JSON"), "{no_json:?}");
    std::fs::write(app.directory().join("paid.json"), r#"{"order":7,"cents":300}"#).unwrap();
    let [told] = app.json(&["complete", &run, "paid", "--file", "paid.json"]).await.try_into().unwrap();
    assert_eq!(text(&told, "id"), run);

    assert_eq!(app.run_that_is("done").await, run);
    let shown = app.out(&["runs", &run]).await;
    assert!(shown.starts_with("done counter/ask 1.0.0, attempt "), "{shown}");
    assert!(shown.contains(", took ") && !shown.contains("waits at"), "{shown}");
    assert!(shown.ends_with("\noutput: {\n  \"order\": 7,\n  \"cents\": 300\n}\n"), "{shown}");
    let [shown] = app.json(&["runs", &run]).await.try_into().unwrap();
    let output: Receipt = serde_json::from_str(&text(&shown, "output")).unwrap();
    assert_eq!(output.cents, 300);

    let late = app.run(&["complete", &run, "paid", "--body", "{}"]).await;
    assert!(!late.ok && late.err.contains("the wait `paid` has ended already"), "{late:?}");
    let unknown = app.run(&["runs", "01a2002a-b39a-73f2-aadb-fa204791d631"]).await;
    assert!(!unknown.ok && unknown.err.contains("no run"), "{unknown:?}");
    let both = app.run(&["runs", &run, "--state", "done"]).await;
    assert!(!both.ok && both.err.contains("cannot be used with"), "{both:?}");
}
