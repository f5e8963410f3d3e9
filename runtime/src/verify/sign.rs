//! Signs requests as a provider would, for tests and for trying an endpoint.

use super::asymmetric::Form;
use super::content::{Entries, Known, feed};
use super::key::{Feed, Key};
use super::layout::{Encoding, Place, Syntax};
use super::outcome::Reason;
use super::part::{JsonPart, Part};
use super::ready::{Ready, ReadyKey, ReadyVerifier};
use super::scheme::{Algorithm, JwsAlg};
use super::{jwt, matching, time};
use crate::request::{Request, RequestParts};
use crate::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use serde_json::Value;
use std::time::SystemTime;

/// Why a request cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The scheme's signatures need a private key, which a receiver has not.
    #[error("`{0}` signs with a private key, which only the provider has")]
    PrivateKey(&'static str),
    /// The request lacks what the scheme signs.
    #[error("the request cannot be signed: {0}")]
    Content(Reason),
    /// The body is not of the form that carries the signature.
    #[error("the signature stands in the body at `{0}`, which this body has no room for")]
    Body(&'static str),
}

impl ReadyVerifier {
    /// Signs a request with the newest secret, as the provider would: adds the
    /// timestamp, an id where the request has none, and the signature.
    ///
    /// A verifier that accepts everything gives the request back as it is.
    pub fn sign(&self, parts: RequestParts, now: SystemTime) -> Result<RequestParts, SignError> {
        self.ready().map_or(Ok(parts.clone()), |ready| sign(ready, parts, now, None))
    }

    /// The same for a scheme that signs with a private key: the 32 bytes of an
    /// Ed25519 or P-256 key, or an RSA key as PKCS#8. It must be the one of the
    /// newest public key.
    pub fn sign_with(
        &self,
        parts: RequestParts,
        now: SystemTime,
        private: &Secret,
    ) -> Result<RequestParts, SignError> {
        self.ready().map_or(Ok(parts.clone()), |ready| sign(ready, parts, now, Some(private)))
    }
}

fn sign(
    ready: &Ready,
    mut parts: RequestParts,
    now: SystemTime,
    private: Option<&Secret>,
) -> Result<RequestParts, SignError> {
    let scheme = &ready.scheme;
    let mut entries = Vec::new();
    let stamp = scheme.timestamp.map(|rule| (rule, time::format(now, rule.unit)));
    if let Some((rule, text)) = &stamp {
        let value = if rule.json_number {
            text.parse::<u64>().map_or(Value::Null, Value::from)
        } else {
            text.as_str().into()
        };
        put(rule.at, &value, &mut parts, &mut entries)?;
    }
    if let Some(id) = scheme.message_id
        && read(id.at, &parts).is_none()
    {
        put(id.at, &uuid::Uuid::now_v7().to_string().into(), &mut parts, &mut entries)?;
    }
    for part in ready.contents.iter().flatten() {
        prepare(part, &mut parts, &mut entries)?;
    }
    let id = scheme.message_id.and_then(|id| read(id.at, &parts));
    let separator = separator(scheme.signature.syntax);
    let header = entries.join(separator);
    let request = Request::new(parts.clone());
    let url = ready.public_url(&request);
    let known = Known {
        request: &request,
        timestamp: stamp.as_ref().map(|(_, text)| text.as_str()),
        id: id.as_deref(),
        entries: Some(Entries { text: &header, separator }),
        params: &ready.params,
        url: url.as_deref(),
    };
    let signature = signature(ready, &known, now, private)?;
    let text = match scheme.signature.syntax {
        Syntax::Whole => signature,
        Syntax::Prefix(prefix) => format!("{prefix}{signature}"),
        Syntax::AuthScheme(name) => format!("{name} {signature}"),
        Syntax::Versions { version, .. } => format!("{version}{signature}"),
        Syntax::KeyValue { separator, key } => {
            entries.push(format!("{key}={signature}"));
            entries.join(separator)
        }
    };
    put(scheme.signature.at, &text.into(), &mut parts, &mut Vec::new())?;
    Ok(parts)
}

/// The signature, encoded as it stands in the request.
fn signature(
    ready: &Ready,
    known: &Known<'_>,
    now: SystemTime,
    private: Option<&Secret>,
) -> Result<String, SignError> {
    let key = ready.keys.first().ok_or(SignError::Content(Reason::NoSecret))?;
    if let Key::Token(token) = &key.key {
        return Ok(String::from_utf8_lossy(token.expose()).into_owned());
    }
    let refused = || SignError::PrivateKey(ready.scheme.name);
    let public = |message: &[u8], form| {
        key.key.public().and_then(|public| public.sign(private?, message, form)).ok_or_else(refused)
    };
    if let Algorithm::Jws(jws) = ready.scheme.algorithm {
        let token = jwt::unsigned(&jws, ready, key, known.request, now);
        let signature = match jws.alg {
            JwsAlg::Hs256 => mac(key, &mut |put| {
                put(token.as_bytes());
                Ok(())
            })?,
            JwsAlg::Es256 | JwsAlg::Rs256 => public(token.as_bytes(), Form::Jose)?,
        };
        return Ok(format!("{token}.{}", URL_SAFE_NO_PAD.encode(signature)));
    }
    let content = ready.contents.first().map_or(&[][..], Vec::as_slice);
    let mut feed_all =
        |put: &mut dyn FnMut(&[u8])| content.iter().try_for_each(|part| feed(part, known, &key.secret, put));
    let bytes = if key.key.public().is_some() {
        let mut message = Vec::new();
        feed_all(&mut |bytes| message.extend_from_slice(bytes)).map_err(SignError::Content)?;
        public(&message, matching::form(ready, known).map_err(SignError::Content)?)?
    } else {
        mac(key, &mut feed_all)?
    };
    Ok(match ready.scheme.signature.encoding {
        Encoding::Base64 => STANDARD.encode(bytes),
        Encoding::Hex | Encoding::Plain => hex::encode(bytes),
    })
}

fn mac(key: &ReadyKey, feed: Feed<'_>) -> Result<Vec<u8>, SignError> {
    Ok(key.key.tag(feed).map_err(SignError::Content)?.as_bytes().to_vec())
}

fn separator(syntax: Syntax) -> &'static str {
    match syntax {
        Syntax::KeyValue { separator, .. } | Syntax::Versions { separator, .. } => separator,
        _ => "",
    }
}

