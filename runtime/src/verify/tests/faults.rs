//! Breaks the verifier in the ways that real ones are broken, and shows that
//! the recorded cases notice each.
//!
//! A fault is put around the real verifier: it changes the scheme, the secrets,
//! the request or the verdict, as the broken code would. Nothing of it is in
//! the verifier itself.

use super::case::{Case, Claims, claims, directory, own, read};
use super::no_environment;
use crate::request::{Request, RequestParts};
use crate::secret::{KeyFormat, SecretSource};
use crate::verify::{
    Algorithm, Encoding, Hash, MessageId, Part, Place, ReadyVerifier, Scheme, Syntax, TimeUnit, Timestamp,
    UrlForm, Window,
};
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderValue;
use sha2::Sha256;

/// What a verifier does wrong.
#[derive(Clone, Copy)]
struct Fault {
    name: &'static str,
    scheme: fn(&mut Scheme),
    secrets: fn(&mut Vec<SecretSource>),
    parts: fn(&mut RequestParts, &Scheme),
    /// Gets the real verdict on the changed request.
    verdict: fn(bool, &Case, Option<&ReadyVerifier>) -> bool,
}

const SOUND: Fault = Fault {
    name: "none",
    scheme: |_| {},
    secrets: |_| {},
    parts: |_, _| {},
    verdict: |verified, _, _| verified,
};

const fn scheme(name: &'static str, scheme: fn(&mut Scheme)) -> Fault {
    Fault { name, scheme, ..SOUND }
}

const fn parts(name: &'static str, parts: fn(&mut RequestParts, &Scheme)) -> Fault {
    Fault { name, parts, ..SOUND }
}

const fn verdict(name: &'static str, verdict: fn(bool, &Case, Option<&ReadyVerifier>) -> bool) -> Fault {
    Fault { name, verdict, ..SOUND }
}

