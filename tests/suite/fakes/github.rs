//! GitHub's webhooks of repositories, as its API reference describes them.

use crate::harness::{Answer, Call, path_of};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use triggerfish::secret::Secret;
use triggerfish::verify::Verifier;

/// The token of the account.
pub(crate) const TOKEN: &str = "ghp_triggerfish";

/// A fake GitHub that listens.
#[derive(Clone)]
pub(crate) struct Github {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    /// Let go when the answers to creations may go out.
    answers: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    /// Repository, and the hook with its secret.
    hooks: Vec<(String, Value)>,
    seen: Vec<(String, String, Value)>,
    next: u64,
    /// The next creations are done, and their answers lost.
    lose: usize,
    /// Creations are done, and their answers held back.
    hold: bool,
}

impl Github {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let github = Github { address, state: Arc::default(), answers: Arc::new(Semaphore::new(0)) };
        let serving = github.clone();
        let router = Router::new().fallback(move |request: Request| {
            let github = serving.clone();
            async move {
                let creates = request.method() == Method::POST;
                let answer = github.answer(request).await;
                if creates && github.state.lock().unwrap().hold {
                    drop(github.answers.acquire().await);
                }
                answer
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        github
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Repository and hook, as they are stored.
    pub(crate) fn hooks(&self) -> Vec<(String, Value)> {
        self.state.lock().unwrap().hooks.clone()
    }

    /// Method, path and body of every request.
    pub(crate) fn seen(&self) -> Vec<(String, String, Value)> {
        self.state.lock().unwrap().seen.clone()
    }

    /// Loses the answers of so many creations.
    pub(crate) fn lose(&self, times: usize) {
        self.state.lock().unwrap().lose = times;
    }

    /// Holds back the answers to creations, until [`Github::answers`].
    pub(crate) fn holds(&self) {
        self.state.lock().unwrap().hold = true;
    }

    /// Lets the answers go that were held back.
    pub(crate) fn answers(&self) {
        self.answers.add_permits(1 << 10);
    }

    /// Sends the newest hook the ping that it gets as soon as it is made.
    pub(crate) async fn ping(&self, id: &str, to: SocketAddr) -> Answer {
        let (repository, hook) = self.hooks().pop().unwrap();
        let body = json!({
            "zen": "Keep it logically awesome.",
            "hook_id": hook["id"],
            "repository": { "full_name": repository },
        });
        send(&hook, "ping", id, &body, to).await
    }

    /// Sends an event to the hooks of a repository that want it.
    pub(crate) async fn deliver(&self, kind: &str, id: &str, body: &Value, to: SocketAddr) -> Vec<Answer> {
        let repository = body["repository"]["full_name"].as_str().unwrap();
        let mut answers = Vec::new();
        for (of, hook) in self.hooks() {
            let wanted = hook["events"].as_array().unwrap();
            if of != repository || !wanted.iter().any(|wanted| wanted == kind || wanted == "*") {
                continue;
            }
            answers.push(send(&hook, kind, id, body, to).await);
        }
        answers
    }

    async fn answer(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let authorized =
            head.headers.get("authorization").is_some_and(|value| value == &format!("Bearer {TOKEN}"));
        let path = head.uri.path().to_owned();
        let mut state = self.state.lock().unwrap();
        state.seen.push((head.method.to_string(), path.clone(), body.clone()));
        if !authorized {
            return reply(401, &json!({ "message": "Bad credentials" }));
        }
        let steps: Vec<_> = path.trim_start_matches('/').split('/').collect();
        let missing = || reply(404, &json!({ "message": "Not Found" }));
        let ["repos", owner, name, "hooks", rest @ ..] = steps.as_slice() else { return missing() };
        let repository = format!("{owner}/{name}");
        match (head.method.as_str(), rest) {
            ("GET", []) => {
                let of = state.hooks.iter().filter(|(of, _)| *of == repository);
                let all: Vec<_> = of.map(|(_, hook)| shown(hook)).collect();
                let query = head.uri.query().unwrap_or_default().to_owned();
                let first = query.ends_with("page=1");
                reply(200, &if first { json!(all) } else { json!([]) })
            }
            ("POST", []) => {
                if state
                    .hooks
                    .iter()
                    .any(|(of, hook)| *of == repository && hook["config"]["url"] == body["config"]["url"])
                {
                    return reply(422, &json!({ "message": "Hook already exists on this repository" }));
                }
                state.next += 1;
                let mut hook = body;
                hook["id"] = state.next.into();
                state.hooks.push((repository, hook.clone()));
                if state.lose > 0 {
                    state.lose -= 1;
                    return reply(502, &json!({ "message": "Server Error" }));
                }
                reply(201, &shown(&hook))
            }
            (method, [id, config @ ..]) => {
                let at = state
                    .hooks
                    .iter()
                    .position(|(of, hook)| *of == repository && hook["id"].as_u64() == id.parse().ok());
                let Some(at) = at else { return missing() };
                match (method, config) {
                    ("DELETE", []) => {
                        state.hooks.remove(at);
                        reply(204, &Value::Null)
                    }
                    ("PATCH", []) => {
                        let hook = &mut state.hooks[at].1;
                        for (name, value) in body.as_object().unwrap() {
                            // A `config` takes the place of the whole, the secret included.
                            hook[name] = value.clone();
                        }
                        reply(200, &shown(hook))
                    }
                    ("PATCH", ["config"]) => {
                        let hook = &mut state.hooks[at].1;
                        for (name, value) in body.as_object().unwrap() {
                            hook["config"][name] = value.clone();
                        }
                        reply(200, &shown(hook)["config"])
                    }
                    _ => missing(),
                }
            }
            _ => missing(),
        }
    }
}

/// Sends a delivery to a hook, signed with its secret.
async fn send(hook: &Value, kind: &str, id: &str, body: &Value, to: SocketAddr) -> Answer {
    let secret = Secret::from(hook["config"]["secret"].as_str().unwrap());
    let target = path_of(hook["config"]["url"].as_str().unwrap());
    let call = Call::post(&target, body.to_string())
        .header("x-github-event", kind)
        .header("x-github-delivery", id)
        .header("x-github-hook-id", &hook["id"].to_string())
        .sign(Verifier::github(secret));
    call.send(to).await
}

/// A hook as it is shown: without its secret.
fn shown(hook: &Value) -> Value {
    let mut hook = hook.clone();
    hook["config"]["secret"] = "********".into();
    hook
}

fn reply(status: u16, body: &Value) -> Response {
    let empty = status == 204;
    let mut response = Response::new(if empty { Body::empty() } else { Body::from(body.to_string()) });
    *response.status_mut() = status.try_into().unwrap();
    response
}
