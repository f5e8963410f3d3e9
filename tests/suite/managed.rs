//! Secrets that the program makes, keeps sealed, shows and replaces.

use crate::harness::{App, Call, Setup, lines_with, memory, sqlite};
use std::path::Path;
use std::time::Duration;
use triggerfish::prelude::*;
use triggerfish::runtime::{Database, Error, ManagedSecretProblem};
use triggerfish::secret::SecretSource;
use triggerfish::store::TraceOutcome;
use triggerfish::time::{Clock, Timestamp};

#[http_endpoint(id = "managed/hmac")]
fn hmac() -> Verifier {
    with(managed())
}

fn with(secret: impl Into<SecretSource>) -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(secret.into())
}

#[http_endpoint(id = "managed/svix")]
fn svix() -> Verifier {
    Verifier::standard_webhooks(managed())
}

#[http_endpoint(id = "managed/moving")]
fn moving() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret([managed(), env("MANAGED_BEFORE")])
}

const IDS: [&str; 3] = ["managed/hmac", "managed/svix", "managed/moving"];
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The keys that seal, the newest first.
fn keys(setup: Setup, keys: &'static [u8]) -> Setup {
    let text = keys.iter().map(|key| format!("{key:02x}").repeat(32)).collect::<Vec<_>>().join(",");
    setup.builder(move |builder| {
        builder.secrets(move |name: &'static str| match name {
            "TRIGGERFISH_SECRET_KEY" if text.is_empty() => None,
            "TRIGGERFISH_SECRET_KEY" => Some(Secret::from(text.as_str())),
            name => crate::harness::secret(name),
        })
    })
}

async fn status(app: &App, secret: &Secret, body: &str) -> u16 {
    app.send(&Call::post("/hooks/managed/hmac", body.to_owned()).sign(with(secret.clone()))).await.status
}

fn stored(directory: &Path) -> Vec<u8> {
    let mut bytes = std::fs::read(directory.join("app.db")).unwrap();
    bytes.extend(std::fs::read(directory.join("app.db-wal")).unwrap_or_default());
    bytes
}

#[tokio::test]
async fn a_managed_secret_is_made_once_kept_sealed_and_shown_to_who_asks() {
    let directory = tempfile::tempdir().unwrap();
    let app = keys(sqlite(directory.path(), &IDS), &[1]).start().await;
    let secrets = app.running.secrets();
    assert_eq!(secrets.endpoints(), ["managed/hmac", "managed/moving", "managed/svix"]);
    let secret = secrets.reveal("managed/hmac").await.unwrap();
    assert_eq!(secret.expose().len(), 64, "32 bytes in hexadecimal");
    assert_eq!(status(&app, &secret, "1").await, 200);
    assert_eq!(status(&app, &Secret::from("another"), "2").await, 401);
    assert!(secrets.reveal("managed/svix").await.unwrap().expose().starts_with(b"whsec_"));
    assert!(!lines_with(&["triggerfish::secret", "managed/hmac", "was shown"]).is_empty());
    app.stop().await;

    let bytes = stored(directory.path());
    assert!(bytes.windows(12).any(|part| part == b"managed/hmac"), "the file is looked at");
    assert!(!bytes.windows(64).any(|part| part == secret.expose()), "the secret stands in the file");

    let app = keys(sqlite(directory.path(), &IDS), &[1]).start().await;
    assert_eq!(status(&app, &secret, "3").await, 200, "the same after a restart");
    app.stop().await;
}

#[tokio::test]
async fn a_secret_that_was_replaced_is_valid_for_a_time() {
    let clock = Clock::manual(Timestamp::from(std::time::SystemTime::now()));
    let time = clock.clone();
    let app = keys(memory(&IDS), &[1]);
    let app = app.builder(move |builder| {
        builder.clock(time).secrets(|name: &'static str| match name {
            "TRIGGERFISH_SECRET_KEY" => Some(Secret::from("01".repeat(32).as_str())),
            name => crate::harness::secret(name),
        })
    });
    let app = app.start().await;
    let secrets = app.running.secrets();
    let old = secrets.reveal("managed/hmac").await.unwrap();
    let new = secrets.rotate("managed/hmac", DAY).await.unwrap();
    assert_eq!(secrets.reveal("managed/hmac").await.unwrap().expose(), new.expose());
    assert_ne!(old.expose(), new.expose());
    assert_eq!((status(&app, &old, "1").await, status(&app, &new, "2").await), (200, 200));
    assert!(!lines_with(&["triggerfish::secret", "managed/hmac", "was replaced"]).is_empty());

    clock.advance(DAY);
    assert_eq!((status(&app, &old, "3").await, status(&app, &new, "4").await), (401, 200));
    let traces = app.traces().await;
    let rejected = traces.iter().find(|trace| trace.outcome == TraceOutcome::Rejected).unwrap();
    assert!(rejected.reason.contains("replaced and is no longer valid"), "{}", rejected.reason);
    app.stop().await;
}

