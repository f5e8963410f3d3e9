//! JSON web signatures: the pinned algorithm, the claims, and the body's hash.

use super::asymmetric::Form;
use super::content::param;
use super::key::Key;
use super::outcome::Reason;
use super::ready::{Ready, ReadyKey};
use super::scheme::{Jws, JwsAlg};
use super::time;
use super::{TimeUnit, Window};
use crate::request::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use subtle::ConstantTimeEq as _;

/// How far the clock of who issued a token may be ahead, in seconds.
const LEEWAY: u32 = 60;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<Value>,
}

/// Judges a token under one key. [`Reason::Mismatch`] means that the next key
/// may fit. On success, when the token was issued.
pub(super) fn check(
    jws: &Jws,
    ready: &Ready,
    key: &ReadyKey,
    token: &str,
    request: &Request,
    now: SystemTime,
) -> Result<Option<SystemTime>, Reason> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Reason::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(Reason::Malformed)?;
    let header: Header = decode(header)?;
    // What the token says of its algorithm is compared, never followed.
    if header.alg != name(jws.alg) || header.crit.is_some() {
        return Err(Reason::Claim("alg"));
    }
    if key.id.as_ref().is_some_and(|id| header.kid.as_ref() != Some(id)) {
        return Err(Reason::Mismatch);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Reason::Malformed)?;
    if !is_signed(&key.key, signed.as_bytes(), &signature)? {
        return Err(Reason::Mismatch);
    }
    let claims: Map<String, Value> = decode(claims)?;
    let issued = check_times(jws, &claims, now)?;
    check_claims(jws, ready, &claims, request)?;
    if let Some(claim) = jws.body_claim {
        let claimed = claims.get(claim).and_then(Value::as_str).ok_or(Reason::Claim(claim))?;
        let mut hash = [0; 32];
        hex::decode_to_slice(claimed, &mut hash).map_err(|_| Reason::Claim(claim))?;
        if !bool::from(Sha256::digest(request.body()).as_slice().ct_eq(&hash)) {
            return Err(Reason::BodyHash);
        }
    }
    Ok(issued)
}

/// The value of `alg`.
pub(super) fn name(alg: JwsAlg) -> &'static str {
    match alg {
        JwsAlg::Hs256 => "HS256",
        JwsAlg::Es256 => "ES256",
        JwsAlg::Rs256 => "RS256",
    }
}

fn is_signed(key: &Key, signed: &[u8], signature: &[u8]) -> Result<bool, Reason> {
    if let Some(public) = key.public() {
        return Ok(public.verifies(signed, signature, Form::Jose));
    }
    let tag = key.tag(&mut |put| {
        put(signed);
        Ok(())
    })?;
    Ok(tag.as_bytes().ct_eq(signature).into())
}

fn decode<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Reason> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Reason::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Reason::Malformed)
}

/// A claim that is a time (RFC 7519 §2, NumericDate).
fn date(claims: &Map<String, Value>, claim: &'static str) -> Result<Option<SystemTime>, Reason> {
    let Some(value) = claims.get(claim) else { return Ok(None) };
    let seconds = value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.and_then(|since| UNIX_EPOCH.checked_add(since)).map(Some).ok_or(Reason::Claim(claim))
}

fn check_times(
    jws: &Jws,
    claims: &Map<String, Value>,
    now: SystemTime,
) -> Result<Option<SystemTime>, Reason> {
    match date(claims, "exp")? {
        Some(end) if now >= end => return Err(Reason::Claim("exp")),
        None if jws.expires => return Err(Reason::Claim("exp")),
        _ => {}
    }
    let latest = now + Duration::from_secs(LEEWAY.into());
    if date(claims, "nbf")?.is_some_and(|start| start > latest) {
        return Err(Reason::Claim("nbf"));
    }
    let issued = date(claims, "iat")?;
    let past = jws.max_age.unwrap_or(u32::MAX);
    match issued {
        Some(issued) => time::check(issued, now, TimeUnit::Seconds, Window { past, future: LEEWAY })?,
        None if jws.max_age.is_some() => return Err(Reason::Claim("iat")),
        None => {}
    }
    Ok(issued)
}

fn check_claims(
    jws: &Jws,
    ready: &Ready,
    claims: &Map<String, Value>,
    request: &Request,
) -> Result<(), Reason> {
    let is = |claim: &str, expected: &str| claims.get(claim).and_then(Value::as_str) == Some(expected);
    for (claim, expected) in jws.claims {
        if !is(claim, expected) {
            return Err(Reason::Claim(claim));
        }
    }
    for claim in jws.truths {
        if claims.get(*claim) != Some(&Value::Bool(true)) {
            return Err(Reason::Claim(claim));
        }
    }
    for claim in jws.required {
        if !param(&ready.params, claim).is_some_and(|expected| is(claim, expected)) {
            return Err(Reason::Claim(claim));
        }
    }
    if jws.audience {
        let configured = param(&ready.params, "aud").map(str::to_owned);
        let expected = configured.or_else(|| ready.public_url(request)).ok_or(Reason::NoPublicUrl)?;
        let named = match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(&expected)),
            one => one.and_then(Value::as_str) == Some(&expected),
        };
        if !named {
            return Err(Reason::Claim("aud"));
        }
    }
    Ok(())
}

/// A token as the provider would issue it at `now`, without its signature.
pub(super) fn unsigned(
    jws: &Jws,
    ready: &Ready,
    key: &ReadyKey,
    request: &Request,
    now: SystemTime,
) -> String {
    let mut claims = Map::new();
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iat", seconds.into());
    put("exp", (seconds + 300).into());
    jws.claims.iter().for_each(|(claim, value)| drop(put(claim, (*value).into())));
    jws.truths.iter().for_each(|claim| drop(put(claim, true.into())));
    for claim in jws.required {
        put(claim, param(&ready.params, claim).unwrap_or_default().into());
    }
    if jws.audience {
        let configured = param(&ready.params, "aud").map(str::to_owned);
        put("aud", configured.or_else(|| ready.public_url(request)).unwrap_or_default().into());
    }
    if let Some(claim) = jws.body_claim {
        put(claim, hex::encode(Sha256::digest(request.body())).into());
    }
    let mut header = Map::from_iter([
        ("alg".to_owned(), Value::from(name(jws.alg))),
        ("typ".to_owned(), Value::from("JWT")),
    ]);
    if let Some(id) = &key.id {
        header.insert("kid".to_owned(), id.as_str().into());
    }
    let [header, claims] =
        [header, claims].map(|part| URL_SAFE_NO_PAD.encode(Value::Object(part).to_string()));
    format!("{header}.{claims}")
}
