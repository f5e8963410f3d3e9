//! The key under which a repeat of a delivery is recognised.

use super::live::{Genuine, LiveEndpoint};
use crate::request::Request;
use crate::store::DedupeKey;
use crate::time::Timestamp;
use crate::verify::Dedupe;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long a body is remembered where the id that should be there is missing.
const FALLBACK_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// The key, and in words by what a repeat is recognised.
pub(super) fn key(
    endpoint: &LiveEndpoint,
    request: &Request,
    genuine: &Genuine,
    now: Timestamp,
) -> (Option<DedupeKey>, &'static str) {
    match (endpoint.dedupe, &genuine.delivery_id) {
        (None, _) => (None, "nothing"),
        (Some(Dedupe::Id { window }), Some(id)) => {
            let key = DedupeKey { key: format!("id:{id}"), expires_at: now.plus(window) };
            (Some(key), "the provider's delivery id")
        }
        (Some(Dedupe::Id { .. }), None) => {
            (Some(body_key(endpoint, request, now.plus(FALLBACK_WINDOW))), "the same body")
        }
        (Some(Dedupe::Body { window }), _) => {
            (Some(body_key(endpoint, request, now.plus(window))), "the same body")
        }
    }
}

/// A hash of what a provider's retry repeats: the method, the target, the
/// event's type and the body; not the signature or the timestamp, which change.
fn body_key(endpoint: &LiveEndpoint, request: &Request, expires_at: Timestamp) -> DedupeKey {
    let event = endpoint.check.scheme().and_then(|ready| ready.event_type(request));
    let mut hash = Sha256::new();
    for part in [
        request.method().as_str().as_bytes(),
        request.path().as_bytes(),
        request.query_string().as_bytes(),
        event.as_deref().unwrap_or_default().as_bytes(),
    ] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update(request.body());
    DedupeKey { key: format!("body:{}", hex::encode(hash.finalize())), expires_at }
}
