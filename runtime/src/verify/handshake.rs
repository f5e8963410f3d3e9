//! Requests that are answered without a run, as data.

use super::content::param;
use super::layout::Encoding;
use super::ready::Ready;
use super::reply::Reply;
use super::scheme::FixedReply;
use crate::request::Request;
use crate::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::HeaderName;
use std::borrow::Cow;
use subtle::ConstantTimeEq;

/// The longest text that is echoed, in bytes.
const MAX_ECHO: usize = 4 * 1024;

/// A request that a provider sends to try the endpoint, and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// What the provider calls it.
    pub title: &'static str,
    /// Whether it is answered before or after verification.
    pub phase: Phase,
    /// What all must hold for a request to be this handshake.
    pub when: &'static [Condition],
    /// Where a token stands that must be the one of `Verifier::challenge`; the
    /// handshake is off until one is configured.
    pub token: Option<Token>,
    /// The answer.
    pub answer: Answer,
}

/// When a handshake is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before verification: it may look at method, query and headers only.
    Before,
    /// When the body has been read, before verification, and only while a
    /// [`Registration`](super::Registration) is open: the provider sends its
    /// secret in a request that it cannot sign yet.
    Registering,
    /// After it: the handshake itself is signed.
    AfterVerify,
}

/// Where the token of a handshake stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The query parameter that carries it.
    pub query: &'static str,
    /// Whether the handshake is answered where no token is configured.
    pub optional: bool,
}

