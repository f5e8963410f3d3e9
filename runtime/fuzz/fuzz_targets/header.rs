//! Any text in the headers that a scheme reads: it is judged, and never right.
#![no_main]

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use triggerfish::request::{Request, RequestParts};
use triggerfish::verify::{Place, Scheme};
use triggerfish_fuzz::{ALL, now};

/// The headers that a scheme reads.
fn names(scheme: &Scheme) -> impl Iterator<Item = &'static str> {
    let timestamp = scheme.timestamp.map(|timestamp| timestamp.at);
    let id = scheme.message_id.map(|id| id.at);
    [Some(scheme.signature.at), timestamp, id].into_iter().flatten().filter_map(|place| match place {
        Place::Header(name) | Place::HeaderOr(name, _) => Some(name),
        Place::HeaderSeries(_) => Some("x-docusign-signature-1"),
        Place::Json(_) | Place::Entry(_) => None,
    })
}

fuzz_target!(|data: &[u8]| {
    let [which, texts @ ..] = data else { return };
    let (scheme, ready) = &ALL[usize::from(*which) % ALL.len()];
    let mut parts = RequestParts {
        uri: "https://hooks.example.com/in".parse().expect("a URI"),
        body: Bytes::from_static(scheme.sample.body.as_bytes()),
        ..RequestParts::default()
    };
    let mut texts = texts.split(|byte| *byte == b'\n');
    for name in names(scheme) {
        let Ok(value) = HeaderValue::from_bytes(texts.next().unwrap_or_default()) else { return };
        parts.headers.append(HeaderName::from_static(name), value);
    }
    // What is left comes a second time.
    if let (Some(name), Some(text)) = (names(scheme).next(), texts.next())
        && let Ok(value) = HeaderValue::from_bytes(text)
    {
        parts.headers.append(HeaderName::from_static(name), value);
    }
    assert!(!ready.verify(&Request::new(parts), now()).is_verified(), "{}", scheme.name);
});