const FAULTS: &[Fault] = &[
    verdict("always true", |_, _, _| true),
    verdict("always false", |_, _, _| false),
    verdict("inverted", |verified, _, _| !verified),
    Fault { secrets: |all| all.truncate(1), name: "first secret only", ..SOUND },
    Fault {
        secrets: |all| drop(all.drain(..all.len().saturating_sub(1))),
        name: "last secret only",
        ..SOUND
    },
    parts("first signature only", |parts, scheme| keep(parts, scheme, |all| all.truncate(1))),
    parts("last signature only", |parts, scheme| {
        keep(parts, scheme, |all| drop(all.drain(..all.len().saturating_sub(1))));
    }),
    parts("undecodable entry ends the search", |parts, scheme| {
        keep(parts, scheme, |all| {
            all.truncate(all.iter().position(|one| one.len() < 32).unwrap_or(all.len()));
        });
    }),
    parts("prefix not required", |parts, scheme| {
        let Syntax::Prefix(prefix) = scheme.signature.syntax else { return };
        rewrite(parts, scheme, |text| if text.contains('=') { text } else { format!("{prefix}{text}") });
    }),
    parts("prefix dropped as often as it comes", |parts, scheme| {
        let Syntax::Prefix(prefix) = scheme.signature.syntax else { return };
        rewrite(parts, scheme, |text| format!("{prefix}{}", text.trim_start_matches(prefix)));
    }),
    parts("any version accepted", |parts, scheme| match scheme.signature.syntax {
        Syntax::KeyValue { key, .. } => rewrite(parts, scheme, |text| {
            text.replace("v0=", &format!("{key}=")).replace("v2=", &format!("{key}="))
        }),
        Syntax::Versions { version, .. } => rewrite(parts, scheme, |text| text.replace("v1,", version)),
        _ => {}
    }),
    verdict("compares as far as the given signature goes", |verified, case, ready| {
        verified
            || right(case, ready)
                .zip(given(case))
                .is_some_and(|(right, given)| !given.is_empty() && right.starts_with(&given))
    }),
    verdict("compares without regard to case", |verified, case, ready| {
        verified
            || right(case, ready)
                .zip(given(case))
                .is_some_and(|(right, given)| right.eq_ignore_ascii_case(&given))
    }),
    parts("first of two headers counts", |parts, scheme| once(parts, scheme, |all| all.remove(0))),
    parts("last of two headers counts", |parts, scheme| once(parts, scheme, |all| all.remove(all.len() - 1))),
    parts("headers split at commas", |parts, scheme| {
        if scheme.signature.syntax == Syntax::Whole {
            rewrite(parts, scheme, |text| text.split(", ").next().unwrap_or_default().to_owned());
        }
    }),
    parts("header trimmed", |parts, scheme| rewrite(parts, scheme, |text| text.trim().to_owned())),
    parts("url-safe base64 accepted", |parts, scheme| {
        if scheme.signature.encoding == Encoding::Base64 {
            rewrite(parts, scheme, |text| text.replace('-', "+").replace('_', "/"));
        }
    }),
    parts("base64 without padding accepted", |parts, scheme| {
        if scheme.signature.encoding == Encoding::Base64 {
            rewrite(parts, scheme, |text| if text.len() % 4 == 3 { text + "=" } else { text });
        }
    }),
    parts("body decoded lossily", |parts, _| {
        parts.body = String::from_utf8_lossy(&parts.body).into_owned().into();
    }),
    parts("body trimmed", |parts, _| parts.body = Bytes::copy_from_slice(parts.body.trim_ascii())),
    parts("byte order mark dropped", |parts, _| {
        let body = parts.body.strip_prefix(b"\xEF\xBB\xBF").map(Bytes::copy_from_slice);
        parts.body = body.unwrap_or_else(|| parts.body.clone());
    }),
    parts("JSON decoded and encoded again", |parts, _| {
        if let Ok(json) = serde_json::from_slice::<serde_json::Value>(&parts.body) {
            parts.body = json.to_string().into();
        }
    }),
    parts("empty body refused", |parts, _| {
        if parts.body.is_empty() {
            parts.headers.clear();
        }
    }),
    scheme("no window", |scheme| window(scheme, None)),
    scheme("future not limited", |scheme| {
        let past = scheme.timestamp.and_then(|timestamp| timestamp.window);
        window(scheme, past.map(|window| Window { future: u32::MAX, ..window }));
    }),
    scheme("bounds of the window outside", |scheme| {
        let inside = scheme.timestamp.and_then(|timestamp| timestamp.window);
        window(scheme, inside.map(|window| Window { past: window.past - 1, future: window.future - 1 }));
    }),
    scheme("milliseconds read as seconds", |scheme| unit(scheme, TimeUnit::Milliseconds, TimeUnit::Seconds)),
    scheme("seconds read as milliseconds", |scheme| unit(scheme, TimeUnit::Seconds, TimeUnit::Milliseconds)),
    parts("timestamp read as far as it is a number", |parts, scheme| {
        rewrite(parts, scheme, |text| text.replace("t=+", "t=").replace("abc", ""));
    }),
    parts("first of two timestamps counts", |parts, scheme| {
        rewrite(parts, scheme, |text| {
            text.rsplit_once(",t=").map_or(text.clone(), |(first, rest)| {
                format!("{first},{}", rest.split_once(',').map_or("", |(_, rest)| rest))
            })
        });
    }),
    scheme("JSON time may be text", |scheme| {
        scheme.timestamp = scheme.timestamp.map(|timestamp| Timestamp { json_number: false, ..timestamp });
    }),
    scheme("timestamp not in the content", |scheme| without(scheme, |part| *part == Part::Timestamp)),
    scheme("id not in the content", |scheme| without(scheme, |part| *part == Part::Id)),
    scheme("id may hold a dot", |scheme| {
        scheme.message_id = scheme.message_id.map(|id| MessageId { forbid: None, ..id });
    }),
    scheme("URL not in the content", |scheme| without(scheme, |part| matches!(part, Part::Url(_)))),
    scheme("method not in the content", |scheme| without(scheme, |part| *part == Part::Method)),
    scheme("body not in the content", |scheme| without(scheme, |part| *part == Part::Body)),
    parts("URL taken from Host", |parts, _| {
        let host = parts.headers.get("host").and_then(|host| host.to_str().ok());
        if let Some(host) = host {
            parts.uri = format!("https://{host}{}", parts.uri.path()).parse().expect("a URI");
        }
    }),
    verdict("hash in the URL not compared", |verified, case, _| {
        let scheme = Scheme::by_name(&case.scheme).filter(|_| case.url.contains("bodySHA256"));
        let url_only = scheme.map(|scheme| Scheme {
            signed: &[Part::Url(UrlForm::AsCalled)],
            or_signed: &[],
            ..*scheme
        });
        let judge = |scheme| {
            let ready =
                case.verifier_of(Box::leak(Box::new(scheme)), &Claims::new()).build(&no_environment).ok()?;
            Some(ready.verify(&case.request()?, case.now()).is_verified())
        };
        verified || url_only.and_then(judge).unwrap_or(false)
    }),
    scheme("URL with one port only", |scheme| scheme.or_signed = &[]),
    scheme("whsec_ not decoded", |scheme| key(scheme, KeyFormat::Whsec, KeyFormat::Utf8)),
    scheme("hexadecimal key not decoded", |scheme| key(scheme, KeyFormat::Hex, KeyFormat::Utf8)),
    scheme("whsec_ decoded where it is text", |scheme| {
        if scheme.name == "stripe" {
            scheme.key = KeyFormat::Whsec;
        }
    }),
    verdict("blank secret accepted", |verified, case, _| {
        let mac = Hmac::<Sha256>::new_from_slice(b"").map(|mac| mac.chain_update(case.body()));
        let empty = case.secret.all() == [""];
        verified
            || empty && mac.is_ok_and(|mac| given(case) == Some(hex::encode(mac.finalize().into_bytes())))
    }),
    scheme("algorithm of the longer hash refused", |scheme| {
        if scheme.algorithm == Algorithm::Hmac(Hash::Sha1) {
            scheme.algorithm = Algorithm::Hmac(Hash::Sha256);
        }
    }),
    Fault {
        name: "algorithm chosen by the length of the signature",
        scheme: |scheme| {
            if scheme.name == "sentry" {
                scheme.algorithm = Algorithm::Hmac(Hash::Sha1);
            }
        },
        ..SOUND
    },
    scheme("checks beside the signature skipped", |scheme| scheme.checks = &[]),
    scheme("alias of the header unknown", |scheme| {
        if let Place::HeaderOr(first, _) = scheme.signature.at {
            scheme.signature.at = Place::Header(first);
        }
    }),
    parts("series of headers without numbers", |parts, _| {
        if let Some(bare) = parts.headers.remove("x-docusign-signature") {
            parts.headers.insert("x-docusign-signature-1", bare);
        }
    }),
];

