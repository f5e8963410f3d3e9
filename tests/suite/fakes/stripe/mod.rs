//! Stripe's API as its public reference describes it, as far as the integration
//! uses it: authentication, versions, idempotency, lists, errors, webhook
//! endpoints with a secret that is shown once, events. What goes wrong is asked for.

mod faults;
mod objects;
mod server;

pub(crate) use faults::{Fault, When};
pub(crate) use server::Seen;

use crate::harness::{Answer, Call, path_of};
use faults::Faults;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use triggerfish::secret::Secret;
use triggerfish::verify::Verifier;

/// The key of the account.
pub(crate) const KEY: &str = "sk_test_triggerfish";

/// A fake Stripe that listens.
#[derive(Clone)]
pub(crate) struct Stripe {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
    faults: Arc<Faults>,
}

#[derive(Default)]
struct State {
    /// In the order of their making, with the account that they belong to.
    objects: Vec<(Option<String>, Value)>,
    /// The secrets of webhook endpoints, the newest first.
    secrets: HashMap<String, Vec<String>>,
    /// What was answered under an idempotency key: account, request, status, answer.
    answered: HashMap<String, (String, u16, Value)>,
    seen: Vec<Seen>,
    next: u64,
}

impl Stripe {
    /// Starts it on a free port.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stripe = Stripe { address, state: Arc::default(), faults: Arc::default() };
        let router = server::router(stripe.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        stripe
    }

    /// The base of its URLs.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets the next requests to this method and path go wrong.
    pub(crate) fn fail(&self, method: &'static str, path: &'static str, times: usize, fault: Fault) {
        self.faults.add(method, path, times, fault);
    }

    /// Waits until a request hangs where a fault said so.
    pub(crate) async fn hangs(&self) {
        self.faults.hangs().await;
    }

    /// Lets go the answer that is slow.
    pub(crate) fn goes_on(&self) {
        self.faults.go_on();
    }

    /// Everything goes well again.
    pub(crate) fn heal(&self) {
        self.faults.clear();
    }

    /// Every request until now.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.lock().seen.clone()
    }

    /// How many requests there were to this method and path.
    pub(crate) fn count(&self, method: &str, path: &str) -> usize {
        self.seen().iter().filter(|seen| seen.method == method && seen.path == path).count()
    }

    /// The webhook endpoints that there are, without their secrets.
    pub(crate) fn webhooks(&self) -> Vec<Value> {
        self.objects("webhook_endpoint")
    }

    /// The objects of a kind, in the order of their making.
    pub(crate) fn objects(&self, kind: &str) -> Vec<Value> {
        let state = self.lock();
        let all = state.objects.iter().map(|(_, object)| object);
        all.filter(|object| object["object"] == kind).cloned().collect()
    }

    /// The secrets of a webhook endpoint, the newest first.
    pub(crate) fn secrets(&self, webhook: &str) -> Vec<String> {
        self.lock().secrets[webhook].clone()
    }

    /// Gives a webhook endpoint a new secret; events are signed with the old one, too.
    pub(crate) fn roll(&self, webhook: &str) -> String {
        let mut state = self.lock();
        let secret = state.secret();
        state.secrets.get_mut(webhook).unwrap().insert(0, secret.clone());
        secret
    }

    /// A webhook endpoint that somebody else made.
    pub(crate) fn foreign_webhook(&self, url: &str) {
        let params = json!({ "url": url, "enabled_events": ["*"] });
        let mut state = self.lock();
        let object = objects::webhook(&mut state, &params);
        state.objects.push((None, object));
    }

    /// Something happens: an event that is listed from now on. `when` in seconds.
    pub(crate) fn happens(&self, kind: &str, object: Value, when: u64) -> Value {
        let mut state = self.lock();
        let id = state.id("evt");
        let event = json!({
            "id": id, "object": "event", "api_version": server::VERSION, "created": when,
            "data": { "object": object }, "livemode": false, "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null }, "type": kind,
        });
        state.objects.push((None, event.clone()));
        event
    }

    /// Sends an event to the webhook endpoints that want it, at `to` in place of
    /// their URL's host, signed with all their secrets.
    pub(crate) async fn deliver(&self, event: &Value, to: SocketAddr) -> Vec<Answer> {
        let kind = event["type"].as_str().unwrap();
        let mut answers = Vec::new();
        for webhook in self.webhooks() {
            let wanted = webhook["enabled_events"].as_array().unwrap();
            if !wanted.iter().any(|wanted| wanted == kind || wanted == "*") {
                continue;
            }
            let secrets = self.secrets(webhook["id"].as_str().unwrap());
            let target = path_of(webhook["url"].as_str().unwrap());
            answers.push(signed(&target, &event.to_string(), &secrets).send(to).await);
        }
        answers
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    fn id(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}_{:06}", self.next)
    }

    fn secret(&mut self) -> String {
        format!("whsec_{:016x}{}", fastrand::u64(..), self.id("s"))
    }
}

/// A delivery that is signed with these secrets, as of now.
pub(crate) fn signed(target: &str, body: &str, secrets: &[String]) -> Call {
    signed_ago(target, body, secrets, 0)
}

/// A delivery that is signed with these secrets, as of so many seconds ago.
pub(crate) fn signed_ago(target: &str, body: &str, secrets: &[String], seconds: u64) -> Call {
    let at = SystemTime::now() - Duration::from_secs(seconds);
    let sign = |secret: &String| {
        let verifier =
            Verifier::stripe(Secret::from(secret.as_str())).build(&crate::harness::secret).unwrap();
        Call(verifier.sign(Call::post(target, body.to_owned()).0, at).unwrap())
    };
    let mut all = secrets.iter().map(sign);
    let first = all.next().unwrap();
    let mut header = first.value("stripe-signature");
    for other in all {
        let other = other.value("stripe-signature");
        header.push_str(&other[other.find(",v1=").unwrap()..]);
    }
    first.with("stripe-signature", &header)
}
