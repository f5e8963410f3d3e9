//! The testing kit itself: what its users rely on.

use crate::harness::registry;
use crate::steps::runs;
use std::time::{Duration, SystemTime};
use triggerfish::prelude::*;
use triggerfish::store::{RunState, StepState};
use triggerfish::testing::{App, Setup, TestError};

const HOUR: Duration = Duration::from_secs(3600);

pub(crate) fn kit(ids: &[&str]) -> Setup {
    App::setup().registry(registry(ids))
}

/// The same over both stores.
pub(crate) fn both(ids: &[&str]) -> [(Setup, Option<tempfile::TempDir>); 2] {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("kit.db");
    [(kit(ids), None), (kit(ids).file(file), Some(directory))]
}

#[http_endpoint(id = "kit/shop")]
fn shop() -> Verifier {
    Verifier::hmac_sha256().header("X-Shop-Signature").secret(env("KIT_SHOP_SECRET"))
}

#[derive(Clone, Default)]
struct Calls(std::sync::Arc<std::sync::Mutex<Vec<String>>>);

impl Calls {
    fn note(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[job(id = "kit/order", version = "1.0.0", trigger = shop, retry(limit = 3))]
async fn order(io: Io, ctx: Context, State(calls): State<Calls>) -> Result<()> {
    io.logger().info("an order", ());
    io.run_task("charge", || async {
        calls.note("charge");
        done(7_u32)
    })
    .await?;
    io.wait("a week", HOUR * 24 * 7).await?;
    io.run_task("mail", || async {
        calls.note("mail");
        if ctx.attempt < 3 { Err(Error::msg("no post today")) } else { done("sent".to_owned()) }
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_signed_delivery_runs_to_its_end_on_a_clock_of_the_test() {
    for (setup, _directory) in both(&["kit/shop", "kit/order"]) {
        let calls = Calls::default();
        let mut app = setup.state(calls.clone()).start().await.unwrap();
        let begun = app.now();
        let answer = app.deliver::<shop>(r#"{"order":7}"#).await.unwrap();
        assert_eq!(answer.status, 200);
        app.settle().await.unwrap();
        let run = app.run_of::<order>().await.unwrap();
        assert_eq!(run.run.origin.delivery(), answer.delivery);
        run.assert_waiting().assert_steps(&["charge"]).assert_logged("an order");
        assert_eq!(app.now(), begun, "the clock is the test's");
        app.run_until_idle().await.unwrap();
        let run = app.run_of::<order>().await.unwrap();
        run.assert_done().assert_steps(&["charge", "a week", "mail"]);
        assert_eq!(
            (run.output::<u32>("charge").unwrap(), run.output::<String>("mail").unwrap()),
            (7, "sent".into())
        );
        assert!(run.output::<u32>("mail").is_err() && run.output::<u32>("none").is_err());
        assert!(app.now().duration_since(begun).unwrap() >= HOUR * 24 * 7);
        assert_eq!(calls.all(), ["charge", "mail", "mail"]);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_crash_after_a_step_loses_nothing_and_repeats_nothing() {
    for (setup, _directory) in both(&["kit/shop", "kit/order"]) {
        let calls = Calls::default();
        let mut app = setup.state(calls.clone()).start().await.unwrap();
        app.crash_after("charge");
        app.deliver::<shop>("{}").await.unwrap();
        app.settle().await.unwrap();
        assert_eq!(app.crashes(), 1);
        let run = app.run_of::<order>().await.unwrap();
        run.assert_waiting();
        assert_eq!((run.run.crashes, run.run.attempt), (1, 2));
        app.crash_after("a week");
        app.run_until_idle().await.unwrap();
        app.run_of::<order>().await.unwrap().assert_done();
        assert_eq!(app.crashes(), 2);
        assert_eq!(calls.all().iter().filter(|call| *call == "charge").count(), 1);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_restart_and_a_crash_between_two_deliveries_keep_what_is_stored() {
    for (setup, _directory) in both(&["kit/shop", "kit/order"]) {
        let mut app = setup.state(Calls::default()).start().await.unwrap();
        app.deliver::<shop>(r#"{"n":1}"#).await.unwrap();
        app.restart().await.unwrap();
        app.deliver::<shop>(r#"{"n":2}"#).await.unwrap();
        app.crash().await.unwrap();
        app.run_until_idle().await.unwrap();
        let runs = app.runs().await.unwrap();
        assert_eq!(runs.len(), 2);
        for run in &runs {
            run.assert_done();
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn advancing_runs_what_is_due_on_the_way_and_no_more() {
    let mut app = kit(&["kit/shop", "kit/order"]).state(Calls::default()).start().await.unwrap();
    app.deliver::<shop>("{}").await.unwrap();
    let begun = app.now();
    app.advance(HOUR * 24 * 6).await.unwrap();
    app.run_of::<order>().await.unwrap().assert_waiting();
    app.advance(HOUR * 24).await.unwrap();
    let run = app.run_of::<order>().await.unwrap();
    assert_eq!(run.run.state, RunState::Queued, "its first mail failed");
    assert_eq!(run.step("mail").unwrap().state, StepState::Failing);
    assert_eq!(app.now().duration_since(begun).unwrap(), HOUR * 24 * 7);
    app.stop().await;
}

#[tokio::test]
async fn a_request_can_be_wrong_on_purpose() {
    let at = SystemTime::UNIX_EPOCH + HOUR * 500_000;
    let mut app = kit(&["kit/shop", "kit/order"])
        .state(Calls::default())
        .secret("KIT_SHOP_SECRET", "it is a secret")
        .at(at)
        .start()
        .await
        .unwrap();
    assert_eq!(app.now(), at);
    let request = app.request::<shop>("{}").unsigned();
    assert_eq!(request.header("X-Shop-Signature", "00").send().await.unwrap().status, 401);
    assert_eq!(app.request::<shop>("{}").method("PUT").query("a=b").send().await.unwrap().status, 200);
    let error = app.request::<shop>("{}").header("no header", "").send().await.unwrap_err();
    assert!(error.to_string().contains("no header"), "{error}");
    let error = app.deliver::<runs>("{}").await.unwrap_err();
    assert!(matches!(error, TestError::NoEndpoint("runs")), "{error}");
    app.settle().await.unwrap();
    assert_eq!(app.runs().await.unwrap().len(), 1);
    app.stop().await;
}

#[job(id = "kit/stuck", version = "1.0.0", trigger = shop)]
async fn stuck(io: Io) -> Result<()> {
    io.run_task("for ever", std::future::pending::<Result<()>>).await?;
    Ok(())
}

#[tokio::test]
async fn a_run_that_is_stuck_is_named() {
    let setup = kit(&["kit/shop", "kit/stuck"]).patience(Duration::from_millis(20));
    let mut app = setup.start().await.unwrap();
    app.deliver::<shop>("{}").await.unwrap();
    let error = app.run_until_idle().await.unwrap_err();
    assert!(error.to_string().contains("kit/stuck"), "{error}");
}