/// Faults of JSON web tokens, which need the feature.
#[cfg(all(feature = "jwt", feature = "p256", feature = "rsa"))]
const TOKEN_FAULTS: &[Fault] = &[
    verdict("alg none accepted", |verified, case, _| verified || alg(case).as_deref() == Some("none")),
    verdict("algorithm named by the token", |verified, case, _| {
        let text = case.secret.all().concat();
        let Some((signed, signature)) = given(case).and_then(|token| {
            token.rsplit_once('.').map(|(signed, signature)| (signed.to_owned(), signature.to_owned()))
        }) else {
            return verified;
        };
        let mac = Hmac::<Sha256>::new_from_slice(text.as_bytes()).map(|mac| mac.chain_update(signed));
        use base64::Engine as _;
        let right = mac
            .map(|mac| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        verified || alg(case).as_deref() == Some("HS256") && right.as_ref() == Ok(&signature)
    }),
    scheme("claims not compared", |scheme| {
        jws(scheme, |jws| crate::verify::Jws {
            claims: &[],
            required: &[],
            audience: false,
            truths: &[],
            ..jws
        });
    }),
    scheme("hash of the body not compared", |scheme| {
        jws(scheme, |jws| crate::verify::Jws { body_claim: None, ..jws });
    }),
];

#[cfg(not(all(feature = "jwt", feature = "p256", feature = "rsa")))]
const TOKEN_FAULTS: &[Fault] = &[];

fn without(scheme: &mut Scheme, is: fn(&Part) -> bool) {
    let kept: Vec<Part> = scheme.signed.iter().filter(|part| !is(part)).copied().collect();
    scheme.signed = Vec::leak(kept);
    scheme.or_signed = &[];
}

fn window(scheme: &mut Scheme, window: Option<Window>) {
    scheme.timestamp = scheme.timestamp.map(|timestamp| Timestamp { window, ..timestamp });
}

fn unit(scheme: &mut Scheme, from: TimeUnit, to: TimeUnit) {
    scheme.timestamp = scheme.timestamp.map(|timestamp| Timestamp {
        unit: if timestamp.unit == from { to } else { timestamp.unit },
        ..timestamp
    });
}

fn key(scheme: &mut Scheme, from: KeyFormat, to: KeyFormat) {
    if scheme.key == from {
        scheme.key = to;
    }
}

#[cfg(all(feature = "jwt", feature = "p256", feature = "rsa"))]
fn jws(scheme: &mut Scheme, change: fn(crate::verify::Jws) -> crate::verify::Jws) {
    if let Algorithm::Jws(jws) = scheme.algorithm {
        scheme.algorithm = Algorithm::Jws(change(jws));
    }
}

/// The header names of the signature.
fn names(scheme: &Scheme) -> Vec<&'static str> {
    match scheme.signature.at {
        Place::Header(name) => vec![name],
        Place::HeaderOr(first, second) => vec![first, second],
        _ => Vec::new(),
    }
}

