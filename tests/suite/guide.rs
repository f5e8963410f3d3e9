//! The program of the guide "Write an integration", as it stands on its page, at
//! the provider that it is for.

use crate::fakes::acme::{Acme as Fake, TOKEN};
use crate::harness::{App, Board, Call, base, memory, path_of, sqlite, until};
use program::{Acme, Order, on_order_paid};
use serde_json::{Value, json};
use triggerfish::prelude::*;
use triggerfish::store::RunState;
use triggerfish::time::Clock;

#[allow(dead_code, unreachable_pub, reason = "a crate of its own, to its reader")]
mod program {
    include!(concat!(env!("OUT_DIR"), "/guide.rs"));
}

#[source]
fn acme_here() -> Acme {
    Acme::new("acme", Secret::from(TOKEN)).base_url(&base())
}

#[job(
    id = "guide/ship",
    version = "1.0.0",
    trigger = on_order_paid(account = acme_here, shop = "berlin"),
    filter = { total: [{ $gte: 100 }] },
)]
async fn ship(Json(order): Json<Order>, State(board): State<Board>) {
    board.note(format_args!("ship {}", order.id));
}

#[job(id = "guide/other-shop", version = "1.0.0", trigger = on_order_paid(account = acme_here, shop = "paris"))]
async fn other_shop() {}

#[job(id = "guide/no-shop", version = "1.0.0", trigger = on_order_paid(account = acme_here))]
async fn no_shop() {}

/// Sends orders as Acme does, and returns the status.
async fn paid(app: &App, hook: &Value, orders: &[(&str, u64)]) -> u16 {
    let events = orders.iter().map(|(id, total)| {
        json!({ "id": format!("evt-{id}"), "type": "order.paid", "data": { "id": id, "total": total } })
    });
    let body = json!({ "events": events.collect::<Vec<_>>() }).to_string();
    let secret = Secret::from(hook["secret"].as_str().unwrap());
    let call = Call::post(&path_of(hook["url"].as_str().unwrap()), body);
    call.sign(Verifier::hmac_sha256().header("X-Acme-Signature").secret(secret))
        .send(app.address)
        .await
        .status
}

#[tokio::test]
async fn it_registers_takes_events_follows_changes_and_leaves() {
    let (directory, fake) = (tempfile::tempdir().unwrap(), Fake::start().await);
    let app = sqlite(directory.path(), &["guide/ship"]).provider(&fake.url()).start().await;
    app.registered().await;
    let hook = fake.hooks().remove(0);
    assert_eq!((&hook["shop"], &hook["events"]), (&json!("berlin"), &json!(["order.paid"])));
    assert_eq!(paid(&app, &hook, &[("a", 100), ("b", 99), ("c", 700)]).await, 200);
    assert_eq!(paid(&app, &hook, &[("c", 700), ("d", 701)]).await, 200);
    assert_eq!(paid(&app, &json!({ "url": hook["url"], "secret": "guess" }), &[("x", 900)]).await, 401);
    app.all_ended().await;
    let mut notes = app.board.notes();
    notes.sort();
    assert_eq!(notes, ["ship a", "ship c", "ship d"]);
    app.stop().await;

    // A URL that moved is told; a webhook that somebody removed is made again.
    let moved = sqlite(directory.path(), &["guide/ship"]).provider(&fake.url());
    let app = moved.config(|config| config.public_url = Some("https://new.example.com".into())).start().await;
    app.all_ended().await;
    let all = fake.hooks();
    assert_eq!((all.len(), &all[0]["id"]), (1, &hook["id"]));
    assert_eq!(all[0]["url"], "https://new.example.com/hooks/acme/berlin");
    fake.forgets();
    app.running.sources().register("acme/berlin").await.unwrap();
    app.all_ended().await;
    let again = fake.hooks().remove(0);
    assert_ne!(again["secret"], hook["secret"]);
    assert_eq!(paid(&app, &again, &[("e", 800)]).await, 200);
    app.board.noted("ship e").await;
    app.running.sources().unregister("acme/berlin").await.unwrap();
    until("its end", async || fake.hooks().is_empty().then_some(())).await;
    app.running.sources().unregister("acme/berlin").await.unwrap();
    assert!(app.all_ended().await.iter().all(|run| run.state == RunState::Done));
    app.stop().await;
}

#[tokio::test]
async fn answers_that_are_lost_end_with_one_webhook_for_each_shop() {
    let fake = Fake::start().await;
    fake.loses(&[500, 429, 503, 502]);
    let clock = Clock::manual(std::time::SystemTime::now().into());
    let shown = clock.clone();
    let setup = memory(&["guide/ship", "guide/other-shop"]).provider(&fake.url());
    let app = setup.builder(move |builder| builder.clock(shown)).start().await;
    until("both webhooks", async || {
        for run in app.runs().await.into_iter().filter(|run| run.state == RunState::Queued) {
            clock.advance(run.due_at.since(clock.now()));
        }
        let all = app.running.sources().list();
        all.iter().all(|source| source.registered.is_some()).then_some(())
    })
    .await;
    let mut shops: Vec<_> = fake.hooks().into_iter().map(|hook| hook["shop"].clone()).collect();
    shops.sort_by_key(ToString::to_string);
    assert_eq!(shops, ["berlin", "paris"]);
    for hook in fake.hooks() {
        assert_eq!(paid(&app, &hook, &[("a", 50)]).await, 200);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_job_that_names_no_shop_and_a_token_that_is_wrong_are_told() {
    let fake = Fake::start().await;
    let error = memory(&["guide/no-shop"]).provider(&fake.url()).build().map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("guide/no-shop") && error.contains("name the shop"), "{error}");
    fake.loses(&[401]);
    let app = memory(&["guide/ship"]).provider(&fake.url()).start().await;
    let runs = app.all_ended().await;
    assert_eq!((runs[0].state, runs[0].attempt), (RunState::Failed, 1));
    assert!(
        runs[0].error.as_deref().unwrap_or_default().contains("Acme answered 401"),
        "{:?}",
        runs[0].error
    );
    app.stop().await;
}
