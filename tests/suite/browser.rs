//! The dashboard in a browser, as a person uses it. Pictures of the pages are
//! kept in `target/tmp/screenshots`.

use crate::admin::events::{EVENTS, SCHEDULED, sent};
use crate::admin::waits::{WAITS, waiting, with_url};
use crate::admin::{desk_app, order, ordered};
use crate::fakes::stripe::Stripe;
use crate::harness::{App, Browser, Looks, memory, sqlite};
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
    for path in ["/runs", "/map", "/problems", "/endpoints", "/events", "/schedules", "/sources"] {
        browser.go(&page(&app, path)).await;
        assert!(!browser.text("h1").await.is_empty(), "{path}");
    }
    for (path, told) in
        [("/events", "No event yet"), ("/schedules", "No schedule"), ("/sources", "No external source")]
    {
        browser.go(&page(&app, path)).await;
        browser.shows(".empty", told).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn a_person_completes_waits_and_follows_events_to_their_runs() {
    for without_scripts in [false, true] {
        let Some(browser) = Browser::open(Looks { without_scripts, ..Looks::default() }).await else {
            return;
        };
        let app = with_url(memory(WAITS)).start().await;
        let order = sent(&app, "desk.order", &serde_json::json!({ "n": 1 })).await;
        let run = waiting(&app, "sleep").await;
        enter(&browser, &app).await;
        browser.go(&page(&app, "/events")).await;
        browser.shows(".list", "desk.order").await;
        browser.click(&format!("a.to[href$=\"{order}\"]")).await;
        browser.click(&format!("a[href$=\"/runs/{run}\"]")).await;
        browser.shows(".waterfall", "It waits for its time.").await;
        browser.click("form.complete button").await;
        waiting(&app, "paid").await;
        // A page with a form that a person may be filling in is not loaded again by itself.
        browser.go(&page(&app, &format!("/runs/{run}"))).await;
        browser.shows(".waterfall", "order: [7]").await;
        browser.write("form.complete textarea", r#"{ "order": 8, "cents": 12 }"#).await;
        if !without_scripts {
            browser.picture("run-waits").await;
        }
        browser.click("form.complete button").await;
        browser.shows("main", "the wait does not take this").await;
        browser.go(&page(&app, &format!("/runs/{run}"))).await;
        // The example that the event's declaration gives fits.
        browser.click("form.complete button").await;
        app.board.noted("paid Some(100)").await;
        waiting(&app, "answer").await;
        browser.go(&page(&app, &format!("/runs/{run}"))).await;
        browser.write("form.complete textarea", r#""fine""#).await;
        browser.click("form.complete button").await;
        app.board.noted("answered Some(\"fine\")").await;
        app.all_ended().await;
        // Without scripts the page does not follow the run.
        browser.go(&page(&app, &format!("/runs/{run}"))).await;
        browser.shows("h1", "done").await;
        browser.shows(".log", "the wait `answer` was completed from the dashboard").await;
        if !without_scripts {
            assert_eq!(
                browser.errors().await.iter().filter(|line| !line.contains("400")).count(),
                0,
                "{:?}",
                browser.errors().await
            );
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn events_schedules_and_sources_have_pages_that_lead_to_each_other() {
    let Some(browser) = Browser::open(Looks::default()).await else { return };
    let ids = [EVENTS, SCHEDULED, &["desk", "desk/charge", "stripe/on-price"]].concat();
    let fake = Stripe::start().await;
    let app = memory(&ids).dashboard().provider(&fake.url()).start().await;
    ordered(&app, r#"{"amount":30}"#).await;
    for cents in [5, 500] {
        sent(&app, "desk.paid", &serde_json::json!({ "order": 7, "cents": cents })).await;
    }
    sent(&app, "desk.lost", &serde_json::json!({ "n": 1 })).await;
    app.all_ended().await;
    enter(&browser, &app).await;
    browser.click("nav a[href$=\"/events\"]").await;
    browser.sees("desk.lost").await;
    browser.picture("events").await;
    browser.write("input[name=name]", "desk.paid").await;
    browser.click(".filter button").await;
    browser.click("tr.row a.to").await;
    browser.sees("Paid at the desk").await;
    browser.picture("event").await;
    browser.click("nav a[href$=\"/schedules\"]").await;
    browser.sees("Europe/London").await;
    browser.picture("schedules").await;
    browser.click("nav a[href$=\"/sources\"]").await;
    browser.sees("registered").await;
    browser.click("tr.row a.to").await;
    browser.sees("price.created").await;
    browser.picture("source").await;
    browser.click("form[action$=backfill] button").await;
    browser.sees("The provider listed 0 events").await;
    browser.click("nav a[href$=\"/map\"]").await;
    browser.sees("Nightly").await;
    let red = browser.script("return document.querySelectorAll('.unhandled').length").await;
    assert_eq!(red, 2, "desk.lost and desk.booked");
    browser.picture("map").await;
    assert_eq!(browser.errors().await, Vec::<String>::new());
    app.stop().await;
}
