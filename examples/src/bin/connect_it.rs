//! Two events of one sender to two jobs; everything else is refused.
//!
//! ```sh
//! cargo run -p triggerfish-examples --bin connect_it
//!
//! secret=$(sed -n 's/^CONNECT_IT_SECRET=//p' triggerfish.db.secrets)
//! send() {
//!   token=$(printf %s "$1" | openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)
//!   curl -i localhost:3000/hooks/connect-it -H "x-connect-it-token: $token" -d "$1"
//! }
//! send '{"type":"test.completed","id":"t-1","score":87}'
//! send '{"type":"transcript.completed","id":"t-2","url":"https://example.com/t-2.txt"}'
//! send '{"type":"invoice.paid","id":"t-3"}'                                   # 400, no job takes it
//! curl -i localhost:3000/hooks/connect-it -H 'x-connect-it-token: 00' -d '{}' # 400, invalid signature
//! ```

use serde::{Deserialize, Serialize};
use triggerfish::prelude::*;
use triggerfish::runtime;

/// What is sent. A filter that names a field or a type that is not here does not compile.
#[derive(Serialize, Deserialize, Payload)]
#[serde(tag = "type")]
enum PluginEvent {
    #[serde(rename = "test.completed")]
    TestCompleted { id: String, score: u32 },
    #[serde(rename = "transcript.completed")]
    TranscriptCompleted { id: String, url: String },
}

/// The preset answers what is forged as this sender wants it: 400 with
/// `{"error":"Invalid signature"}`.
#[http_endpoint(id = "connect-it", title = "Connect It", payload = PluginEvent, unmatched = 400)]
fn connect_it() -> Verifier {
    Verifier::connect_it(env("CONNECT_IT_SECRET"))
}

/// `on` is short for `filter = { body: { type: ["test.completed"] } }`.
#[job(id = "test-completed", version = "1.0.0", trigger = connect_it, on = PluginEvent::TestCompleted)]
async fn on_test_completed(Json(event): Json<PluginEvent>, io: Io) -> Result<()> {
    if let PluginEvent::TestCompleted { id, score } = &event {
        io.run_task("save", || save("score", id, score)).await?;
    }
    io.logger().info("saved", &event);
    Ok(())
}

#[job(
    id = "transcript-completed",
    version = "1.0.0",
    trigger = connect_it,
    filter = { body: { type: ["transcript.completed"], url: [{ $startsWith: "https://" }] } },
)]
async fn on_transcript_completed(Json(event): Json<PluginEvent>, io: Io) -> Result<()> {
    if let PluginEvent::TranscriptCompleted { id, url } = &event {
        io.run_task("save", || save("transcript", id, url)).await?;
    }
    io.logger().info("saved", &event);
    Ok(())
}

async fn save(what: &str, id: &str, value: impl std::fmt::Display) -> Result<()> {
    tracing::info!("{what} of {id}: {value}");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), runtime::Error> {
    runtime::serve().await
}
