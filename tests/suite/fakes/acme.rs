//! The provider of the guide "Write an integration", as that describes it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// The token of the account.
pub(crate) const TOKEN: &str = "acme-token-0123456789";

/// A fake Acme that listens.
#[derive(Clone)]
pub(crate) struct Acme {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// With their secrets.
    hooks: Vec<Value>,
    /// What was answered under an idempotency key.
    answered: HashMap<String, Value>,
    made: u64,
    /// The statuses of the next answers, whatever was done.
    statuses: Vec<u16>,
}

impl Acme {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let acme = Acme { address: listener.local_addr().unwrap(), state: Arc::default() };
        let serving = acme.clone();
        let router = Router::new().fallback(move |request: Request| {
            let acme = serving.clone();
            async move { acme.answer(request).await }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        acme
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The webhooks with their secrets.
    pub(crate) fn hooks(&self) -> Vec<Value> {
        self.state.lock().unwrap().hooks.clone()
    }

    /// Does what it is asked next, and answers with these statuses.
    pub(crate) fn loses(&self, statuses: &[u16]) {
        self.state.lock().unwrap().statuses = statuses.to_vec();
    }

    /// A person removes all webhooks.
    pub(crate) fn forgets(&self) {
        self.state.lock().unwrap().hooks.clear();
    }

    async fn answer(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let body: Value = serde_json::from_slice(&to_bytes(body, 1 << 20).await.unwrap()).unwrap_or_default();
        let text = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let mut state = self.state.lock().unwrap();
        let (mut status, answer) = if text("authorization") == Some(format!("Bearer {TOKEN}")) {
            state.work(head.method.as_str(), head.uri.path(), body, &text("idempotency-key").unwrap())
        } else {
            (401, Value::Null)
        };
        if !state.statuses.is_empty() {
            status = state.statuses.remove(0);
        }
        let mut response = Response::new(Body::from(answer.to_string()));
        *response.status_mut() = status.try_into().unwrap();
        response
    }
}

impl State {
    fn work(&mut self, method: &str, path: &str, mut body: Value, key: &str) -> (u16, Value) {
        let id = path.strip_prefix("/hooks/").unwrap_or_default();
        let known = self.hooks.iter().position(|hook| hook["id"] == id);
        match (method, known) {
            ("POST", _) => {
                if let Some(answer) = self.answered.get(key) {
                    return (200, answer.clone());
                }
                self.made += 1;
                body["id"] = format!("hook-{}", self.made).into();
                body["secret"] = format!("secret-of-hook-{}-{:016x}", self.made, fastrand::u64(..)).into();
                self.hooks.push(body.clone());
                self.answered.insert(key.to_owned(), body.clone());
                (201, body)
            }
            ("PUT", Some(at)) => {
                for (name, value) in body.as_object().unwrap() {
                    self.hooks[at][name] = value.clone();
                }
                (200, json!({ "id": id }))
            }
            ("DELETE", Some(at)) => {
                self.hooks.remove(at);
                (204, Value::Null)
            }
            _ => (404, Value::Null),
        }
    }
}
