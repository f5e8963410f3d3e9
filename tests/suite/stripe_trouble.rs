//! Calls to a fake Stripe that has trouble: however often a call is made, there
//! is one object. Time is the test's, so that nothing waits.

use crate::fakes::stripe::{Fault, KEY, Stripe as Fake, When};
use crate::harness::{Board, base, based_at};
use crate::kit::kit;
use bytes::Bytes;
use http::Request;
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use triggerfish::BoxFuture;
use triggerfish::client::{Https, Reply, Transport, TransportError};
use triggerfish::prelude::*;
use triggerfish::store::RunState;
use triggerfish::testing::App;
use triggerfish_stripe::{Stripe, StripeIo};

/// How often a call is made before its run is left to its retries.
const AT_ONCE: usize = 2;

thread_local! {
    static FAKE: RefCell<Option<Fake>> = const { RefCell::new(None) };
}

/// A client whose patience ends as soon as the fake says that a request hangs:
/// as that of a client does whose time is over.
struct Impatient {
    https: Https,
    fake: Fake,
}

impl Transport for Impatient {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Reply, TransportError>> {
        Box::pin(async move {
            tokio::select! {
                reply = self.https.send(request) => reply,
                () = self.fake.hangs() => Err(TransportError::Timeout(Duration::from_secs(30))),
            }
        })
    }
}

#[source]
fn stripe_impatient() -> Stripe {
    let https = Https::new(Duration::from_secs(30));
    let stripe = match FAKE.take() {
        Some(fake) => {
            Stripe::with_transport("impatient", Secret::from(KEY), Arc::new(Impatient { https, fake }))
        }
        None => Stripe::new("patient", Secret::from(KEY)),
    };
    stripe.base_url(base()).repeats(AT_ONCE as u32 - 1, Duration::ZERO)
}

#[job(id = "stripe/pays", version = "1.0.0", trigger = invoke, retry(limit = 5, min = "1h", max = "8h"))]
async fn pays(io: Io, State(board): State<Board>) -> Result<()> {
    let made =
        io.stripe_of::<stripe_impatient>().customers().create("make", json!({ "name": "Ada" })).await?;
    board.note(made.id);
    Ok(())
}

/// A program whose job makes a customer.
async fn paying(fake: &Fake) -> (App, Board) {
    let board = Board::default();
    based_at(&fake.url());
    let app = kit(&["stripe/pays", "stripe_impatient"]).state(board.clone()).start().await.unwrap();
    (app, board)
}

/// There is one customer, whom the job knows, and all calls had one idempotency key.
fn one_customer(fake: &Fake, board: &Board, calls: usize, what: &str) {
    let customers = fake.objects("customer");
    assert_eq!(customers.len(), 1, "{what}: {customers:?}");
    assert_eq!(board.notes(), [customers[0]["id"].as_str().unwrap()], "{what}");
    let seen = fake.seen();
    assert_eq!(seen.len(), calls, "{what}");
    let keys: BTreeSet<_> = seen.into_iter().map(|seen| seen.idempotency_key).collect();
    assert_eq!(keys.len(), 1, "{what}: {keys:?}");
    assert!(keys.first().is_some_and(Option::is_some), "{what}");
}

#[tokio::test]
async fn whatever_goes_wrong_there_is_one_object() {
    for fault in [
        Fault::Status(409, None),
        Fault::Status(429, None),
        Fault::Status(500, None),
        Fault::Status(502, None),
        Fault::Status(503, None),
        Fault::Cut(When::Before),
        Fault::Cut(When::After),
        Fault::Drop(When::Before),
        Fault::Drop(When::After),
        Fault::Hang(When::Before),
        Fault::Hang(When::After),
    ] {
        let fake = Fake::start().await;
        FAKE.set(Some(fake.clone()));
        let (mut app, board) = paying(&fake).await;
        // Two executions of the run fail, and the first call of the third.
        let failing = 2 * AT_ONCE + 1;
        fake.fail("POST", "/v1/customers", failing, fault);
        app.invoke(pays::call()).await.unwrap();
        app.run_until_idle().await.unwrap();
        let run = app.run_of::<pays>().await.unwrap();
        run.assert_done();
        assert_eq!(run.run.attempt, 3, "{fault:?}");
        one_customer(&fake, &board, failing + 1, &format!("{fault:?}"));
        app.stop().await;
    }
}

#[tokio::test]
async fn a_run_is_tried_again_when_stripe_says() {
    for status in [429, 503] {
        let fake = Fake::start().await;
        let (mut app, board) = paying(&fake).await;
        fake.fail("POST", "/v1/customers", 1, Fault::Status(status, Some(90)));
        app.invoke(pays::call()).await.unwrap();
        app.advance(Duration::from_secs(89)).await.unwrap();
        let run = app.run_of::<pays>().await.unwrap();
        assert_eq!((run.run.state, run.run.failures), (RunState::Queued, 1));
        assert_eq!(fake.seen().len(), 1, "what takes longer than a moment is not waited for in the run");
        app.advance(Duration::from_secs(1)).await.unwrap();
        app.run_of::<pays>().await.unwrap().assert_done();
        one_customer(&fake, &board, 2, "Retry-After");
        app.stop().await;
    }
}

#[tokio::test]
async fn what_stripe_refuses_for_good_is_not_tried_again() {
    for status in [400, 402, 403, 404] {
        let fake = Fake::start().await;
        let (mut app, board) = paying(&fake).await;
        fake.fail("POST", "/v1/customers", 1, Fault::Status(status, None));
        app.invoke(pays::call()).await.unwrap();
        app.run_until_idle().await.unwrap();
        assert_eq!(app.run_of::<pays>().await.unwrap().run.state, RunState::Failed, "{status}");
        assert_eq!((fake.seen().len(), board.notes().len()), (1, 0), "{status}");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_slow_answer_is_waited_for_and_asked_for_once() {
    let fake = Fake::start().await;
    let (mut app, board) = paying(&fake).await;
    fake.fail("POST", "/v1/customers", 1, Fault::Slow);
    app.invoke(pays::call()).await.unwrap();
    fake.hangs().await;
    assert_eq!(app.run_of::<pays>().await.unwrap().run.state, RunState::Running);
    fake.goes_on();
    app.run_until_idle().await.unwrap();
    app.run_of::<pays>().await.unwrap().assert_done();
    one_customer(&fake, &board, 1, "slow");
    app.stop().await;
}
