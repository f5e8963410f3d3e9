//! The dashboard in a browser, as a person uses it. Pictures of the pages are
//! kept in `target/tmp/screenshots`.

use crate::admin::{desk_app, order, ordered};
use crate::harness::{App, Browser, Looks, sqlite};
use triggerfish::prelude::*;
use triggerfish::store::RunState;

fn page(app: &App, path: &str) -> String {
    format!("http://{}/_triggerfish{path}", app.address)
}

async fn enter(browser: &Browser, app: &App) {
    browser.go(app.pages.as_ref().unwrap()).await;
}

#[tokio::test]
async fn a_person_sees_requests_arrive_and_tries_an_endpoint() {
    let Some(browser) = Browser::open(Looks::default()).await else { return };
    let app = desk_app().start().await;
    enter(&browser, &app).await;
    assert!(!browser.url().await.contains("token"), "the token is not left in the address");
    browser.sees("Waiting for the first request").await;
    browser.picture("first-visit").await;

    browser.script("window.same = true").await;
    app.ended(ordered(&app, r#"{"amount":30,"note":"first"}"#).await).await;
    ordered(&app, r#"{"amount":3}"#).await;
    app.send(&order("{}").with("x-desk-signature", "00")).await;
    browser.sees("body.amount is 3").await;
    browser.sees("rejected").await;
    assert_eq!(browser.script("return window.same").await, true, "the page was not loaded again");

    browser.go(&page(&app, "/endpoints/desk")).await;
    browser.click("form[action$=reveal] button").await;
    browser.sees("sekrit-DESK_SECRET-0123456789abcdef").await;
    browser.go(&page(&app, "/endpoints/desk")).await;
    browser.picture("endpoint").await;
    browser.write("[data-body]", r#"{"amount":77,"note":"from the console"}"#).await;
    browser.click("#console button.primary").await;
    browser.sees("runs desk/charge").await;
    browser.click("[data-result] .verdicts a").await;
    browser.sees("an order").await;
    browser.click(".waterfall li:nth-child(2) summary").await;
    browser.sees("7700").await;
    browser.picture("run").await;

    browser.go(&page(&app, "")).await;
    browser.picture("stream").await;
    browser.press("j").await;
    browser.press("\u{E007}").await;
    browser.sees("77").await;
    assert!(browser.url().await.contains("/requests/"), "{}", browser.url().await);
    browser.picture("request").await;
    browser.press("?").await;
    browser.sees("next and previous row").await;
    assert_eq!(browser.errors().await, Vec::<String>::new());
    app.stop().await;
}

#[tokio::test]
async fn an_example_of_an_event_is_edited_and_sent() {
    let Some(browser) = Browser::open(Looks::default()).await else { return };
    let app = desk_app().start().await;
    enter(&browser, &app).await;
    browser.go(&page(&app, "/endpoints/desk")).await;
    browser.sees("Ordered: Too small to be charged").await;
    browser.click("#console .sample:nth-of-type(1) button.primary").await;
    browser.sees("filtered").await;
    browser.sees("amount").await;
    browser.shows("[data-result] .verdicts", "wants").await;
    browser.click("#console .sample:nth-of-type(2) summary").await;
    browser.write("#console .sample:nth-of-type(2) [data-body]", r#"{"amount":600}"#).await;
    browser.click("#console .sample:nth-of-type(2) button.primary").await;
    browser.sees("runs desk/charge").await;
    browser.picture("console").await;
    browser.click("[data-result] .verdicts a").await;
    browser.sees("an order").await;
    assert_eq!(browser.errors().await, Vec::<String>::new());
    app.stop().await;
}

#[tokio::test]
async fn a_rejected_request_is_sent_again_when_the_secret_is_right() {
    let Some(browser) = Browser::open(Looks::default()).await else { return };
    let directory = tempfile::tempdir().unwrap();
    let wrong = sqlite(directory.path(), crate::admin::IDS)
        .dashboard()
        .builder(|builder| builder.secrets(|_: &'static str| Some(Secret::from("not the provider's"))));
    let app = wrong.start().await;
    assert_eq!(app.send(&order(r#"{"amount":30}"#)).await.status, 401);
    app.store().flush().await.unwrap();
    enter(&browser, &app).await;
    browser.click("tr.row a.to").await;
    browser.sees("With today's secrets: the signature does not match").await;
    browser.picture("rejected").await;
    app.stop().await;
    let app = sqlite(directory.path(), crate::admin::IDS).dashboard().start().await;
    enter(&browser, &app).await;
    browser.click("tr.row a.to").await;
    browser.sees("With today's secrets it passes").await;
    browser.click("[data-key=r] button").await;
    browser.sees("verified with DESK_SECRET").await;
    let runs = app.all_ended().await;
    assert_eq!(runs.iter().map(|run| run.state).collect::<Vec<_>>(), [RunState::Done]);
    assert_eq!(browser.errors().await, Vec::<String>::new());
    app.stop().await;
}

#[tokio::test]
async fn a_failed_run_goes_on_from_its_step() {
    let Some(browser) = Browser::open(Looks { dark: true, ..Looks::default() }).await else { return };
    let app = desk_app().start().await;
    for n in 30..33 {
        app.ended(ordered(&app, &format!(r#"{{"amount":{n},"note":"declined"}}"#)).await).await;
    }
    let delivery = ordered(&app, r#"{"amount":50,"note":"declined"}"#).await;
    let run = app.ended(delivery).await.id;
    enter(&browser, &app).await;
    let ground = browser.script("return getComputedStyle(document.documentElement).backgroundColor").await;
    assert_eq!(ground, "rgb(18, 22, 21)", "dark, because the reader prefers that");
    browser.picture("stream-dark").await;
    browser.go(&page(&app, "/problems")).await;
    browser.sees("declined").await;
    browser.picture("problems-dark").await;
    browser.go(&page(&app, "/map")).await;
    browser.sees("Charge").await;
    browser.picture("map-dark").await;
    browser.go(&page(&app, &format!("/runs/{run}"))).await;
    browser.sees("declined").await;
    browser.picture("run-failed-dark").await;
    app.board.note("mended");
    browser.click("[data-key=r] button").await;
    app.in_state(delivery, RunState::Done).await;
    // The page follows the run by itself.
    browser.sees("done").await;
    assert_eq!(app.board.count("priced"), 4, "its first step did not run again");
    assert_eq!(browser.errors().await, Vec::<String>::new());
    app.stop().await;
}

#[tokio::test]
async fn without_scripts_everything_can_be_seen_and_done() {
    let Some(browser) = Browser::open(Looks { without_scripts: true, ..Looks::default() }).await else {
        return;
    };
    let app = desk_app().start().await;
    let delivery = ordered(&app, r#"{"amount":3}"#).await;
    enter(&browser, &app).await;
    assert!(browser.text("tr.row").await.contains("body.amount is 3"));
    browser.click("tr.row a.to").await;
    browser.shows(".id", &delivery.to_string()).await;
    browser.click("label[for=body-hex]").await;
    browser.shows(".tab-hex", "7b 22 61").await;
    browser.click("a[href$=edit]").await;
    browser.write("textarea[name=body]", r#"{"amount":44}"#).await;
    browser.click("button.primary").await;
    browser.shows("h1", "accepted").await;
    app.all_ended().await;
    browser.go(&page(&app, "/endpoints/desk")).await;
    browser.click("#console button.primary").await;
    browser.shows("h1", "POST /hooks/desk").await;
    assert!(browser.url().await.contains("/requests/"), "{}", browser.url().await);
    browser.go(&page(&app, "/endpoints/desk")).await;
    browser.click("#console .sample:nth-of-type(2) summary").await;
    browser.click("#console .sample:nth-of-type(2) button.primary").await;
    browser.shows("h1", "accepted").await;
    browser.shows(".verdicts", "desk/charge").await;
    for path in ["/runs", "/map", "/problems", "/endpoints"] {
        browser.go(&page(&app, path)).await;
        assert!(!browser.text("h1").await.is_empty(), "{path}");
    }
    app.stop().await;
}
