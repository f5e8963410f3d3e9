//! What is done to requests and runs.

use crate::app::{App, command, text};
use std::io::Write;
use std::process::Stdio;

#[tokio::test]
async fn an_event_is_sent_signed_by_the_program() {
    let app = App::start().await;
    let told = app.out(&["send", "desk", "--body", r#"{"amount":30}"#]).await;
    let (first, page) = told.split_once('\n').unwrap();
    assert_eq!(first, "200 accepted  runs desk/charge");
    assert!(page.contains("/_triggerfish/requests/"), "{told}");
    assert!(!page.contains("token"), "{told}");
    let file = app.directory().join("order.json");
    std::fs::write(&file, r#"{"amount":4}"#).unwrap();
    let [sent] = app
        .json(&["send", "desk", "--file", "order.json", "-H", "x-note: by hand"])
        .await
        .try_into()
        .unwrap();
    assert_eq!(sent["outcome"], "filtered", "{sent}");
    let mut piped = command(app.directory(), &["send", "desk", "--file", "-", "--json"]);
    let sent = tokio::task::spawn_blocking(move || {
        let mut child = piped.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(br#"{"amount":50}"#).unwrap();
        child.wait_with_output().unwrap()
    });
    let sent = String::from_utf8(sent.await.unwrap().stdout).unwrap();
    assert!(sent.contains(r#""outcome":"accepted""#), "{sent}");
    for (args, outcome) in [
        (&["send", "desk"][..], "accepted"),
        (&["send", "desk", "--sample", "ordered/small"], "filtered"),
        (&["send", "desk", "--signature", "as_received"], "rejected"),
    ] {
        assert_eq!(app.json(args).await[0]["outcome"], outcome, "{args:?}");
    }
    let unknown = app.run(&["send", "desk", "--sample", "none"]).await;
    assert!(!unknown.ok && unknown.err.contains("ordered/large, ordered/small, provider"), "{unknown:?}");
    let missing = app.run(&["send", "desk", "--file", "none.json"]).await;
    assert!(!missing.ok && missing.err.starts_with("error: none.json cannot be read"), "{missing:?}");
    let unknown = app.run(&["send", "nobody"]).await;
    assert!(!unknown.ok && unknown.err.contains("nobody"), "{unknown:?}");
}

#[tokio::test]
async fn requests_are_sent_again() {
    let app = App::start().await;
    let id = app.order(3).await;
    let told = app.out(&["replay", &id]).await;
    assert!(told.starts_with("200 filtered  "), "{told}");
    let [again] = app.json(&["replay", &id, "--signature", "anew"]).await.try_into().unwrap();
    assert_eq!(text(&again, "outcome"), "filtered");
    let unasked = app.run(&["replay", "--outcome", "filtered"]).await;
    assert_eq!(unasked.err, "error: replay 3? Say so with `--yes`: nobody can be asked here\n");
    assert_eq!(app.out(&["replay", "--outcome", "filtered", "--yes"]).await, "3 of 3 sent again\n");
    assert_eq!(app.json(&["requests", "--outcome", "filtered"]).await.len(), 6);
    assert_eq!(app.out(&["replay", "--outcome", "rejected", "--yes"]).await, "0 of 0 sent again\n");
    let everything = app.run(&["replay", "--yes"]).await;
    assert!(everything.err.contains("nothing is done to everything at once"), "{everything:?}");
    let [one, other] = [&id, "01a2002a-b39a-73f2-aadb-fa204791d631"];
    let partly = app.run(&["replay", one, other]).await;
    assert!(!partly.ok && partly.out == "1 of 2 sent again\n", "{partly:?}");
    assert!(partly.err.contains(&format!("1 failed:\n  {other}: ")), "{partly:?}");
}

#[tokio::test]
async fn failed_runs_are_queued_again() {
    let app = App::start().await;
    app.bank.decline(true);
    app.order(30).await;
    let run = app.run_that_is("failed").await;
    app.bank.decline(false);
    assert_eq!(app.out(&["retry", &run]).await, "1 of 1 queued again\n");
    assert_eq!(app.run_that_is("done").await, run);
    let [again] = app.json(&["retry", &run, "--from", "charge"]).await.try_into().unwrap();
    assert_eq!(text(&again, "id"), run);
    assert_eq!(app.run_that_is("done").await, run);
    let unknown = app.run(&["retry", &run, "--from", "nothing"]).await;
    assert!(!unknown.ok && unknown.err.contains("has no step `nothing`"), "{unknown:?}");
    let many = app.run(&["retry", "--state", "failed", "--from", "charge"]).await;
    assert_eq!(many.err, "error: `--from` needs one run: give its id\n");
}

#[tokio::test]
async fn failed_runs_are_queued_again_by_what_selects_them() {
    let app = App::start().await;
    app.bank.decline(true);
    for amount in [30, 31, 32] {
        app.order(amount).await;
    }
    app.until("three failures", async || app.json(&["runs", "--state", "failed"]).await.len() == 3).await;
    app.bank.decline(false);
    let unasked = app.run(&["retry", "--job", "desk/charge"]).await;
    assert_eq!(unasked.err, "error: retry 3? Say so with `--yes`: nobody can be asked here\n");
    assert_eq!(app.json(&["retry", "--job", "desk/charge", "--since", "1h", "--yes"]).await.len(), 3);
    app.until("three ends", async || app.json(&["runs", "--state", "done"]).await.len() == 3).await;
    assert_eq!(app.out(&["retry", "--job", "desk/charge", "--yes"]).await, "0 of 0 queued again\n");
}