/// What a request must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It has this method. A `GET` or `HEAD` of a handshake before verification
    /// is never a delivery.
    Method(&'static str),
    /// It has this query parameter once, with one of these values; any value
    /// where the list is empty.
    Query(&'static str, &'static [&'static str]),
    /// Where the user gave `Verifier::param` of the second name, the query
    /// parameter of the first has that value.
    QueryIsParam(&'static str, &'static str),
    /// It has this header once, with this value.
    Header(&'static str, &'static str),
    /// It has this header once.
    HasHeader(&'static str),
    /// Its JSON body has this value at the pointer. Never before the body is read.
    Json(&'static str, &'static str),
    /// Its JSON body has a value at the pointer. Never before the body is read.
    HasJson(&'static str),
    /// Its JSON body has an empty array at the pointer. Never before the body is read.
    EmptyArray(&'static str),
}

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Always the same.
    Fixed(FixedReply),
    /// The query parameter, decoded once, as plain text.
    EchoQuery(&'static str),
    /// The text at the pointer of the JSON body, as plain text.
    EchoJson(&'static str),
    /// The request header, in a JSON object under this key.
    EchoHeaderAs(&'static str, &'static str),
    /// The request header under the same name, if a registration waits for it:
    /// `Verifier::registration`.
    EchoSecret(&'static str),
    /// 200 without a body; the text at the pointer of the JSON body is kept as
    /// the secret of a registration that waits for it.
    KeepJson(&'static str),
    /// 200 without a body; the URL at the pointer of the JSON body is shown to
    /// the user, who must open it. It is never fetched.
    Confirm {
        /// The pointer of the URL.
        pointer: &'static str,
    },
    /// The query parameter, signed with the newest secret, in a JSON object.
    SignQuery {
        /// The query parameter.
        query: &'static str,
        /// The key in the answer.
        field: &'static str,
        /// What stands before the signature.
        prefix: &'static str,
        /// How the signature is written.
        encoding: Encoding,
    },
    /// The text at a pointer of the JSON body, beside its signature with the
    /// newest secret, in a JSON object.
    SignJson {
        /// The pointer of the text.
        pointer: &'static str,
        /// The key of the text in the answer.
        plain: &'static str,
        /// The key of its hexadecimal signature in the answer.
        signed: &'static str,
    },
}

impl Handshake {
    /// Whether it looks at the body.
    pub(super) fn reads_body(&self) -> bool {
        let condition = |when: &Condition| {
            matches!(when, Condition::Json(..) | Condition::HasJson(_) | Condition::EmptyArray(_))
        };
        self.when.iter().any(condition)
            || matches!(
                self.answer,
                Answer::EchoJson(_) | Answer::KeepJson(_) | Answer::Confirm { .. } | Answer::SignJson { .. }
            )
    }
}

/// What an attempt at a handshake led to.
enum Attempt {
    NotThis,
    Refused,
    Answered(Option<Reply>),
}

/// The answer of the first handshake of `phase` that fits.
pub(super) fn answer(ready: &Ready, request: &Request, phase: Phase) -> Option<Reply> {
    let mut refused = None;
    for handshake in ready.handshakes().filter(|handshake| handshake.phase == phase) {
        match attempt(handshake, ready, request) {
            Attempt::NotThis => {
                if owns_method(handshake, request) {
                    refused.get_or_insert(StatusCode::BAD_REQUEST);
                }
            }
            Attempt::Refused => refused = Some(StatusCode::UNAUTHORIZED),
            Attempt::Answered(Some(mut reply)) => {
                reply.note.get_or_insert(Cow::Borrowed(handshake.title));
                return Some(reply);
            }
            Attempt::Answered(None) => {
                refused.get_or_insert(StatusCode::BAD_REQUEST);
            }
        }
    }
    refused.map(|status| Reply::json(status, r#"{"error":"not a valid handshake"}"#))
}

/// Whether requests of this method can be nothing but this handshake.
fn owns_method(handshake: &Handshake, request: &Request) -> bool {
    handshake.phase == Phase::Before
        && handshake.when.iter().any(|condition| {
            matches!(condition, Condition::Method(method @ ("GET" | "HEAD")) if request.method() == method)
        })
}

fn attempt(handshake: &Handshake, ready: &Ready, request: &Request) -> Attempt {
    if !handshake.when.iter().all(|condition| holds(condition, ready, request)) {
        return Attempt::NotThis;
    }
    if let Some(token) = handshake.token
        && !(token.optional && ready.challenge.is_empty())
    {
        let given = only_query(request, token.query).unwrap_or_default();
        if !any_equal(&ready.challenge, given.as_bytes()) {
            return Attempt::Refused;
        }
    }
    Attempt::Answered(make(&handshake.answer, ready, request))
}

/// Compares with every token, so that the time does not say which one fits.
fn any_equal(tokens: &[Secret], given: &[u8]) -> bool {
    tokens.iter().fold(false, |equal, token| equal | bool::from(token.expose().ct_eq(given)))
}

fn holds(condition: &Condition, ready: &Ready, request: &Request) -> bool {
    match *condition {
        Condition::Method(method) => request.method() == method,
        Condition::Query(name, values) => only_query(request, name)
            .is_some_and(|value| values.is_empty() || values.contains(&value.as_str())),
        Condition::QueryIsParam(name, expected) => param(&ready.params, expected)
            .is_none_or(|expected| only_query(request, name).as_deref() == Some(expected)),
        Condition::Header(name, value) => request.header(name) == Some(value),
        Condition::HasHeader(name) => request.header(name).is_some(),
        Condition::Json(pointer, value) => json(request, pointer).as_deref() == Some(value),
        Condition::HasJson(pointer) => json(request, pointer).is_some(),
        Condition::EmptyArray(pointer) => super::json::elements(request.body(), pointer) == Ok(Some(0)),
    }
}

fn json(request: &Request, pointer: &str) -> Option<String> {
    super::json::text(request.body(), pointer).ok().flatten().map(Into::into)
}

/// A query parameter that is given once.
fn only_query(request: &Request, name: &str) -> Option<String> {
    let mut all = request.query_pairs().filter(|(key, _)| key == name);
    match (all.next(), all.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

fn make(answer: &Answer, ready: &Ready, request: &Request) -> Option<Reply> {
    match *answer {
        Answer::Fixed(fixed) => Some(fixed.into()),
        Answer::EchoQuery(name) => echo(only_query(request, name)?),
        Answer::EchoJson(pointer) => echo(json(request, pointer)?),
        Answer::EchoHeaderAs(name, field) => object(&[(field, request.header(name)?)]),
        Answer::EchoSecret(name) => {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            let mut value = request.headers().get(&name)?.clone();
            ready.registration.as_ref()?.take(value.as_bytes())?;
            value.set_sensitive(true);
            let mut reply = Reply::empty(StatusCode::OK);
            reply.headers.insert(name, value);
            Some(reply)
        }
        Answer::KeepJson(pointer) => {
            ready.registration.as_ref()?.take(json(request, pointer)?.as_bytes())?;
            Some(Reply::empty(StatusCode::OK))
        }
        Answer::Confirm { pointer } => {
            let url = json(request, pointer).filter(|url| url.len() <= MAX_ECHO)?;
            let mut reply = Reply::empty(StatusCode::OK);
            reply.note =
                Some(Cow::Owned(format!("to confirm the subscription, open {}", url.escape_debug())));
            Some(reply)
        }
        Answer::SignQuery { query, field, prefix, encoding } => {
            let signature = sign(ready, &only_query(request, query)?, encoding)?;
            object(&[(field, &format!("{prefix}{signature}"))])
        }
        Answer::SignJson { pointer, plain, signed } => {
            let text = json(request, pointer)?;
            let signature = sign(ready, &text, Encoding::Hex)?;
            object(&[(plain, &text), (signed, &signature)])
        }
    }
}

fn echo(text: String) -> Option<Reply> {
    (text.len() <= MAX_ECHO).then(|| Reply::text(StatusCode::OK, text))
}

/// Signs with the newest secret. Anybody may ask for this, so that a text which
/// could be the signed content of a delivery must not pass: a challenge is
/// short and has no character that JSON or a signed header list would need.
fn sign(ready: &Ready, text: &str, encoding: Encoding) -> Option<String> {
    let opaque = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=+/.~".contains(&byte);
    if text.is_empty() || text.len() > 256 || !text.bytes().all(opaque) {
        return None;
    }
    let tag = ready
        .newest_key()?
        .tag(&mut |put| {
            put(text.as_bytes());
            Ok(())
        })
        .ok()?;
    Some(match encoding {
        Encoding::Base64 => STANDARD.encode(tag.as_bytes()),
        Encoding::Hex | Encoding::Plain => hex::encode(tag.as_bytes()),
    })
}

fn object(fields: &[(&str, &str)]) -> Option<Reply> {
    if fields.iter().any(|(_, value)| value.len() > MAX_ECHO) {
        return None;
    }
    let map: serde_json::Map<_, _> =
        fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
    serde_json::to_vec(&map).ok().map(|body| Reply::json(StatusCode::OK, body))
}
