//! The whole way at a fake Stripe: a webhook that registers itself, its events,
//! and calls to the API.

use crate::fakes::stripe::{Fault, KEY, Stripe as Fake, When, signed, signed_ago};
use crate::harness::{App, Board, base, memory, now, path_of, sqlite, until};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use triggerfish::prelude::*;
use triggerfish::store::{RunQuery, RunState, TraceOutcome};
use triggerfish_stripe as stripe;
use triggerfish_stripe::{Customer, Price, Stripe, StripeIo};

#[source]
fn stripe_one() -> Stripe {
    Stripe::new("stripe", Secret::from(KEY)).base_url(base()).repeats(2, Duration::from_millis(1))
}

#[source]
fn stripe_two() -> Stripe {
    Stripe::new("second", Secret::from(KEY)).base_url(base()).repeats(2, Duration::from_millis(1))
}

#[job(
    id = "stripe/on-price",
    version = "0.1.0",
    trigger = stripe::on_price_created(account = stripe_one),
    filter = { currency: ["usd"], unit_amount: [{ $gt: 100 }] },
)]
async fn on_price(Json(price): Json<Price>, ctx: Context, State(board): State<Board>) {
    board.note(format_args!("price {} {:?}", price.id, ctx.event_name));
}

#[job(id = "stripe/on-update", version = "0.1.0", trigger = stripe::on_price_updated(account = stripe_one))]
async fn on_update(Json(price): Json<Price>, State(board): State<Board>) {
    board.note(format_args!("updated {}", price.id));
}

#[job(
    id = "stripe/on-connect",
    version = "0.1.0",
    trigger = stripe::on_price_created(account = stripe_one, connect = true),
)]
async fn on_connect(Json(price): Json<Price>, State(board): State<Board>) {
    board.note(format_args!("connected {}", price.id));
}

#[job(id = "stripe/on-second", version = "0.1.0", trigger = stripe::on_price_created(account = stripe_two))]
async fn on_second(Json(price): Json<Price>, State(board): State<Board>) {
    board.note(format_args!("second {}", price.id));
}

#[job(id = "stripe/unnamed", version = "0.1.0", trigger = stripe::on_price_created)]
async fn unnamed(Json(price): Json<Price>, State(board): State<Board>) {
    board.note(format_args!("unnamed {}", price.id));
}

#[job(id = "stripe/on-any", version = "0.1.0", trigger = stripe::on_event(account = stripe_one))]
async fn on_any(Json(object): Json<Value>, ctx: Context, State(board): State<Board>) {
    board.note(format_args!("any {} {:?}", object["id"], ctx.event_name));
}

/// What a job asks of Stripe.
#[job(
    id = "stripe/calls",
    version = "0.1.0",
    trigger = stripe::on_customer_created(account = stripe_one),
    retry(limit = 2, min = "1ms"),
)]
async fn calls(Json(customer): Json<Customer>, io: Io, State(board): State<Board>) -> Result<()> {
    let tasks = io.stripe();
    let made =
        tasks.customers().create("make", json!({ "name": "Ada", "metadata": { "of": customer.id } })).await?;
    board.note(format_args!("made {} {:?}", made.id, made.name));
    let read = tasks.customers().retrieve("read", &made.id).await?;
    let refund = tasks.refunds().create("refund", json!({ "charge": "ch_1", "amount": 50 })).await?;
    let intent = tasks.payment_intents().create("pay", json!({ "amount": 9, "currency": "eur" })).await?;
    let intent = tasks.payment_intents().act("stop", "cancel", &intent.id, ()).await?;
    let price = tasks.prices().create("price", json!({ "currency": "usd", "unit_amount": 700 })).await?;
    let updated = tasks.prices().update("price 2", &price.id, json!({ "nickname": "x" })).await?;
    let listed = tasks.prices().list("prices", json!({ "limit": 1 })).await?;
    let other = tasks.clone().account("acct_7").customers().create("other", json!({})).await?;
    board.note(format_args!(
        "{:?} {} {} {:?} {} {}",
        read.name, refund.amount, intent.status, updated.nickname, listed.has_more, other.id
    ));
    if let Err(error) = tasks.customers().retrieve("missing", "cus_nobody").await {
        board.note(error);
    }
    Ok(())
}