/// Changes the text of the signature header, where it comes once.
fn rewrite(parts: &mut RequestParts, scheme: &Scheme, change: impl Fn(String) -> String) {
    for name in names(scheme) {
        if parts.headers.get_all(name).iter().count() != 1 {
            continue;
        }
        let text = parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&change(text)).ok()) {
            parts.headers.insert(name, value);
        }
    }
}

/// Keeps some of the signatures of a header.
fn keep(parts: &mut RequestParts, scheme: &Scheme, choose: fn(&mut Vec<String>)) {
    rewrite(parts, scheme, |text| {
        let (separator, start) = match scheme.signature.syntax {
            Syntax::KeyValue { separator, key } => (separator, format!("{key}=")),
            Syntax::Versions { separator, version } => (separator, version.to_owned()),
            _ => return text,
        };
        let (mut ours, others): (Vec<String>, Vec<String>) =
            text.split(separator).map(str::to_owned).partition(|entry| entry.starts_with(&start));
        choose(&mut ours);
        [others, ours].concat().join(separator)
    });
}

/// Keeps one of several headers of the same name.
fn once(parts: &mut RequestParts, scheme: &Scheme, choose: fn(&mut Vec<HeaderValue>) -> HeaderValue) {
    for name in names(scheme) {
        let mut all: Vec<_> = parts.headers.get_all(name).iter().cloned().collect();
        if all.len() > 1 {
            parts.headers.insert(name, choose(&mut all));
        }
    }
}

/// The signature that a case carries.
fn given(case: &Case) -> Option<String> {
    let scheme = Scheme::by_name(&case.scheme)?;
    names(scheme).into_iter().find_map(|name| case.headers.get(name)?.all().first().cloned())
}

/// The right signature of a case whose scheme has no clock.
fn right(case: &Case, ready: Option<&ReadyVerifier>) -> Option<String> {
    let signed = ready?.sign(case.parts()?, case.now()).ok()?;
    let name = *names(ready?.scheme()?).first()?;
    signed.headers.get(name)?.to_str().ok().map(str::to_owned)
}

#[cfg(all(feature = "jwt", feature = "p256", feature = "rsa"))]
fn alg(case: &Case) -> Option<String> {
    use base64::Engine as _;
    let token = given(case)?;
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    serde_json::from_slice::<serde_json::Value>(&header).ok()?.get("alg")?.as_str().map(str::to_owned)
}

/// What the broken verifier says; `None` where the case is not for this build.
fn judged(fault: &Fault, case: &Case, claims: &Claims) -> Option<bool> {
    let scheme = Scheme::by_name(&case.scheme)?;
    let sound = case.verifier_of(scheme, claims);
    if let Err(problems) = sound.build(&no_environment)
        && problems.iter().any(|problem| matches!(problem, crate::verify::VerifierProblem::Feature { .. }))
    {
        return None;
    }
    let mut broken = *scheme;
    (fault.scheme)(&mut broken);
    let mut verifier = case.verifier_of(Box::leak(Box::new(broken)), claims);
    (fault.secrets)(&mut verifier.secrets);
    let ready = verifier.build(&no_environment).ok();
    let mut parts = case.parts()?;
    (fault.parts)(&mut parts, scheme);
    let verified =
        ready.as_ref().is_some_and(|ready| ready.verify(&Request::new(parts), case.now()).is_verified());
    Some((fault.verdict)(verified, case, ready.as_ref()))
}

#[test]
fn every_fault_is_noticed_by_a_case() {
    let claims = claims();
    let mut cases: Vec<Case> = read(&directory().join("signatures.json"));
    cases.extend(read::<Vec<Case>>(&own()));
    // The 4 MiB bodies say nothing here that smaller ones do not.
    cases.retain(|case| case.body().len() < 100_000);
    let noticed_by = |fault: &Fault| -> Vec<String> {
        let wrong =
            |case: &&Case| judged(fault, case, &claims).is_some_and(|verified| verified != case.is_valid());
        cases.iter().filter(wrong).map(|case| case.id.clone()).collect()
    };
    assert_eq!(noticed_by(&SOUND), Vec::<String>::new(), "the sound verifier is right on every case");
    let faults: Vec<&Fault> = FAULTS.iter().chain(TOKEN_FAULTS).collect();
    let mut survivors = Vec::new();
    for fault in &faults {
        let noticed = noticed_by(fault);
        println!("{}: {} cases, first {:?}", fault.name, noticed.len(), noticed.first());
        if noticed.is_empty() {
            survivors.push(fault.name);
        }
    }
    println!("{} faults, {} unnoticed", faults.len(), survivors.len());
    assert_eq!(survivors, Vec::<&str>::new());
}
