//! WhatsApp's handshake written by hand, as any odd handshake can be.
//!
//! `whatsapp` does the same in one word, `.challenge(...)`.
//!
//! ```sh
//! cargo run -p triggerfish-examples --bin whatsapp_by_hand
//!
//! token=$(sed -n 's/^WHATSAPP_WEBHOOK_SECRET=//p' triggerfish.db.secrets)
//! curl "localhost:3000/hooks/whatsapp?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=$token"
//! curl -i "localhost:3000/hooks/whatsapp?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=guessed"
//! ```

use axum::http::StatusCode;
use axum::response::IntoResponse;
use subtle::ConstantTimeEq;
use triggerfish::endpoint::{Response, Verify};
use triggerfish::prelude::*;
use triggerfish::runtime;

#[http_endpoint(
    id = "whatsapp",
    source = "whatsapp.com",
    icon = "whatsapp",
    secrets("WHATSAPP_WEBHOOK_SECRET"),
    respond_with(
        filter = { method: ["GET"], query: { "hub.mode": [{ $startsWith: "sub" }] } },
        handler = answer_challenge,
        skip_triggering_runs = true,
    ),
)]
fn whatsapp() -> Verifier {
    Verifier::meta(env("WHATSAPP_APP_SECRET"))
}

/// Answers before the request is verified, so it is shown no body.
async fn answer_challenge(request: &Request, _verify: Verify<'_>) -> Response {
    let token = request.query("hub.verify_token").unwrap_or_default();
    let known = request.secret("WHATSAPP_WEBHOOK_SECRET");
    if !known.is_some_and(|secret| secret.expose().ct_eq(token.as_bytes()).into()) {
        return (StatusCode::UNAUTHORIZED, "Unauthorized").into_response();
    }
    request.query("hub.challenge").unwrap_or_else(|| "OK".to_owned()).into_response()
}

#[job(id = "http-whatsapp", name = "HTTP WhatsApp", version = "1.0.0", trigger = whatsapp)]
async fn on_update(request: Request, io: Io) -> Result<()> {
    io.logger().info(format_args!("{} bytes from WhatsApp", request.body().len()), ());
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), runtime::Error> {
    runtime::serve().await
}