async fn started(fake: &Fake, ids: &[&'static str]) -> App {
    let app = memory(ids).provider(&fake.url()).start().await;
    app.registered().await;
    app
}

fn price(id: &str, amount: i64) -> Value {
    json!({ "id": id, "object": "price", "currency": "usd", "unit_amount": amount, "product": "prod_1" })
}

#[tokio::test]
async fn a_webhook_registers_itself_once_and_its_events_run_the_jobs_that_want_them() {
    let directory = tempfile::tempdir().unwrap();
    let fake = Fake::start().await;
    let ids = ["stripe/on-price", "stripe/on-update"];
    let app = sqlite(directory.path(), &ids).provider(&fake.url()).start().await;
    app.registered().await;
    let webhooks = fake.webhooks();
    assert_eq!(webhooks.len(), 1, "{webhooks:#?}");
    assert_eq!(webhooks[0]["url"], "https://hooks.example.com/hooks/stripe/stripe.webhook");
    assert_eq!(webhooks[0]["enabled_events"], json!(["price.created", "price.updated"]));
    assert_eq!(webhooks[0]["metadata"], json!({ "triggerfish": "stripe/stripe.webhook" }));
    assert!(fake.seen().iter().all(|seen| seen.version.as_deref() == Some(stripe::API_VERSION)));

    let event = fake.happens("price.created", price("price_1", 200), now());
    let answers = fake.deliver(&event, app.address).await;
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200]);
    app.board.noted("price price_1 Some(\"price.created\")").await;
    let cheap = fake.happens("price.created", price("price_2", 50), now());
    let answers = fake.deliver(&cheap, app.address).await;
    let delivery = app.store().delivery(answers[0].delivery()).await.unwrap().unwrap();
    let verdicts: Value = serde_json::from_str(&delivery.verdicts.unwrap()).unwrap();
    assert_eq!(verdicts[0]["job"], "stripe/on-price");
    assert_eq!(verdicts[0]["failed"][0]["got"], 50, "{verdicts}");

    let runs = app.all_ended().await;
    let register: Vec<_> = runs.iter().filter(|run| run.job == "triggerfish/register").collect();
    assert_eq!(register.len(), 1);
    assert_eq!(register[0].state, RunState::Done);
    let steps = app.store().steps(register[0].id).await.unwrap();
    assert_eq!(steps.iter().map(|step| step.key.as_str()).collect::<Vec<_>>(), ["create", "list"]);
    let id = webhooks[0]["id"].as_str().unwrap();
    let secret = fake.secrets(id).remove(0);
    assert!(steps.iter().all(|step| !step.output.contains(&secret)), "the step's output is sealed");
    let table = app.running.table("http://x").await;
    assert!(table.contains("external source stripe.webhook: registered"), "{table}");
    assert_eq!(runs.len(), 2, "one registered, one took the price");
    app.stop().await;
    let bytes = std::fs::read(directory.path().join("app.db")).unwrap();
    assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));

    // A second start finds all as it should be.
    let before = fake.seen().len();
    let app = sqlite(directory.path(), &ids).provider(&fake.url()).start().await;
    app.registered().await;
    let event = fake.happens("price.updated", price("price_1", 300), now());
    fake.deliver(&event, app.address).await;
    app.board.noted("updated price_1").await;
    app.all_ended().await;
    assert_eq!(fake.seen().len(), before, "nothing was asked of Stripe");
    app.stop().await;
}

