//! What the receivers written by hand share: all but the way in which axum
//! gives them the request.

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use std::borrow::Cow;
use std::sync::Arc;
use tokio::net::TcpListener;
use triggerfish_benches::Result;
use triggerfish_benches::args::Args;

pub(crate) struct Receiver {
    /// Keyed once; a clone is cheaper than the key schedule.
    key: Hmac<Sha256>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
}

impl Receiver {
    pub(crate) fn new(secret: &str) -> Result<Self> {
        Ok(Receiver { key: Hmac::new_from_slice(secret.as_bytes())? })
    }

    /// Verifies the body and looks at the type of the event.
    pub(crate) fn receive(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        if !self.is_genuine(headers, body) {
            return StatusCode::BAD_REQUEST;
        }
        match serde_json::from_slice::<Event<'_>>(body) {
            Ok(event) if matches!(&*event.kind, "test.completed" | "transcript.completed") => StatusCode::OK,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn is_genuine(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let mut signature = [0; 32];
        let Some(header) = headers.get("x-connect-it-token") else { return false };
        if hex::decode_to_slice(header.as_bytes(), &mut signature).is_err() {
            return false;
        }
        let mut mac = self.key.clone();
        mac.update(body);
        // Compares in constant time.
        mac.verify_slice(&signature).is_ok()
    }
}

/// Serves on the port and with the threads that the command line names.
pub(crate) fn serve(router: impl FnOnce(Arc<Receiver>) -> Router) -> Result<()> {
    let mut args = Args::from_env();
    let port: u16 = args.get("--port", 3000)?;
    let threads: usize = args.get("--threads", 0)?;
    args.finish()?;
    let secret = std::env::var("CONNECT_IT_SECRET")?;
    let receiver = Arc::new(Receiver::new(&secret)?);
    triggerfish_benches::threads::runtime(threads)?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        Ok(axum::serve(listener, router(receiver)).await?)
    })
}
