//! The dashboard's API, over real sockets.

mod actions;
mod described;
pub(crate) mod events;
mod graph;
mod safety;
mod samples;
mod shown;
mod sources;
mod switches;
pub(crate) mod waits;

use crate::harness::{Answer, App, Board, Call, Setup, memory, until};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use triggerfish::event::Properties;
use triggerfish::prelude::*;

pub(crate) const API: &str = "/_triggerfish/api/v1";

#[http_endpoint(id = "desk", title = "The desk", source = "desk.example")]
pub(crate) fn desk() -> Verifier {
    Verifier::hmac_sha256().header("X-Desk-Signature").secret(env("DESK_SECRET"))
}

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    amount: u32,
    #[serde(default)]
    note: String,
}

/// Its second step fails until the board says that it is mended.
#[job(
    id = "desk/charge",
    name = "Charge",
    version = "1.2.3",
    trigger = desk,
    filter = { body: { amount: [{ $gt: 10 }] } },
    retry(limit = 1),
)]
async fn charge(Json(order): Json<Order>, io: Io, State(board): State<Board>) -> Result<()> {
    io.logger().info("an order", &order);
    let cents = io
        .run_task("price", || async {
            board.note("priced");
            done(order.amount * 100)
        })
        .await?;
    io.run_task("charge", || async {
        if order.note.contains("declined") && board.count("mended") == 0 {
            return Err(Error::msg(format!("charge of {cents} cents declined: {}", order.note)));
        }
        board.note("charged");
        Ok(cents)
    })
    .await?;
    if order.note == "hangs" {
        board.pass("desk").await;
    }
    Ok(())
}

/// What the desk is told of; its examples are what its requests carry.
#[event(
    name = "desk/ordered",
    title = "Ordered",
    source = "desk.example",
    example(id = "small", name = "Too small to be charged", json = r#"{ "amount": 5 }"#),
    example(id = "large", name = "Large", json = r#"{ "amount": 500, "note": "an example" }"#)
)]
fn on_desk_ordered(order: &Order) -> Properties {
    Properties::new().text("Amount", order.amount)
}

pub(crate) const IDS: &[&str] = &["desk", "desk/charge", "desk/ordered"];

/// An app with its dashboard.
pub(crate) fn desk_app() -> Setup {
    memory(IDS).dashboard()
}

/// The token of an app's dashboard.
pub(crate) fn token(app: &App) -> String {
    let url = app.pages.as_ref().expect("a dashboard");
    url.split_once("token=").expect("a token").1.to_owned()
}

/// Asks the API with the token.
pub(crate) async fn ask(app: &App, method: &str, path: &str, body: &str) -> Answer {
    let call = Call::new(method, &format!("{API}{path}")).body(body.to_owned());
    app.send(&call.header("authorization", &format!("Bearer {}", token(app)))).await
}

pub(crate) async fn get(app: &App, path: &str) -> Value {
    let answer = ask(app, "GET", path, "").await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// What is shown once it is counted: what happened is counted beside the answers,
/// and those do not wait long for it.
pub(crate) async fn counted(app: &App, path: &str, is_all: impl Fn(&Value) -> bool) -> Value {
    until(&format!("the counts in {path}"), async || {
        let shown = get(app, path).await;
        is_all(&shown).then_some(shown)
    })
    .await
}

pub(crate) async fn post(app: &App, path: &str, body: &str) -> Value {
    let answer = ask(app, "POST", path, body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

pub(crate) fn order(body: &str) -> Call {
    Call::post("/hooks/desk", body.to_owned()).sign(desk())
}

/// Sends an order and gives its id.
pub(crate) async fn ordered(app: &App, body: &str) -> uuid::Uuid {
    let answer = app.send(&order(body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.delivery()
}