#[tokio::test]
async fn a_managed_secret_can_take_over_from_one_of_the_environment() {
    let app = keys(memory(&IDS), &[1]).start().await;
    let kept = app.running.secrets().reveal("managed/moving").await.unwrap();
    let call =
        |verifier: Verifier, body: &'static str| Call::post("/hooks/managed/moving", body).sign(verifier);
    assert_eq!(app.send(&call(with(kept), "1")).await.status, 200);
    let before = app.send(&call(with(env("MANAGED_BEFORE")), "2")).await;
    assert_eq!(before.status, 200);
    let table = app.running.table("http://x").await;
    assert!(
        table.contains("old secret MANAGED_BEFORE") && table.contains("the program keeps its secret"),
        "{table}"
    );
    app.stop().await;
}

#[tokio::test]
async fn the_key_that_seals_can_be_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let app = keys(sqlite(directory.path(), &IDS), &[1]).start().await;
    let secret = app.running.secrets().reveal("managed/hmac").await.unwrap();
    app.stop().await;
    let app = keys(sqlite(directory.path(), &IDS), &[2, 1]).start().await;
    assert_eq!(status(&app, &secret, "1").await, 200);
    app.stop().await;
    let app = keys(sqlite(directory.path(), &IDS), &[2]).start().await;
    assert_eq!(status(&app, &secret, "2").await, 200, "all was sealed again, so the old key can go");
    app.stop().await;

    let Err(Error::Startup(problems)) = keys(sqlite(directory.path(), &IDS), &[3]).try_start().await else {
        panic!("started without the key");
    };
    assert_eq!(problems.len(), 3, "{problems:#?}");
    let of = problems.iter().find(|problem| problem.contains("endpoint/managed/hmac")).unwrap();
    assert!(of.contains("does not open") && of.contains("TRIGGERFISH_SECRET_KEY"), "{of}");
}

#[tokio::test]
async fn a_sealed_secret_opens_only_in_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let app = keys(sqlite(directory.path(), &IDS), &[1]).start().await;
    app.stop().await;
    let connection = rusqlite::Connection::open(directory.path().join("app.db")).unwrap();
    let moved = "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE owner = 'endpoint/managed/svix')
        WHERE owner = 'endpoint/managed/hmac'";
    assert_eq!(connection.execute(moved, []).unwrap(), 1);
    drop(connection);
    let Err(Error::Startup(problems)) = keys(sqlite(directory.path(), &IDS), &[1]).try_start().await else {
        panic!("started with a secret of another endpoint");
    };
    assert!(
        problems[0].contains("endpoint/managed/hmac") && problems[0].contains("changed"),
        "{problems:#?}"
    );
}

#[tokio::test]
async fn without_a_key_nothing_starts_outside_of_development() {
    let directory = tempfile::tempdir().unwrap();
    let Err(Error::Startup(problems)) = keys(sqlite(directory.path(), &IDS), &[]).build().map(|_| ()) else {
        panic!("built without a key");
    };
    assert!(
        problems[0].contains("TRIGGERFISH_SECRET_KEY") && problems[0].contains("openssl"),
        "{problems:#?}"
    );

    let setup = keys(sqlite(directory.path(), &IDS), &[]).config(|config| config.dev = true);
    let app = setup.start().await;
    let secret = app.running.secrets().reveal("managed/hmac").await.unwrap();
    app.stop().await;
    let setup = keys(sqlite(directory.path(), &IDS), &[]).config(|config| config.dev = true);
    let app = setup.start().await;
    assert_eq!(status(&app, &secret, "1").await, 200, "the development key is the same at the next start");
    assert!(matches!(app.running.config().database, Database::Sqlite(_)));
    app.stop().await;
}

#[tokio::test]
async fn what_is_not_managed_is_not_shown() {
    let app = keys(memory(&["managed/hmac"]), &[1]).start().await;
    let secrets = app.running.secrets();
    let problem = secrets.reveal("cal.com").await.unwrap_err();
    assert!(matches!(problem, ManagedSecretProblem::NotManaged(_)));
    let shown = format!("{secrets:?} {:?}", app.running);
    let secret = secrets.reveal("managed/hmac").await.unwrap();
    assert!(!shown.contains(std::str::from_utf8(secret.expose()).unwrap()));
    app.stop().await;
}
