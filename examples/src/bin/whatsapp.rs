//! A job for every message that WhatsApp delivers.
//!
//! Before Meta sends anything it tries the URL with a `GET`, and wants back the
//! challenge that it sent. `.challenge(...)` knows that handshake.
//! `whatsapp_by_hand` is the same program with a handler of its own.
//!
//! ```sh
//! cargo run -p triggerfish-examples --bin whatsapp
//!
//! # The handshake: the token is the one that is typed in at Meta.
//! token=$(sed -n 's/^WHATSAPP_WEBHOOK_SECRET=//p' triggerfish.db.secrets)
//! curl "localhost:3000/hooks/whatsapp?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=$token"
//!
//! # A message: signed with the secret of the app.
//! secret=$(sed -n 's/^WHATSAPP_APP_SECRET=//p' triggerfish.db.secrets)
//! body='{"object":"whatsapp_business_account","entry":[{"changes":[{"value":{"messages":[{"from":"447700900000","text":{"body":"hello"}}]}}]}]}'
//! signature=$(printf %s "$body" | openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)
//! curl -i localhost:3000/hooks/whatsapp -H "X-Hub-Signature-256: sha256=$signature" -d "$body"
//! ```

use serde::{Deserialize, Serialize};
use triggerfish::prelude::*;
use triggerfish::runtime;

#[http_endpoint(id = "whatsapp", source = "whatsapp.com", icon = "whatsapp")]
fn whatsapp() -> Verifier {
    Verifier::meta(env("WHATSAPP_APP_SECRET")).challenge(env("WHATSAPP_WEBHOOK_SECRET"))
}

/// Meta also reports what became of messages that were sent; those have no `messages`.
#[job(
    id = "http-whatsapp",
    name = "HTTP WhatsApp",
    version = "1.0.0",
    trigger = whatsapp,
    filter = { body: { entry: { changes: { value: { messages: { from: [{ $exists: true }] } } } } } },
)]
async fn on_message(Json(update): Json<Update>, io: Io) -> Result<()> {
    let changes = update.entry.iter().flat_map(|entry| &entry.changes);
    for message in changes.flat_map(|change| &change.value.messages) {
        io.logger().info(format_args!("message from {}", message.from), message);
    }
    Ok(())
}

#[derive(Deserialize, Payload)]
struct Update {
    entry: Vec<Entry>,
}

#[derive(Deserialize, Payload)]
struct Entry {
    changes: Vec<Change>,
}

#[derive(Deserialize, Payload)]
struct Change {
    value: Value,
}

#[derive(Deserialize, Payload)]
struct Value {
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Serialize, Deserialize, Payload)]
struct Message {
    from: String,
    text: Option<Text>,
}

#[derive(Serialize, Deserialize, Payload)]
struct Text {
    body: String,
}

#[tokio::main]
async fn main() -> Result<(), runtime::Error> {
    runtime::serve().await
}
