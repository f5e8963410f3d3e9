//! A request as it was received: raw, and never changed after that.

use crate::secret::{Secret, Secrets};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// A request as it was received.
///
/// The body is the exact bytes that the sender sent: the bytes that are
/// verified are the bytes that are stored and the bytes that a job sees.
/// Cloning is cheap; all clones share one copy.
#[derive(Clone)]
pub struct Request {
    inner: Arc<Inner>,
}

struct Inner {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    received_at: SystemTime,
    public_url: Option<Arc<str>>,
    secrets: Secrets,
}

/// The parts from which a [`Request`] is made.
#[derive(Clone, Debug)]
pub struct RequestParts {
    /// The method.
    pub method: Method,
    /// The request target. An absolute URI also says the public URL.
    pub uri: Uri,
    /// The headers, in the order received.
    pub headers: HeaderMap,
    /// The exact bytes of the body.
    pub body: Bytes,
    /// When the request was received.
    pub received_at: SystemTime,
    /// Scheme and authority under which senders reach this program, for
    /// example `https://hooks.example.com`, from the configuration. Never taken
    /// from a header, which the sender controls.
    pub public_url: Option<Arc<str>>,
}

impl Default for RequestParts {
    fn default() -> Self {
        RequestParts {
            method: Method::POST,
            uri: Uri::default(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            received_at: SystemTime::UNIX_EPOCH,
            public_url: None,
        }
    }
}

impl Request {
    /// Makes a request from its parts, as a test or a replay does.
    pub fn new(parts: RequestParts) -> Self {
        Request::with_secrets(parts, Secrets::default())
    }

    pub(crate) fn with_secrets(parts: RequestParts, secrets: Secrets) -> Self {
        let RequestParts { method, uri, headers, body, received_at, public_url } = parts;
        Request { inner: Arc::new(Inner { method, uri, headers, body, received_at, public_url, secrets }) }
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.inner.method
    }

    /// The request target as it was sent: path and query.
    pub fn uri(&self) -> &Uri {
        &self.inner.uri
    }

    /// The path, without the query, still percent-encoded.
    pub fn path(&self) -> &str {
        self.inner.uri.path()
    }

    /// The query without its `?`, still percent-encoded; empty where there is none.
    pub fn query_string(&self) -> &str {
        self.inner.uri.query().unwrap_or_default()
    }

    /// The first value of a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        self.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The query parameters in order, decoded as form fields (`+` is a space).
    pub fn query_pairs(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.query_string().split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (form_decode(key).into_owned(), form_decode(value).into_owned())
        })
    }

    /// The headers, in the order received.
    pub fn headers(&self) -> &HeaderMap {
        &self.inner.headers
    }

    /// The text of a header that was sent exactly once; `None` where it is
    /// missing, sent twice, or not visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.inner.headers.get_all(name).iter();
        match (all.next(), all.next()) {
            (Some(only), None) => only.to_str().ok(),
            _ => None,
        }
    }

    /// The exact bytes of the body.
    pub fn body(&self) -> &Bytes {
        &self.inner.body
    }

    /// Reads the body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.inner.body)
    }

    /// When the request was received.
    pub fn received_at(&self) -> SystemTime {
        self.inner.received_at
    }

    /// The URL that the sender called, from the configured public URL; `None`
    /// where none is configured. Never built from a header.
    pub fn public_url(&self) -> Option<String> {
        if self.inner.uri.authority().is_some() {
            return Some(self.inner.uri.to_string());
        }
        let base = self.inner.public_url.as_deref()?;
        let target = self.inner.uri.path_and_query().map_or("/", |target| target.as_str());
        Some(format!("{}{target}", base.trim_end_matches('/')))
    }

    /// The same request as long as nobody vouches for its body: with none.
    pub(crate) fn without_body(&self) -> Self {
        let Inner { method, uri, headers, received_at, public_url, secrets, .. } = &*self.inner;
        let parts = RequestParts {
            method: method.clone(),
            uri: uri.clone(),
            headers: headers.clone(),
            body: Bytes::new(),
            received_at: *received_at,
            public_url: public_url.clone(),
        };
        Request::with_secrets(parts, secrets.clone())
    }

    /// A secret that the endpoint declared with `secrets("NAME")`.
    ///
    /// `None` for every other name, so that a verifier that forgot to declare
    /// one rejects instead of comparing with nothing.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        self.inner.secrets.get(name)
    }
}

/// Decodes one form field: `+` is a space, `%41` is `A`; what is no escape
/// stays as it is. Bytes that are no UTF-8 become replacement characters.
pub(crate) fn form_decode(text: &str) -> Cow<'_, str> {
    match form_bytes(text) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// The same as exact bytes, for signatures: two bodies must not become one text.
