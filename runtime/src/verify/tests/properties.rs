//! Any change of one byte is noticed, and no input is too odd to be judged.

use super::{all_ready, build, now, sample, sign, value, with_header};
use crate::request::{Request, RequestParts};
use crate::secret::{KeyFormat, Secret};
use crate::verify::{Coverage, Encoding, Part, Phase, Place, ReadyVerifier, Scheme, Verifier};
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use proptest::prelude::*;
use std::sync::LazyLock;

struct Signed {
    scheme: &'static Scheme,
    ready: ReadyVerifier,
    private: Option<Secret>,
    parts: RequestParts,
}

/// The signed sample of every scheme of this build.
static ALL: LazyLock<Vec<Signed>> = LazyLock::new(|| {
    all_ready()
        .into_iter()
        .map(|(scheme, ready, private)| {
            let parts = sign(&ready, sample(scheme), private.as_ref());
            Signed { scheme, ready, private, parts }
        })
        .collect()
});

fn is_verified(ready: &ReadyVerifier, parts: RequestParts) -> bool {
    ready.verify(&Request::new(parts), now()).is_verified()
}

/// The headers that the signature covers or consists of.
fn covered_headers(scheme: &Scheme) -> Vec<&'static str> {
    let places = [
        Some(scheme.signature.at),
        scheme.timestamp.map(|timestamp| timestamp.at),
        scheme.message_id.map(|id| id.at),
    ];
    let name = |place: Place| match place {
        Place::Header(name) | Place::HeaderOr(name, _) => Some(name),
        Place::HeaderSeries(_) => Some("x-docusign-signature-1"),
        Place::Json(_) | Place::Entry(_) => None,
    };
    places.into_iter().flatten().filter_map(name).collect()
}

/// Whether two writings of one signature may be equal: a hexadecimal digit in
/// either case, the name of an authentication scheme likewise.
fn same_but_for_case(scheme: &Scheme, old: u8, new: u8) -> bool {
    let insensitive =
        scheme.signature.encoding == Encoding::Hex || scheme.name == "basic" || scheme.name == "bearer";
    insensitive && old.eq_ignore_ascii_case(&new)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_byte_of_the_body_is_rejected(which: prop::sample::Index, at: prop::sample::Index, flip in 1..=255u8) {
        let signed = which.get(&ALL);
        // A form says the same in several writings; what is not covered may change.
        let form = signed.scheme.signed.iter().any(|part| matches!(part, Part::SortedForm { .. }));
        prop_assume!(signed.ready.coverage() == Coverage::Body && !form);
        let mut body = signed.parts.body.to_vec();
        let at = at.index(body.len());
        body[at] ^= flip;
        let parts = RequestParts { body: body.into(), ..signed.parts.clone() };
        prop_assert!(!is_verified(&signed.ready, parts), "{}: byte {at}", signed.scheme.name);
    }

    #[test]
    fn a_body_of_another_length_is_rejected(which: prop::sample::Index, extra in prop::collection::vec(any::<u8>(), 1..40), cut: prop::sample::Index) {
        let signed = which.get(&ALL);
        prop_assume!(signed.ready.coverage() == Coverage::Body);
        let longer = [signed.parts.body.as_ref(), &extra].concat();
        let shorter = signed.parts.body.slice(..cut.index(signed.parts.body.len()));
        let form = signed.scheme.signed.iter().any(|part| matches!(part, Part::SortedForm { .. }));
        let shorter = RequestParts { body: shorter, ..signed.parts.clone() };
        prop_assert!(!is_verified(&signed.ready, shorter));
        if !form {
            let longer = RequestParts { body: longer.into(), ..signed.parts.clone() };
            prop_assert!(!is_verified(&signed.ready, longer));
        }
    }

    #[test]
    fn a_changed_byte_of_signature_timestamp_or_id_is_rejected(
        which: prop::sample::Index, header: prop::sample::Index, at: prop::sample::Index, new in 0x20..0x7Fu8,
    ) {
        let signed = which.get(&ALL);
        let names = covered_headers(signed.scheme);
        prop_assume!(!names.is_empty());
        let name = HeaderName::from_static(names[header.index(names.len())]);
        let mut text = signed.parts.headers[&name].as_bytes().to_vec();
        let at = at.index(text.len());
        prop_assume!(text[at] != new && !same_but_for_case(signed.scheme, text[at], new));
        text[at] = new;
        let mut parts = signed.parts.clone();
        parts.headers.insert(&name, HeaderValue::from_bytes(&text).expect("visible ASCII"));
        prop_assert!(!is_verified(&signed.ready, parts), "{}: {name} {text:?}", signed.scheme.name);
    }

    #[test]
    fn a_changed_byte_of_the_secret_is_rejected(which: prop::sample::Index, at: prop::sample::Index, flip in 1..=127u8) {
        let signed = which.get(&ALL);
        if signed.scheme.key == KeyFormat::Utf8 {
            let mut secret = super::secret_for(signed.scheme).0.into_bytes();
            let at = at.index(secret.len());
            secret[at] ^= flip;
            let other = build(&Verifier::from_scheme(signed.scheme, value(secret)).param("email", "x").param("webhook_id", "x"));
            prop_assert!(!is_verified(&other, signed.parts.clone()), "{}", signed.scheme.name);
        }
    }

    #[test]
    fn any_body_that_is_signed_is_verified(which: prop::sample::Index, body in prop::collection::vec(any::<u8>(), 1..2000)) {
        let signed = which.get(&ALL);
        let bare = RequestParts { body: Bytes::from(body), ..sample(signed.scheme) };
        let again = match &signed.private {
            Some(private) => signed.ready.sign_with(bare, now(), private),
            None => signed.ready.sign(bare, now()),
        };
        // Bytes that are no UTF-8, or no JSON, cannot be signed where the scheme needs text.
        if let Ok(parts) = again {
            let late = matches!(signed.scheme.timestamp, Some(timestamp) if matches!(timestamp.at, Place::Json(_)));
            prop_assert!(late || is_verified(&signed.ready, parts), "{}", signed.scheme.name);
        }
    }

    #[test]
    fn no_request_is_too_odd_to_be_judged(
        which: prop::sample::Index, text in "[ -~]{0,200}", body in prop::collection::vec(any::<u8>(), 0..200), query in "[ -~]{0,60}",
    ) {
        let signed = which.get(&ALL);
        let mut parts = RequestParts { body: Bytes::from(body), ..sample(signed.scheme) };
        for name in covered_headers(signed.scheme) {
            parts = with_header(parts, name, &text);
        }
        if let Ok(uri) = format!("/in?{query}").parse() {
            parts.uri = uri;
        }
        let request = Request::new(parts);
        for phase in [Phase::Before, Phase::Registering, Phase::AfterVerify] {
            let _ = signed.ready.handshake(&request, phase);
        }
        prop_assert!(!signed.ready.verify(&request, now()).is_verified());
        let _ = (signed.ready.event_type(&request), signed.ready.delivery_id(&request));
    }
}
