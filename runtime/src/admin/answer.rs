//! How the API answers: JSON with a tag, or a problem in words.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Serializer;
use sha2::{Digest, Sha256};
use std::{fmt, io};

/// Why something cannot be answered or done.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

/// What the API answers.
pub(crate) type Answer<T = Response> = Result<T, Problem>;

impl Problem {
    pub(crate) fn bad(text: impl Into<String>) -> Self {
        Problem { status: StatusCode::BAD_REQUEST, text: text.into() }
    }

    pub(crate) fn field(name: &str, value: &str, wanted: &str) -> Self {
        Problem::bad(format!("`{name}` is {value:?}; it must be {wanted}"))
    }

    pub(crate) fn unknown(what: &str, id: impl fmt::Display) -> Self {
        Problem { status: StatusCode::NOT_FOUND, text: format!("there is no {what} {id}") }
    }

    pub(crate) fn conflict(text: impl Into<String>) -> Self {
        Problem { status: StatusCode::CONFLICT, text: text.into() }
    }

    /// Whoever made the answer did not come to an end.
    pub(crate) fn broken_off() -> Self {
        let text = "the answer could not be made; the program's log may say why".to_owned();
        Problem { status: StatusCode::INTERNAL_SERVER_ERROR, text }
    }

    pub(crate) fn forbidden(text: impl Into<String>) -> Self {
        Problem { status: StatusCode::FORBIDDEN, text: text.into() }
    }
}

impl From<crate::store::StoreError> for Problem {
    fn from(error: crate::store::StoreError) -> Self {
        Problem { status: StatusCode::SERVICE_UNAVAILABLE, text: error.to_string() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Error {
            error: String,
        }
        let body = written(&Error { error: self.text }).unwrap_or_default();
        respond(self.status, "application/json", body)
    }
}

/// A response of one type.
pub(crate) fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// JSON.
pub(crate) fn json(value: &impl Serialize) -> Answer {
    Ok(respond(StatusCode::OK, "application/json", written(value)?))
}

/// JSON as text, on one line.
pub(crate) fn line(value: &impl Serialize) -> String {
    written(value).ok().and_then(|json| String::from_utf8(json).ok()).unwrap_or_default()
}

/// JSON with a tag of its content; nothing but the tag for who has it already.
pub(crate) fn tagged(value: &impl Serialize, headers: &HeaderMap) -> Answer {
    Ok(tagged_bytes("application/json", written(value)?.into(), headers))
}

/// A list under its name, with a tag.
pub(crate) fn listed(name: &str, all: &[impl Serialize], headers: &HeaderMap) -> Answer {
    let body = [b"{\"".as_slice(), name.as_bytes(), b"\":", &written(&all)?, b"}"].concat();
    Ok(tagged_bytes("application/json", body.into(), headers))
}

/// One object with the fields of both of these, with a tag.
pub(crate) fn joined(one: &impl Serialize, other: &impl Serialize, headers: &HeaderMap) -> Answer {
    Ok(tagged_bytes("application/json", join(written(one)?, &written(other)?), headers))
}

/// Both are objects, and have fields.
fn join(mut one: Vec<u8>, other: &[u8]) -> Bytes {
    one.pop();
    one.push(b',');
    one.extend_from_slice(other.get(1..).unwrap_or_default());
    one.into()
}

fn written(value: &impl Serialize) -> Answer<Vec<u8>> {
    let mut written = Written(Vec::with_capacity(256));
    value.serialize(&mut Serializer::new(&mut written)).map_err(unwritable)?;
    Ok(written.0)
}

/// An answer while it is written. Every view writes each of its commas: as calls
/// these are a part of what they are as code in place.
struct Written(Vec<u8>);

impl Written {
    #[inline(never)]
    fn add(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.add(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn unwritable(error: serde_json::Error) -> Problem {
    let text = format!("the answer cannot be written: {error}");
    Problem { status: StatusCode::INTERNAL_SERVER_ERROR, text }
}

/// The same for other content.
pub(crate) fn tagged_bytes(content_type: &'static str, body: Bytes, headers: &HeaderMap) -> Response {
    let digest = Sha256::digest(&body);
    let tag = format!("\"{}\"", hex::encode(digest.get(..12).unwrap_or_default()));
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut response = if known.flat_map(|all| all.split(',')).any(|known| known.trim() == tag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        respond(StatusCode::OK, content_type, body)
    };
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}
