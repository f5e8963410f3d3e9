//! A recorded request, in the format of `tests/vectors/`.

use crate::request::{Request, RequestParts};
use crate::secret::{Secret, SecretSource};
use crate::verify::{Scheme, Verifier};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[derive(Clone, Deserialize)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) scheme: String,
    #[serde(default = "must")]
    pub(super) tier: String,
    pub(super) expected: String,
    #[serde(default)]
    pub(super) why: String,
    pub(super) secret: OneOrMany,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: BTreeMap<String, OneOrMany>,
    body_base64: Option<String>,
    body_gen: Option<Generated>,
    now: Option<f64>,
    params: Option<BTreeMap<String, Value>>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    None(()),
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn all(&self) -> Vec<String> {
        match self {
            OneOrMany::None(()) => Vec::new(),
            OneOrMany::One(one) => vec![one.clone()],
            OneOrMany::Many(many) => many.clone(),
        }
    }

    pub(super) fn secrets(&self) -> Vec<SecretSource> {
        self.all().into_iter().map(|text| SecretSource::Value(Secret::new(text))).collect()
    }
}

fn must() -> String {
    "must".to_owned()
}

#[derive(Clone, Deserialize)]
struct Generated {
    prefix_base64: String,
    unit_base64: String,
    repeat: usize,
    suffix_base64: String,
}

fn decode(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64 of a case")
}

impl Case {
    pub(super) fn is_valid(&self) -> bool {
        self.expected == "valid"
    }

    pub(super) fn body(&self) -> Bytes {
        if let Some(body) = &self.body_base64 {
            return decode(body).into();
        }
        let body = self.body_gen.as_ref().expect("a case has a body");
        let parts = [decode(&body.prefix_base64), decode(&body.unit_base64).repeat(body.repeat)];
        [parts.concat(), decode(&body.suffix_base64)].concat().into()
    }

    pub(super) fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs_f64(self.now.unwrap_or(1_763_752_000.0))
    }

    /// The request; `None` where a header's value cannot be sent over HTTP at all.
    pub(super) fn parts(&self) -> Option<RequestParts> {
        let mut headers = HeaderMap::new();
        for (name, values) in &self.headers {
            for value in values.all() {
                let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                headers.append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
            }
        }
        Some(RequestParts {
            method: self.method.parse().ok()?,
            uri: self.url.parse().ok()?,
            headers,
            body: self.body(),
            received_at: self.now(),
            public_url: None,
        })
    }

    pub(super) fn request(&self) -> Option<Request> {
        self.parts().map(Request::new)
    }

    /// The verifier of the case; `None` where its scheme is not known.
    pub(super) fn verifier(&self, claims: &Claims) -> Option<Verifier> {
        Some(self.verifier_of(Scheme::by_name(&self.scheme)?, claims))
    }

    /// The same with another scheme.
    pub(super) fn verifier_of(&self, scheme: &'static Scheme, claims: &Claims) -> Verifier {
        let mut verifier = Verifier::from_scheme(scheme, self.secret.secrets());
        for (name, value) in self.params.iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            verifier = verifier.param(leak(name), value);
        }
        for (name, value) in claims.get(&self.scheme).into_iter().flatten() {
            if !self.params.as_ref().is_some_and(|params| params.contains_key(name)) {
                verifier = verifier.param(leak(name), value.clone());
            }
        }
        verifier
    }
}

/// The values that a row of `schemes.json` names as the receiver's own, by row.
pub(super) type Claims = BTreeMap<String, BTreeMap<String, String>>;

pub(super) fn claims() -> Claims {
    let rows: BTreeMap<String, Value> = read(&directory().join("schemes.json"));
    let claims = |row: Value| -> BTreeMap<String, String> {
        let object = row.pointer("/sig/claims").and_then(Value::as_object).cloned().unwrap_or_default();
        object.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
    };
    rows.into_iter().map(|(name, row)| (name, claims(row))).collect()
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// Where the recorded requests lie.
pub(super) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")
}

/// The cases of our own.
pub(super) fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/verify/tests/cases.json")
}

pub(super) fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