pub(crate) fn form_bytes(text: &str) -> Cow<'_, [u8]> {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|b| matches!(b, b'+' | b'%')) {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = after;
                }
                _ => out.push(b'%'),
            },
            (other, _) => out.push(*other),
        }
    }
    Cow::Owned(out)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Whether the value of a header of this name may be a credential, which is
/// neither stored nor shown.
pub(crate) fn is_credential(name: &HeaderName) -> bool {
    matches!(name.as_str(), "authorization" | "proxy-authorization" | "cookie" | "x-api-key")
}

/// Names and lengths, so that neither a payload nor a credential reaches a log.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.inner.headers.keys().map(HeaderName::as_str).collect();
        f.debug_struct("Request")
            .field("method", &self.inner.method)
            .field("path", &self.path())
            .field("headers", &names)
            .field("body_len", &self.inner.body.len())
            .finish_non_exhaustive()
    }
}

/// Whether what has this name may be a secret: its value is masked wherever a person sees it.
pub(crate) fn is_secret_name(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "authorization",
        "cookie",
        "password",
        "passwd",
        "secret",
        "token",
        "signature",
        "api-key",
        "api_key",
    ];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word)) || name.ends_with("apikey")
}

/// Path and query, with the values of parameters that may be secrets masked:
/// Meta's handshake sends its token in the query.
pub(crate) fn masked_target(target: &str) -> Cow<'_, str> {
    let Some((path, query)) = target.split_once('?') else { return Cow::Borrowed(target) };
    let mask = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret_name(&form_decode(name)) => format!("{name}=***"),
        _ => pair.to_owned(),
    };
    let query: Vec<_> = query.split('&').map(mask).collect();
    Cow::Owned(format!("{path}?{}", query.join("&")))
}

/// What takes the place of a credential's value.
pub(crate) const MASKED: HeaderValue = HeaderValue::from_static("***");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_field_is_decoded_once() {
        let rows =
            [("a+b", "a b"), ("a%2Bb", "a+b"), ("%25zz", "%zz"), ("%", "%"), ("%4", "%4"), ("%C3%A9", "é")];
        for (text, expected) in rows {
            assert_eq!(form_decode(text), expected, "{text}");
        }
    }

    #[test]
    fn a_token_in_the_query_is_masked() {
        let target = "/hooks/wa?hub.mode=subscribe&hub.verify%5Ftoken=hunter2&hub.challenge=1";
        assert_eq!(
            masked_target(target),
            "/hooks/wa?hub.mode=subscribe&hub.verify%5Ftoken=***&hub.challenge=1"
        );
        assert_eq!(masked_target("/hooks/wa"), "/hooks/wa");
    }

    #[test]
    fn without_its_body_a_request_is_the_same() {
        let parts = RequestParts {
            uri: Uri::from_static("/hooks/a?x=1"),
            body: Bytes::from_static(b"{}"),
            public_url: Some("https://hooks.example.com".into()),
            ..RequestParts::default()
        };
        let shown = Request::new(parts).without_body();
        assert!(shown.body().is_empty());
        assert_eq!(shown.public_url().as_deref(), Some("https://hooks.example.com/hooks/a?x=1"));
    }

    #[test]
    fn a_header_sent_twice_is_no_header() {
        let mut headers = HeaderMap::new();
        headers.append("x-sig", HeaderValue::from_static("a"));
        headers.append("x-sig", HeaderValue::from_static("b"));
        headers.append("x-one", HeaderValue::from_static("c"));
        let request = Request::new(RequestParts { headers, ..RequestParts::default() });
        assert_eq!(request.header("x-sig"), None);
        assert_eq!(request.header("X-One"), Some("c"));
    }

    #[test]
    fn debug_shows_neither_body_nor_values() {
        let mut headers = HeaderMap::new();
        headers.append("authorization", HeaderValue::from_static("Bearer hunter2"));
        let body = Bytes::from_static(b"hunter3");
        let shown = format!("{:?}", Request::new(RequestParts { headers, body, ..RequestParts::default() }));
        assert!(shown.contains("authorization") && !shown.contains("hunter"), "{shown}");
    }

    #[test]
    fn the_public_url_comes_from_the_configuration_alone() {
        let mut parts = RequestParts { uri: Uri::from_static("/hooks/a?x=1"), ..RequestParts::default() };
        parts.headers.insert("host", HeaderValue::from_static("evil.example"));
        assert_eq!(Request::new(parts).public_url(), None);
        let parts = RequestParts {
            uri: Uri::from_static("/hooks/a?x=1"),
            public_url: Some("https://hooks.example.com/".into()),
            ..RequestParts::default()
        };
        assert_eq!(
            Request::new(parts).public_url().as_deref(),
            Some("https://hooks.example.com/hooks/a?x=1")
        );
    }
}
