//! The server under test: one endpoint, four jobs with filters, of which one
//! takes what is sent.

pub(crate) mod nothing;

use serde::Deserialize;
use triggerfish::prelude::*;
use triggerfish::verify::Place;

/// Takes what the servers written by hand take, and knows repeats by an id.
#[http_endpoint(id = "connect-it", title = "Connect It")]
fn connect_it() -> Verifier {
    Verifier::hmac_sha256()
        .header("x-connect-it-token")
        .secret(env("CONNECT_IT_SECRET"))
        .delivery_id(Place::Header("x-delivery-id"))
}

#[derive(Deserialize)]
struct Completed {
    #[serde(rename = "type")]
    _kind: String,
}

#[job(
    id = "completed", name = "Something was completed", version = "1.0.0",
    trigger = connect_it,
    filter = { body: { type: ["test.completed", "transcript.completed"], data: { attempt: [{ $gte: 1 }] } } },
)]
async fn completed(Json(_completed): Json<Completed>) {}

#[job(
    id = "failed", name = "Something failed", version = "1.0.0",
    trigger = connect_it,
    filter = { body: { type: [{ $endsWith: ".failed" }] } },
)]
async fn failed(_request: Request) {}

#[job(
    id = "german", name = "A test in German", version = "1.0.0",
    trigger = connect_it,
    filter = { body: { data: { language: ["de"], test: { level: ["A1", "A2"] } } } },
)]
async fn german(_request: Request) {}

#[job(
    id = "large-account", name = "An account with many seats", version = "1.0.0",
    trigger = connect_it,
    filter = { body: { account: { plan: ["enterprise"], seats: [{ $gt: 500 }] } } },
)]
async fn large_account(_request: Request) {}
