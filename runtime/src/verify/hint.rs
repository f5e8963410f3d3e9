//! Guesses why a request was rejected, for the person who reads the log.

use super::judge::judge;
use super::outcome::Reason;
use super::ready::Ready;
use crate::request::{Request, RequestParts};
use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use std::borrow::Cow;
use std::time::SystemTime;

/// Guessing costs a few more hashes: not for a large body, nor with a public
/// key, where a stranger could make it expensive.
const MAX_GUESS: usize = 64 * 1024;

/// The likely cause of `reason`, where there is a likely one.
pub(super) fn likely(
    ready: &Ready,
    request: &Request,
    now: SystemTime,
    reason: &Reason,
) -> Option<Cow<'static, str>> {
    if let Ok(Some(text)) = ready.signature_at.read(request, None)
        && let Some((_, meaning)) = ready.scheme.tells.iter().find(|(tell, _)| *tell == text)
    {
        return Some(Cow::Borrowed(meaning));
    }
    match reason {
        Reason::Stale { age, .. } => {
            Some(Cow::Owned(format!("a replayed request, or a clock that is ahead by about {age} s")))
        }
        Reason::Future { ahead, .. } => {
            Some(Cow::Owned(format!("this clock may be behind by about {ahead} s")))
        }
        Reason::NoPublicUrl => Some("set the public URL, or give it with `.url(...)`".into()),
        Reason::RepeatedHeader => Some("a proxy may have added the header a second time".into()),
        Reason::Mismatch => Some(mismatch(ready, request, now)),
        _ => None,
    }
}

fn mismatch(ready: &Ready, request: &Request, now: SystemTime) -> Cow<'static, str> {
    if let Some(key) = ready.keys.iter().find(|key| key.secret.expose().trim_ascii() != key.secret.expose())
        && let Some(name) = key.name
    {
        return Cow::Owned(format!("the secret in `{name}` starts or ends with white space"));
    }
    if request.headers().contains_key(CONTENT_ENCODING) {
        return "the body is compressed; the provider may have signed it before that".into();
    }
    let costly = ready.keys.iter().any(|key| key.key.public().is_some());
    if request.body().len() <= MAX_GUESS && !costly {
        for (body, cause) in rewritten(request.body()) {
            let mut hashed = 0;
            if judge(ready, &with_body(request, body), now, &mut hashed).is_ok() {
                return cause.into();
            }
        }
    }
    "the secret may be that of another environment, or something on the way rewrote the body".into()
}

/// Bodies that may have been signed in place of `body`.
fn rewritten(body: &Bytes) -> Vec<(Bytes, &'static str)> {
    let trimmed = body.trim_ascii_end();
    let mut all = Vec::new();
    if trimmed.len() < body.len() {
        all.push((body.slice(..trimmed.len()), "white space was added at the end of the body on the way"));
    } else {
        all.push((
            [body, b"\n".as_slice()].concat().into(),
            "a line break was cut off the end of the body on the way",
        ));
    }
    if let Some(rest) = body.strip_prefix("\u{feff}".as_bytes()) {
        all.push((Bytes::copy_from_slice(rest), "a byte order mark was added to the body on the way"));
    }
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(body)
        && let Ok(compact) = serde_json::to_vec(&value)
    {
        all.push((compact.into(), "the body was decoded and encoded again on the way"));
    }
    all
}

fn with_body(request: &Request, body: Bytes) -> Request {
    Request::new(RequestParts {
        method: request.method().clone(),
        uri: request.public_url().and_then(|url| url.parse().ok()).unwrap_or_else(|| request.uri().clone()),
        headers: request.headers().clone(),
        body,
        received_at: request.received_at(),
        public_url: None,
    })
}
