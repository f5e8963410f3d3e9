//! A program that is killed while it registers its webhook: afterwards there is
//! exactly one, with every event that is wanted, and its secret verifies.

use crate::fakes::stripe::{Fault, Stripe as Fake, When};
use crate::harness::{PUBLIC_URL, Server, now, until};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const HOOKS: &str = "/v1/webhook_endpoints";

/// Reads the store of a program as it is.
fn ask<T: rusqlite::types::FromSql>(directory: &Path, question: &str) -> Option<T> {
    let path = directory.join("app.db");
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    connection.busy_timeout(Duration::from_secs(30)).ok()?;
    connection.query_row(question, [], |row| row.get(0)).ok()
}

/// Starts the program until it has registered; then there is one webhook, and it works.
async fn check(directory: &Path, fake: &Fake, what: &str) {
    let server = Server::spawn_source(directory, fake);
    let address = server.address().expect("a program that was killed starts again");
    until(&format!("the registration after {what}"), async || {
        let unfinished = "SELECT count(*) FROM run WHERE finished_at IS NULL";
        let registered = "SELECT count(*) FROM source";
        let done = ask::<i64>(directory, unfinished)? == 0 && ask::<i64>(directory, registered)? == 2;
        done.then_some(())
    })
    .await;
    let webhooks = fake.webhooks();
    assert_eq!(webhooks.len(), 1, "{what}: {webhooks:#?}");
    assert_eq!(webhooks[0]["url"], format!("{PUBLIC_URL}/hooks/stripe/stripe.webhook"), "{what}");
    assert_eq!(webhooks[0]["enabled_events"], json!(["price.created", "price.updated"]), "{what}");
    let price = json!({ "id": format!("price_{}", what.replace(' ', "_")), "currency": "usd" });
    let event = fake.happens("price.created", price.clone(), now());
    let answers = fake.deliver(&event, address).await;
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200], "{what}");
    let line = format!("created {}", price["id"].as_str().unwrap());
    until(&line, async || {
        let effects = std::fs::read_to_string(directory.join("effects")).ok()?;
        effects.lines().any(|seen| seen == line).then_some(())
    })
    .await;
    assert!(server.terminate().success());
}

/// Kills the program where a request hangs, with what was done before or after it.
async fn killed_at(method: &'static str, path: &'static str, when: When) {
    let what = format!("{method} {when:?}");
    let (directory, fake) = (tempfile::tempdir().unwrap(), Fake::start().await);
    fake.fail(method, path, 1, Fault::Hang(when));
    let server = Server::spawn_source(directory.path(), &fake);
    fake.hangs().await;
    server.kill();
    fake.heal();
    check(directory.path(), &fake, &what).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_request_of_a_registration_it_registers_once() {
    for when in [When::Before, When::After] {
        killed_at("POST", HOOKS, when).await;
        killed_at("GET", HOOKS, when).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_it_registers_once() {
    let (directory, fake) = (tempfile::tempdir().unwrap(), Fake::start().await);
    for (method, when) in [
        ("POST", When::Before),
        ("POST", When::After),
        ("POST", When::After),
        ("GET", When::Before),
        ("GET", When::After),
    ] {
        fake.fail(method, HOOKS, 1, Fault::Hang(when));
        let server = Server::spawn_source(directory.path(), &fake);
        fake.hangs().await;
        server.kill();
        fake.heal();
    }
    check(directory.path(), &fake, "five kills").await;
    let keys: Vec<_> = fake.seen().into_iter().filter_map(|seen| seen.idempotency_key).collect();
    assert!(keys.windows(2).all(|two| two[0] == two[1]), "one step, one key: {keys:?}");
}

/// What an attempt has left whose secret nobody knows: its store was lost.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_replaces_a_webhook_it_leaves_one() {
    for (method, path) in [("POST", HOOKS), ("GET", HOOKS), ("DELETE", HOOKS)] {
        for when in [When::Before, When::After] {
            let what = format!("{method} {when:?} of a replacement");
            let (lost, directory, fake) =
                (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Fake::start().await);
            check(lost.path(), &fake, "a first start").await;
            fake.fail(method, path, 1, Fault::Hang(when));
            let server = Server::spawn_source(directory.path(), &fake);
            fake.hangs().await;
            server.kill();
            fake.heal();
            check(directory.path(), &fake, &what).await;
        }
    }
}

/// Right after the last answer, while what came of it is recorded and stored.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_stores_what_came_of_it_it_registers_once() {
    let mut random = fastrand::Rng::with_seed(7);
    for n in 0..12 {
        let (directory, fake) = (tempfile::tempdir().unwrap(), Fake::start().await);
        let server = Server::spawn_source(directory.path(), &fake);
        until("the list", async || (fake.count("GET", HOOKS) > 0).then_some(())).await;
        tokio::time::sleep(Duration::from_micros(random.u64(..8000))).await;
        server.kill();
        check(directory.path(), &fake, &format!("a kill after the list, {n}")).await;
    }
}