#[tokio::test]
async fn new_events_are_added_to_the_webhook_that_there_is_and_another_key_has_another() {
    let directory = tempfile::tempdir().unwrap();
    let fake = Fake::start().await;
    let app = sqlite(directory.path(), &["stripe/on-price"]).provider(&fake.url()).start().await;
    app.registered().await;
    let first = fake.webhooks();
    app.stop().await;

    let ids = ["stripe/on-price", "stripe/on-update", "stripe/on-connect"];
    let app = sqlite(directory.path(), &ids).provider(&fake.url()).start().await;
    until("both webhooks with all events", async || {
        let all = fake.webhooks();
        (all.len() == 2 && all[0]["enabled_events"].as_array().unwrap().len() == 2).then_some(())
    })
    .await;
    app.registered().await;
    app.all_ended().await;
    let all = fake.webhooks();
    assert_eq!(all[0]["id"], first[0]["id"], "the same one");
    assert_eq!(all[1]["url"], "https://hooks.example.com/hooks/stripe/stripe.webhook.connect");
    let created =
        fake.seen().into_iter().rfind(|seen| seen.method == "POST" && seen.path == "/v1/webhook_endpoints");
    assert_eq!(created.unwrap().params["connect"], "true");

    // The secret that is known still verifies; each webhook runs its own jobs.
    let event = fake.happens("price.created", price("price_1", 200), now());
    let target = path_of(all[1]["url"].as_str().unwrap());
    let secrets = fake.secrets(all[1]["id"].as_str().unwrap());
    assert_eq!(signed(&target, &event.to_string(), &secrets).send(app.address).await.status, 200);
    app.board.noted("connected price_1").await;
    assert_eq!(app.board.count("price price_1 Some(\"price.created\")"), 0);
    app.stop().await;

    // An event less waits for the next change; a URL that moved does not.
    let before = fake.count("POST", &format!("/v1/webhook_endpoints/{}", all[0]["id"].as_str().unwrap()));
    let app = sqlite(directory.path(), &["stripe/on-price"]).provider(&fake.url()).start().await;
    app.all_ended().await;
    assert_eq!(
        fake.count("POST", &format!("/v1/webhook_endpoints/{}", all[0]["id"].as_str().unwrap())),
        before
    );
    let orphaned = app.running.sources().orphaned().await.unwrap();
    assert_eq!(
        orphaned.iter().map(|row| row.address.as_str()).collect::<Vec<_>>(),
        ["stripe/stripe.webhook.connect"]
    );
    app.running.sources().unregister("stripe/stripe.webhook.connect").await.unwrap();
    until("the end of the orphan", async || (fake.webhooks().len() == 1).then_some(())).await;
    app.all_ended().await;
    assert!(app.running.sources().orphaned().await.unwrap().is_empty());
    app.stop().await;
    let moved = sqlite(directory.path(), &["stripe/on-price"]).provider(&fake.url());
    let moved = moved.config(|config| config.public_url = Some("https://new.example.com".to_owned()));
    let app = moved.start().await;
    app.all_ended().await;
    let all = fake.webhooks();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["url"], "https://new.example.com/hooks/stripe/stripe.webhook");
    assert_eq!(all[0]["enabled_events"], json!(["price.created"]));
    app.stop().await;
}

#[tokio::test]
async fn what_is_forged_unsigned_stale_or_of_another_secret_is_rejected_and_recorded() {
    let fake = Fake::start().await;
    let app = started(&fake, &["stripe/on-price", "stripe_one"]).await;
    let webhook = fake.webhooks().remove(0);
    let target = path_of(webhook["url"].as_str().unwrap());
    let secrets = fake.secrets(webhook["id"].as_str().unwrap());
    let body = fake.happens("price.created", price("price_1", 200), now()).to_string();
    let good = signed(&target, &body, &secrets);
    let signature = good.value("stripe-signature");
    let forged = crate::harness::Call::post(&target, body.replace("200", "900"))
        .header("stripe-signature", &signature);
    let unsigned = crate::harness::Call::post(&target, body.clone());
    let stale = signed_ago(&target, &body, &secrets, 301);
    let other = signed(&target, &body, &["whsec_of_somebody_else".to_owned()]);
    for call in [&forged, &unsigned, &stale, &other] {
        assert_eq!(call.send(app.address).await.status, 401);
    }
    let reasons: Vec<_> = app.traces().await.into_iter().map(|trace| (trace.outcome, trace.reason)).collect();
    assert_eq!(reasons.len(), 4, "{reasons:#?}");
    assert!(reasons.iter().all(|(outcome, _)| *outcome == TraceOutcome::Rejected));
    for (word, (_, reason)) in ["match", "signed 30", "missing", "match"].iter().zip(&reasons) {
        assert!(reason.contains(word), "{word}: {reason}");
    }
    assert!(app.deliveries().await.is_empty());
    assert_eq!(good.send(app.address).await.status, 200, "and the genuine one is not");
    app.board.noted("price price_1 Some(\"price.created\")").await;
    app.stop().await;
}