/// Adds what a part of the content reads and the request may lack.
fn prepare(part: &Part, parts: &mut RequestParts, entries: &mut Vec<String>) -> Result<(), SignError> {
    match *part {
        Part::SignedHeaders { list, cover } if !parts.headers.contains_key(list) => {
            put(Place::Header(list), &cover.join(",").into(), parts, entries)
        }
        Part::JsonObject(fields) => {
            for (_, field) in fields {
                if let JsonPart::Entry(key) = field {
                    entries.push(format!("{key}=master"));
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn read(at: Place, parts: &RequestParts) -> Option<String> {
    match at {
        Place::Header(name) | Place::HeaderOr(name, _) => {
            parts.headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
        }
        Place::Json(pointer) => super::json::text(&parts.body, pointer).ok().flatten().map(Into::into),
        Place::HeaderSeries(_) | Place::Entry(_) => None,
    }
}

fn put(
    at: Place,
    value: &Value,
    parts: &mut RequestParts,
    entries: &mut Vec<String>,
) -> Result<(), SignError> {
    let text = || value.as_str().unwrap_or_default();
    match at {
        Place::Header(name) | Place::HeaderOr(name, _) => insert(parts, name, text()),
        Place::HeaderSeries(prefix) => insert(parts, &format!("{prefix}1"), text()),
        Place::Entry(key) => {
            entries.push(format!("{key}={}", text()));
            Ok(())
        }
        Place::Json(pointer) => {
            let mut body: Value =
                serde_json::from_slice(&parts.body).map_err(|_| SignError::Body(pointer))?;
            set(&mut body, pointer, value).ok_or(SignError::Body(pointer))?;
            parts.body = Bytes::from(serde_json::to_vec(&body).map_err(|_| SignError::Body(pointer))?);
            Ok(())
        }
    }
}

/// Puts `value` at `pointer`, with the objects on the way there.
fn set(body: &mut Value, pointer: &str, value: &Value) -> Option<()> {
    let Some(path) = pointer.strip_prefix('/') else {
        *body = value.clone();
        return Some(());
    };
    let (step, rest) = path.find('/').map_or((path, ""), |at| path.split_at(at));
    match body {
        Value::Object(map) => {
            set(map.entry(step).or_insert_with(|| Value::Object(serde_json::Map::new())), rest, value)
        }
        Value::Array(all) if step == "*" => all.iter_mut().try_for_each(|one| set(one, rest, value)),
        Value::Array(all) => set(all.get_mut(step.parse::<usize>().ok()?)?, rest, value),
        _ => None,
    }
}

fn insert(parts: &mut RequestParts, name: &str, text: &str) -> Result<(), SignError> {
    let malformed = || SignError::Content(Reason::Malformed);
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| malformed())?;
    parts.headers.insert(name, HeaderValue::from_str(text).map_err(|_| malformed())?);
    Ok(())
}
