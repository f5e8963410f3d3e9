//! External sources of any kind: what the kit promises to those that write one.

mod answers;
mod filters;
mod notes;
mod switches;
mod together;

use crate::harness::{Board, Call, Setup, memory};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::cell::RefCell;
use triggerfish::event::Properties;
use triggerfish::http::StatusCode;
use triggerfish::http::header::CONTENT_TYPE;
use triggerfish::prelude::*;
use triggerfish::secret::{ResolveSecrets, SecretProblem, SecretSource};
use triggerfish::source::{ExternalSource, Handled, Registered, Registration, SourceEvent, Webhook};
use triggerfish::{event, external_source};

const SECRET: &str = "sekrit-of-the-ledger-0123456789";

/// Where its requests go.
const TARGET: &str = "/hooks/ledger/main";

thread_local! {
    static BOARD: RefCell<Board> = RefCell::default();
}

/// An amount, and how many deliveries were noted before the one that brought it.
#[derive(Debug, Serialize, Deserialize, Payload)]
struct Entry {
    amount: u32,
    #[serde(default)]
    noted: usize,
}

#[event(name = "entry", source = "ledger.example")]
fn on_entry(entry: &Entry) -> Properties {
    Properties::new().text("Amount", entry.amount)
}

/// Those alone that are large.
#[event(name = "large", source = "ledger.example", filter = { amount: [{ $gt: 100 }] })]
fn on_large(_: &Entry) {}

/// A provider whose requests say what is to become of them.
struct Ledger(Board);

#[derive(Deserialize)]
struct Sent {
    /// Tells it from others.
    id: String,
    #[serde(default)]
    entries: Vec<(String, u32)>,
    /// What its entries are called.
    #[serde(default = "entry")]
    kind: String,
    /// The status of an answer of its own.
    answer: Option<u16>,
    /// Whether it leaves its id for the next one.
    #[serde(default)]
    notes: bool,
    /// Where it waits while it is read.
    gate: Option<String>,
    /// It cannot be read before the board says so.
    needs: Option<String>,
}

fn entry() -> String {
    "entry".to_owned()
}

#[external_source(id = "ledger", version = "1.0.0", events = [on_entry, on_large])]
impl ExternalSource for Ledger {
    type Params = ();
    type Data = ();

    fn id(&self) -> &str {
        "ledger"
    }

    fn connect(&mut self, _: &dyn ResolveSecrets) -> Result<(), Vec<SecretProblem>> {
        Ok(())
    }

    fn key(_: &()) -> Result<String, String> {
        Ok("main".to_owned())
    }

    fn verifier(&self, secret: SecretSource) -> Verifier {
        Verifier::hmac_sha256().header("X-Ledger").secret(secret)
    }

    async fn register(&self, _: &Registration<Self>, io: &Io) -> Result<Registered<()>> {
        Ok(Registered::new(()).secret(io.seal(&Secret::from(SECRET))?))
    }

    async fn handle(&self, request: &Request, webhook: &Webhook<Self>) -> Result<Handled> {
        let Sent { id, entries, kind, answer, notes, gate, needs } = request.json()?;
        let mut noted: Vec<String> = match &webhook.metadata {
            Some(metadata) => serde_json::from_value(metadata.clone())?,
            None => Vec::new(),
        };
        self.0.note(format_args!("reads {id} after {}", noted.len()));
        if needs.is_some_and(|text| self.0.count(&text) == 0) {
            return Err(Error::msg("not yet"));
        }
        if let Some(gate) = gate {
            self.0.pass(&gate).await;
        }
        let events = entries.into_iter().map(|(id, amount)| {
            let payload = json!({ "amount": amount, "noted": noted.len() }).to_string();
            Ok(SourceEvent::new(id, kind.as_str(), RawValue::from_string(payload)?))
        });
        let mut handled = Handled::events(events.collect::<Result<Vec<_>>>()?);
        if let Some(status) = answer {
            let mut response = Response::new(format!("the answer to {id}").into());
            *response.status_mut() = StatusCode::from_u16(status).map_err(Error::fatal)?;
            response.headers_mut().insert(CONTENT_TYPE, "text/x-ledger".parse().map_err(Error::fatal)?);
            handled.response = Some(response);
        }
        if notes {
            noted.push(id);
            handled.metadata = Some(json!(noted));
        }
        Ok(handled)
    }

    async fn unregister(&self, _: &Webhook<Self>, _: &Io) -> Result<()> {
        Ok(())
    }
}

#[source]
fn ledger() -> Ledger {
    Ledger(BOARD.with_borrow(Clone::clone))
}

#[job(id = "ledger/enter", version = "1.0.0", trigger = on_entry(account = ledger))]
async fn enter(Json(entry): Json<Entry>, State(board): State<Board>) {
    board.note(format_args!("entered {} after {}", entry.amount, entry.noted));
}

const IDS: &[&str] = &["ledger", "ledger/enter"];

/// A program with the ledger, which writes on the board of its jobs.
fn with_ledger(setup: Setup) -> Setup {
    BOARD.set(setup.board.clone());
    setup.provider("")
}

fn in_memory() -> Setup {
    with_ledger(memory(IDS))
}

/// A request as the ledger signs it.
fn sent(body: &Value) -> Call {
    let verifier = Verifier::hmac_sha256().header("X-Ledger").secret(Secret::from(SECRET));
    Call::post(TARGET, body.to_string()).sign(verifier)
}
