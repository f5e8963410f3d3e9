//! The rules of verification, each as a test.

mod allocations;
mod case;
mod configuration;
mod faults;
mod handshakes;
mod presets;
mod properties;
mod rules;
mod table;
mod vectors;

use crate::request::{Request, RequestParts};
use crate::secret::{KeyFormat, PublicKey, Secret, SecretSource};
use crate::verify::{Algorithm, JwsAlg, Outcome, ReadyVerifier, Reason, Scheme, Verifier, VerifierProblem};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The clock of all tests.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_763_752_000)
}

fn value(text: impl Into<Vec<u8>>) -> SecretSource {
    SecretSource::Value(Secret::new(text))
}

fn no_environment(_: &'static str) -> Option<Secret> {
    None
}

fn build(verifier: &Verifier) -> ReadyVerifier {
    verifier.build(&no_environment).expect("a verifier that can be built")
}

fn problems(verifier: &Verifier) -> Vec<VerifierProblem> {
    verifier.build(&no_environment).expect_err("a verifier that is refused")
}

fn reason(ready: &ReadyVerifier, request: &Request) -> Option<Reason> {
    match ready.verify(request, now()) {
        Outcome::Verified(_) => None,
        Outcome::Rejected(rejection) => Some(rejection.reason),
    }
}

fn with_header(mut parts: RequestParts, name: &str, text: &str) -> RequestParts {
    let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
    parts.headers.insert(name, HeaderValue::from_str(text).expect("a header value"));
    parts
}

const ED25519_SEED: [u8; 32] = [7; 32];
const P256_SCALAR: [u8; 32] = [9; 32];
const RSA_PRIVATE: &str = include_str!("keys/rsa.private.pem");
const RSA_PUBLIC: &str = include_str!("keys/rsa.public.pem");
const RSA_CERTIFICATE: &str = include_str!("keys/rsa.certificate.pem");

/// The secret of a scheme for tests, and the private key where it needs one.
fn secret_for(scheme: &Scheme) -> (String, Option<Secret>) {
    let algorithm = match scheme.algorithm {
        Algorithm::Jws(jws) => match jws.alg {
            JwsAlg::Hs256 => return ("a netlify-like secret".to_owned(), None),
            JwsAlg::Es256 => Algorithm::EcdsaP256,
            JwsAlg::Rs256 => Algorithm::RsaSha256,
        },
        algorithm => algorithm,
    };
    let private = match algorithm {
        Algorithm::Ed25519 => Some(Secret::new(ED25519_SEED)),
        Algorithm::EcdsaP256 => Some(Secret::new(P256_SCALAR)),
        Algorithm::RsaSha256 | Algorithm::RsaByVersion(_) => {
            let base64: String = RSA_PRIVATE.lines().filter(|line| !line.starts_with("---")).collect();
            Some(Secret::new(STANDARD.decode(base64).expect("PEM")))
        }
        _ => None,
    };
    let text = match scheme.key {
        KeyFormat::Utf8 => "correct horse battery staple".to_owned(),
        KeyFormat::UserPassword => "user:correct horse".to_owned(),
        KeyFormat::Hex => "000102030405060708090a0b0c0d0e0f".to_owned(),
        KeyFormat::Base64 => STANDARD.encode([1; 24]),
        KeyFormat::Whsec => format!("whsec_{}", STANDARD.encode([1; 24])),
        KeyFormat::Public(format) => public_key(format),
    };
    (text, private)
}

/// The public keys of the private ones above.
const ED25519_PUBLIC: &str = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
const P256_X: &str = "7135fa4fd93a09dce98bbf681b4bfcf50e7c0d6354e62afb0bff2a3429617865";
const P256_Y: &str = "ed4c1f02ddb9023ee56a557e515d6a9dc66c11f220960de594334df588776724";

fn public_key(format: PublicKey) -> String {
    let hex = |text: &str| hex::decode(text).expect("hex");
    match format {
        PublicKey::Hex => ED25519_PUBLIC.to_owned(),
        PublicKey::Whpk => format!("whpk_{}", STANDARD.encode(hex(ED25519_PUBLIC))),
        PublicKey::SpkiBase64 => {
            // SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING { uncompressed point } }
            let start = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
            STANDARD.encode(hex(&[start, P256_X, P256_Y].concat()))
        }
        PublicKey::Pem => RSA_PUBLIC.to_owned(),
        PublicKey::Certificate => RSA_CERTIFICATE.to_owned(),
        PublicKey::Jwk => {
            let [x, y] = [P256_X, P256_Y].map(|number| URL_SAFE_NO_PAD.encode(hex(number)));
            serde_json::json!({"kty": "EC", "crv": "P-256", "kid": "k1", "x": x, "y": y}).to_string()
        }
    }
}

/// A verifier of `scheme` as a user would configure it.
fn verifier_for(scheme: &'static Scheme, secret: &str) -> Verifier {
    Verifier::from_scheme(scheme, value(secret))
        .param("webhook_id", "1JE4291016473214C")
        .param("email", "push@example.iam.gserviceaccount.com")
}

/// The schemes that this build can verify, ready, with their private keys.
fn all_ready() -> Vec<(&'static Scheme, ReadyVerifier, Option<Secret>)> {
    Scheme::all()
        .filter_map(|scheme| {
            let (secret, private) = secret_for(scheme);
            match verifier_for(scheme, &secret).build(&no_environment) {
                Ok(ready) => Some((scheme, ready, private)),
                Err(problems) => {
                    let off = problems.iter().all(|p| matches!(p, VerifierProblem::Feature { .. }));
                    assert!(off, "{}: {problems:?}", scheme.name);
                    None
                }
            }
        })
        .collect()
}

/// The sample event of a scheme, not yet signed.
fn sample(scheme: &Scheme) -> RequestParts {
    let parts = RequestParts {
        uri: "/hooks/in?x=1".parse().expect("a URI"),
        public_url: Some("https://hooks.example.com".into()),
        body: Bytes::from_static(scheme.sample.body.as_bytes()),
        ..RequestParts::default()
    };
    let parts = with_header(parts, "content-type", scheme.sample.content_type);
    scheme.sample.headers.iter().fold(parts, |parts, (name, text)| with_header(parts, name, text))
}

fn sign(ready: &ReadyVerifier, parts: RequestParts, private: Option<&Secret>) -> RequestParts {
    let signed = match private {
        Some(private) => ready.sign_with(parts, now(), private),
        None => ready.sign(parts, now()),
    };
    signed.expect("a request that can be signed")
}
