//! Every secret against every signature.

use super::asymmetric::Form;
use super::content::{Known, feed};
use super::key::Key;
use super::layout::Encoding;
use super::outcome::Reason;
use super::place::Candidates;
use super::ready::{Ready, ReadyKey};
use super::scheme::Algorithm;
use super::{json, jwt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::time::SystemTime;
use subtle::ConstantTimeEq as _;

/// The secret that matched.
pub(super) struct Match {
    /// Its index, the newest first.
    pub(super) index: usize,
    /// When the signature was made, where the signature itself says so.
    pub(super) issued: Option<SystemTime>,
}

/// Finds the secret under which one of the signatures is right.
pub(super) fn find(
    ready: &Ready,
    known: &Known<'_>,
    candidates: &Candidates<'_>,
    now: SystemTime,
    hashed: &mut usize,
) -> Result<Match, Reason> {
    // Malformed stays only where not one signature could be decoded.
    let mut reason = Reason::Malformed;
    for (index, key) in ready.keys.iter().enumerate() {
        let issued = match (&key.key, ready.scheme.algorithm) {
            (_, Algorithm::Jws(jws)) => {
                *hashed = known.request.body().len();
                let mut judged = Err(Reason::Malformed);
                for token in candidates.iter() {
                    judged = jwt::check(&jws, ready, key, token, known.request, now);
                    if judged.is_ok() {
                        break;
                    }
                }
                judged
            }
            (Key::Token(token), _) => {
                let equal = candidates.iter().any(|given| token.expose().ct_eq(given.as_bytes()).into());
                if equal { Ok(None) } else { Err(Reason::Mismatch) }
            }
            (Key::Public(_), _) => public(ready, key, known, candidates, hashed).map(|()| None),
            _ => mac(ready, key, known, candidates, hashed).map(|()| None),
        };
        match issued {
            Ok(issued) => return Ok(Match { index, issued }),
            Err(Reason::Mismatch) => reason = Reason::Mismatch,
            Err(Reason::Malformed) => {}
            Err(other) => return Err(other),
        }
    }
    Err(reason)
}

fn mac(
    ready: &Ready,
    key: &ReadyKey,
    known: &Known<'_>,
    candidates: &Candidates<'_>,
    hashed: &mut usize,
) -> Result<(), Reason> {
    let mut reason = Reason::Malformed;
    for content in &ready.contents {
        let mut length = 0;
        let tag = key.key.tag(&mut |put| {
            content.iter().try_for_each(|part| {
                feed(part, known, &key.secret, &mut |bytes| {
                    length += bytes.len();
                    put(bytes);
                })
            })
        })?;
        *hashed = length;
        for given in candidates.iter() {
            match tag.is(given, ready.scheme.signature.encoding) {
                Some(true) => return Ok(()),
                Some(false) => reason = Reason::Mismatch,
                // An entry that cannot be decoded is skipped.
                None => {}
            }
        }
    }
    Err(reason)
}

fn public(
    ready: &Ready,
    key: &ReadyKey,
    known: &Known<'_>,
    candidates: &Candidates<'_>,
    hashed: &mut usize,
) -> Result<(), Reason> {
    let form = form(ready, known)?;
    let mut reason = Reason::Malformed;
    for content in &ready.contents {
        let mut message = Vec::new();
        content.iter().try_for_each(|part| {
            feed(part, known, &key.secret, &mut |bytes| message.extend_from_slice(bytes))
        })?;
        *hashed = message.len();
        for given in candidates.iter() {
            let Some(signature) = decode(given, ready.scheme.signature.encoding) else { continue };
            if key.key.public().is_some_and(|public| public.verifies(&message, &signature, form)) {
                return Ok(());
            }
            reason = Reason::Mismatch;
        }
    }
    Err(reason)
}

/// The form of the signature, from a fixed list: nothing in the request can
/// name another.
pub(super) fn form(ready: &Ready, known: &Known<'_>) -> Result<Form, Reason> {
    let Algorithm::RsaByVersion(pointer) = ready.scheme.algorithm else { return Ok(Form::Usual) };
    match json::text(known.request.body(), pointer)?.as_deref() {
        Some("1") => Ok(Form::Sha1),
        Some("2") => Ok(Form::Usual),
        _ => Err(Reason::Requirement("SignatureVersion")),
    }
}

fn decode(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Hex => hex::decode(text).ok(),
        Encoding::Base64 => STANDARD.decode(text).ok(),
        Encoding::Plain => None,
    }
}
