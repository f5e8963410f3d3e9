//! Any request, all the way: handshakes, verification, id and type. What is
//! signed is accepted, and what is signed and then changed is not.
#![no_main]

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use triggerfish::request::{Request, RequestParts};
use triggerfish::verify::{Coverage, Part, Phase, Place, ReadyVerifier, Scheme};
use triggerfish_fuzz::{ALL, now};

/// Method, target, headers and body, as lines and a rest.
fn parts(data: &[u8]) -> Option<RequestParts> {
    let mut lines = data.splitn(8, |byte| *byte == b'\n');
    let method = match lines.next()?.first()? % 4 {
        0 => Method::GET,
        1 => Method::HEAD,
        _ => Method::POST,
    };
    let target = std::str::from_utf8(lines.next()?).ok()?;
    let mut parts = RequestParts {
        method,
        uri: format!("https://hooks.example.com/in?{target}").parse().ok()?,
        ..RequestParts::default()
    };
    for _ in 0..5 {
        let line = lines.next()?;
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(0);
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(&line[colon..]))
        {
            parts.headers.append(name, value);
        }
    }
    parts.body = Bytes::copy_from_slice(lines.next()?);
    Some(parts)
}

fn judge(scheme: &Scheme, ready: &ReadyVerifier, parts: RequestParts) -> bool {
    let request = Request::new(parts);
    for phase in [Phase::Before, Phase::Registering, Phase::AfterVerify] {
        if let Some(reply) = ready.handshake(&request, phase) {
            assert!(reply.body.len() <= 16 * 1024, "{}", scheme.name);
        }
    }
    let _ = (ready.event_type(&request), ready.delivery_id(&request));
    ready.verify(&request, now()).is_verified()
}

fuzz_target!(|data: &[u8]| {
    let [which, rest @ ..] = data else { return };
    let (scheme, ready) = &ALL[usize::from(*which) % ALL.len()];
    let Some(parts) = parts(rest) else { return };
    assert!(!judge(scheme, ready, parts.clone()), "{}", scheme.name);
    let late = scheme.timestamp.is_some_and(|timestamp| matches!(timestamp.at, Place::Json(_)));
    let form = scheme.signed.iter().any(|part| matches!(part, Part::SortedForm { .. }));
    let checked = !scheme.checks.is_empty();
    let Ok(signed) = ready.sign(parts, now()) else { return };
    if late || form || checked {
        judge(scheme, ready, signed);
        return;
    }
    if !judge(scheme, ready, signed.clone()) {
        // Refused for what the request itself holds: an id with a dot, or a header twice.
        return;
    }
    if ready.coverage() == Coverage::Body && !signed.body.is_empty() {
        let mut body = signed.body.to_vec();
        let at = usize::from(*which) % body.len();
        body[at] ^= 1;
        assert!(!judge(scheme, ready, RequestParts { body: body.into(), ..signed }), "{}", scheme.name);
    }
});