#[tokio::test]
async fn before_it_is_registered_nothing_is_accepted() {
    let fake = Fake::start().await;
    fake.fail("POST", "/v1/webhook_endpoints", usize::MAX, Fault::Status(401, None));
    let app = memory(&["stripe/on-price", "stripe_one"]).provider(&fake.url()).start().await;
    app.all_ended().await;
    let body = fake.happens("price.created", price("price_1", 200), now()).to_string();
    for secret in ["", " ", "whsec_guess"] {
        let call = crate::harness::Call::post("/hooks/stripe/stripe.webhook", body.clone());
        let call = if secret.trim().is_empty() {
            call.header("stripe-signature", "t=1,v1=")
        } else {
            signed("/hooks/stripe/stripe.webhook", &body, &[secret.to_owned()])
        };
        assert_eq!(call.send(app.address).await.status, 401);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_secret_that_is_rolled_at_stripe_is_accepted_with_both_signatures() {
    let fake = Fake::start().await;
    let app = started(&fake, &["stripe/on-price", "stripe_one"]).await;
    let id = fake.webhooks()[0]["id"].as_str().unwrap().to_owned();
    fake.roll(&id);
    assert_eq!(fake.secrets(&id).len(), 2);
    let event = fake.happens("price.created", price("price_1", 200), now());
    assert_eq!(fake.deliver(&event, app.address).await[0].status, 200);
    app.board.noted("price price_1 Some(\"price.created\")").await;
    app.stop().await;
}

#[tokio::test]
async fn an_event_counts_once_however_it_comes_and_missed_ones_are_fetched() {
    let fake = Fake::start().await;
    let app = started(&fake, &["stripe/on-price", "stripe_one"]).await;
    let begun = now();
    let delivered = fake.happens("price.created", price("price_0", 200), begun);
    fake.deliver(&delivered, app.address).await;
    assert_eq!(
        fake.deliver(&delivered, app.address).await[0].status,
        200,
        "a repeat is answered as the first"
    );
    // More than a page of events that were missed, and others that nobody wants.
    for n in 1..=120 {
        fake.happens("price.created", price(&format!("price_{n}"), 200), begun);
        fake.happens("price.deleted", price(&format!("price_{n}"), 200), begun);
    }
    fake.happens("price.created", price("price_old", 200), begun - 1000);
    let sources = app.running.sources();
    let since = SystemTime::UNIX_EPOCH + Duration::from_secs(begun - 10);
    let done = sources.backfill("stripe/stripe.webhook", since).await.unwrap();
    assert_eq!((done.listed, done.new), (121, 120));
    let again = sources.backfill("stripe/stripe.webhook", since).await.unwrap();
    assert_eq!((again.listed, again.new), (121, 0));
    // The webhook's delivery of what the list has told already.
    let late = fake.happens("price.created", price("price_late", 200), begun);
    assert_eq!(sources.backfill("stripe/stripe.webhook", since).await.unwrap().new, 1);
    assert_eq!(fake.deliver(&late, app.address).await[0].status, 200);
    app.all_ended().await;
    let notes = app.board.notes();
    assert_eq!(notes.len(), 122, "each once");
    assert_eq!(app.board.count("price price_late Some(\"price.created\")"), 1);
    assert_eq!(app.board.count("price price_old Some(\"price.created\")"), 0);
    let events = app.events().await;
    assert_eq!(events.iter().filter(|event| event.name == "price.created").count(), 122);
    app.stop().await;
}

#[tokio::test]
async fn trouble_at_stripe_ends_with_one_webhook() {
    for fault in [
        Fault::Status(429, Some(0)),
        Fault::Status(409, None),
        Fault::Status(500, None),
        Fault::Cut(When::Before),
        Fault::Cut(When::After),
    ] {
        for (method, path) in [("POST", "/v1/webhook_endpoints"), ("GET", "/v1/webhook_endpoints")] {
            let fake = Fake::start().await;
            fake.fail(method, path, 2, fault);
            let app = started(&fake, &["stripe/on-price", "stripe_one"]).await;
            let webhooks = fake.webhooks();
            assert_eq!(webhooks.len(), 1, "{fault:?} {method}");
            let event = fake.happens("price.created", price("price_1", 200), now());
            assert_eq!(fake.deliver(&event, app.address).await[0].status, 200, "{fault:?} {method}");
            let creations: Vec<_> = fake.seen().into_iter().filter(|seen| seen.method == "POST").collect();
            assert!(creations.windows(2).all(|two| two[0].idempotency_key == two[1].idempotency_key));
            assert!(creations[0].idempotency_key.is_some());
            app.stop().await;
        }
    }
}

#[tokio::test]
async fn an_endpoint_whose_secret_is_lost_is_replaced_and_that_of_somebody_else_is_left_alone() {
    let fake = Fake::start().await;
    fake.foreign_webhook("https://hooks.example.com/hooks/stripe/stripe.webhook");
    let ids = ["stripe/on-price", "stripe_one"];
    let app = started(&fake, &ids).await;
    app.stop().await;
    assert_eq!(fake.webhooks().len(), 2);
    // Another start with an empty store: as after a lost disk.
    let app = started(&fake, &ids).await;
    app.all_ended().await;
    let all = fake.webhooks();
    assert_eq!(all.len(), 2, "{all:#?}");
    assert_eq!(all[0]["enabled_events"], json!(["*"]), "somebody else's is still there");
    let event = fake.happens("price.created", price("price_1", 200), now());
    let statuses: Vec<_> =
        fake.deliver(&event, app.address).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [401, 200]);
    app.stop().await;
}

#[tokio::test]
async fn every_kind_can_be_asked_for() {
    let fake = Fake::start().await;
    let app = started(&fake, &["stripe/on-any", "stripe/on-update"]).await;
    assert_eq!(fake.webhooks()[0]["enabled_events"], json!(["*"]));
    let event = fake.happens("terminal.reader.action_failed", json!({ "id": "tmr_1" }), now());
    fake.deliver(&event, app.address).await;
    app.board.noted("any \"tmr_1\" Some(\"terminal.reader.action_failed\")").await;
    let event = fake.happens("price.updated", price("price_1", 1), now());
    fake.deliver(&event, app.address).await;
    app.board.noted("any \"price_1\" Some(\"price.updated\")").await;
    app.board.noted("updated price_1").await;
    app.stop().await;
}

#[tokio::test]
async fn two_accounts_have_a_webhook_each_and_a_job_must_say_which_it_means() {
    let fake = Fake::start().await;
    let app = started(&fake, &["stripe/on-price", "stripe/on-second"]).await;
    let urls: Vec<_> =
        fake.webhooks().iter().map(|webhook| webhook["url"].as_str().unwrap().to_owned()).collect();
    assert!(urls.iter().any(|url| url.ends_with("/hooks/second/stripe.webhook")), "{urls:?}");
    app.stop().await;

    let error = memory(&["stripe/unnamed", "stripe_one", "stripe_two"])
        .provider(&fake.url())
        .build()
        .map(|_| ())
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("stripe/unnamed") && text.contains("name one, for example `account = stripe_one`"),
        "{text}"
    );
    let error = memory(&["stripe/on-price"]).provider(&fake.url()).config(|config| config.public_url = None);
    let text = error.build().map(|_| ()).unwrap_err().to_string();
    assert!(text.contains("TRIGGERFISH_PUBLIC_URL"), "{text}");

    let app = started(&fake, &["stripe/unnamed", "stripe_one"]).await;
    app.stop().await;
}

#[tokio::test]
async fn calls_are_steps_with_idempotency_keys() {
    let fake = Fake::start().await;
    let app = started(&fake, &["stripe/calls", "stripe_one"]).await;
    // The first three attempts in a row fail, and the run is tried again.
    fake.fail("POST", "/v1/refunds", 3, Fault::Cut(When::After));
    let event = fake.happens("customer.created", json!({ "id": "cus_1", "object": "customer" }), now());
    fake.deliver(&event, app.address).await;
    let runs = app.all_ended().await;
    let run = runs.iter().find(|run| run.job == "stripe/calls").unwrap();
    assert_eq!((run.state, run.attempt), (RunState::Done, 2), "{:?}", run.error);
    let notes = app.board.notes();
    assert_eq!(notes.len(), 4, "the first line is of both attempts: {notes:#?}");
    assert!(notes[2].starts_with("Some(\"Ada\") 50 canceled Some(\"x\") false cus_"), "{}", notes[2]);
    assert!(notes[3].contains("resource_missing") && notes[3].contains("req_fake"), "{}", notes[3]);
    let posts: Vec<_> = fake.seen().into_iter().filter(|seen| seen.method == "POST").collect();
    let refunds: Vec<_> = posts.iter().filter(|seen| seen.path == "/v1/refunds").collect();
    assert_eq!(refunds.len(), 4);
    assert!(
        refunds.iter().all(|seen| seen.idempotency_key == refunds[0].idempotency_key),
        "one step, one key"
    );
    assert_eq!(fake.count("POST", "/v1/customers"), 2, "a finished step is not made again");
    assert_eq!(posts.last().unwrap().account.as_deref(), Some("acct_7"));
    let mut keys: Vec<_> = posts.iter().map(|seen| seen.idempotency_key.clone().unwrap()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), posts.len() - 3, "every step has its own");
    let query = RunQuery { id: Some(run.id), ..RunQuery::default() };
    assert_eq!(app.store().runs(query).await.unwrap().len(), 1);
    app.stop().await;
}

/// For the official packages: `cargo test -p triggerfish-tests serve_the_fake -- --ignored --nocapture`
/// serves until its input ends.
#[tokio::test]
#[ignore = "a server for other programs"]
async fn serve_the_fake() {
    let fake = Fake::start().await;
    let body = json!({ "id": "evt_1", "object": "event", "type": "price.created", "data": {} }).to_string();
    let secrets = ["whsec_new", "whsec_old"].map(str::to_owned);
    let header = signed("/", &body, &secrets).value("stripe-signature");
    println!("{}", json!({ "url": fake.url(), "body": body, "header": header, "secrets": secrets }));
    tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await.unwrap().unwrap();
}
