//! Turns the parts of the signed content into bytes.

use super::json;
use super::outcome::Reason;
use super::part::{JsonPart, Part};
use crate::request::{Request, form_bytes};
use crate::secret::Secret;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use subtle::ConstantTimeEq;

/// What was read from a request before its content is put together.
pub(super) struct Known<'a> {
    pub(super) request: &'a Request,
    pub(super) timestamp: Option<&'a str>,
    pub(super) id: Option<&'a str>,
    /// The signature header, of which [`JsonPart::Entry`] reads.
    pub(super) entries: Option<Entries<'a>>,
    pub(super) params: &'a [(&'static str, Cow<'static, str>)],
    pub(super) url: Option<&'a str>,
}

/// The `key=value` entries of a signature header.
#[derive(Clone, Copy)]
pub(super) struct Entries<'a> {
    pub(super) text: &'a str,
    pub(super) separator: &'static str,
}

impl<'a> Entries<'a> {
    /// The values of `key`, in order.
    pub(super) fn all(self, key: &'static str) -> impl Iterator<Item = &'a str> {
        self.text
            .split(self.separator)
            .filter_map(|entry| entry.split_once('='))
            .filter(move |(name, _)| *name == key)
            .map(|(_, value)| value)
    }
}

/// Gives the bytes of `part` to `put`, in order. It is large, and one of its
/// callers signs by hand: it is not to be written out in both.
#[inline(never)]
pub(super) fn feed(
    part: &Part,
    known: &Known<'_>,
    secret: &Secret,
    put: &mut dyn FnMut(&[u8]),
) -> Result<(), Reason> {
    let body = known.request.body();
    match *part {
        Part::Literal(text) => put(text.as_bytes()),
        Part::Timestamp => put(known.timestamp.ok_or(Reason::MissingTimestamp)?.as_bytes()),
        Part::Id => put(known.id.ok_or(Reason::MissingId)?.as_bytes()),
        Part::Body => put(body),
        Part::BodyCrc32 => put(crc32(body).to_string().as_bytes()),
        Part::Method => put(known.request.method().as_str().as_bytes()),
        Part::Url(form) => put(form.apply(known.url.ok_or(Reason::NoPublicUrl)?).as_bytes()),
        Part::EscapedTarget => put(super::url::escaped_target(known.request).as_bytes()),
        Part::SignedHeaders { list, cover } => signed_headers(known.request, list, cover, put)?,
        Part::SortedForm { hash } => sorted_form(known.request, hash, put)?,
        Part::JsonFields { base, fields, separator } => {
            for (n, field) in fields.iter().enumerate() {
                if n > 0 {
                    put(separator.as_bytes());
                }
                put(json::text_below(body, base, field)?.as_bytes());
            }
        }
        Part::JsonLines { by, fields } => json_lines(body, by, fields, put)?,
        Part::JsonObject(fields) => json_object(known, fields, put)?,
        Part::Secret => put(secret.expose()),
        Part::Param(name) => put(param(known.params, name).ok_or(Reason::Malformed)?.as_bytes()),
    }
    Ok(())
}

/// The value that the user gave under `name`.
pub(super) fn param<'a>(params: &'a [(&'static str, Cow<'static, str>)], name: &str) -> Option<&'a str> {
    params.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_ref())
}

fn signed_headers(
    request: &Request,
    list: &'static str,
    cover: &[&str],
    put: &mut dyn FnMut(&[u8]),
) -> Result<(), Reason> {
    let listed = request.header(list).ok_or(Reason::MissingHeader)?;
    let mut names: Vec<String> = listed.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() > 64 || !cover.iter().all(|must| names.iter().any(|name| name == must)) {
        return Err(Reason::Malformed);
    }
    for (n, name) in names.iter().enumerate() {
        let value = request.header(name).ok_or(Reason::MissingHeader)?;
        put(if n > 0 { b";" } else { b"" });
        put(name.as_bytes());
        put(b":");
        put(value.trim().as_bytes());
    }
    Ok(())
}

fn sorted_form(
    request: &Request,
    hash: Option<&'static str>,
    put: &mut dyn FnMut(&[u8]),
) -> Result<(), Reason> {
    if let Some(claimed) = hash.and_then(|name| request.query(name)) {
        let mut bytes = [0; 32];
        hex::decode_to_slice(claimed, &mut bytes).map_err(|_| Reason::Malformed)?;
        let actual = Sha256::digest(request.body());
        return if bool::from(actual.as_slice().ct_eq(&bytes)) { Ok(()) } else { Err(Reason::BodyHash) };
    }
    // A body that is no form would not be signed at all.
    let form = request.headers().get(http::header::CONTENT_TYPE).is_none_or(|kind| {
        kind.as_bytes().to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded")
    });
    if !form && !request.body().is_empty() {
        return Err(Reason::BodyNotCovered);
    }
    let text = std::str::from_utf8(request.body()).map_err(|_| Reason::Malformed)?;
    let mut fields: Vec<_> = text
        .split('&')
        .filter(|field| !field.is_empty())
        .map(|field| field.split_once('=').unwrap_or((field, "")))
        .map(|(name, value)| (form_bytes(name), form_bytes(value)))
        .collect();
    fields.sort_unstable();
    fields.dedup();
    for (name, value) in &fields {
        put(name);
        put(value);
    }
    Ok(())
}

fn json_lines(
    body: &[u8],
    by: &str,
    fields: &[(&str, &[&str])],
    put: &mut dyn FnMut(&[u8]),
) -> Result<(), Reason> {
    let kind = json::string(body, by)?.ok_or(Reason::Malformed)?;
    let (_, names) = fields.iter().find(|(value, _)| *value == kind).ok_or(Reason::Malformed)?;
    for name in *names {
        let (name, optional) = name.strip_suffix('?').map_or((*name, false), |name| (name, true));
        match json::string(body, name)? {
            Some(value) => {
                put(name.as_bytes());
                put(b"\n");
                put(value.as_bytes());
                put(b"\n");
            }
            None if optional => {}
            None => return Err(Reason::Malformed),
        }
    }
    Ok(())
}

fn json_object(
    known: &Known<'_>,
    fields: &[(&'static str, JsonPart)],
    put: &mut dyn FnMut(&[u8]),
) -> Result<(), Reason> {
    let quoted = |text: &str| serde_json::to_string(text).map_err(|_| Reason::Malformed);
    for (n, (name, part)) in fields.iter().enumerate() {
        put(if n > 0 { b"," } else { b"{" });
        put(quoted(name)?.as_bytes());
        put(b":");
        match *part {
            JsonPart::BodyText => {
                let text = std::str::from_utf8(known.request.body()).map_err(|_| Reason::Malformed)?;
                put(quoted(text)?.as_bytes());
            }
            JsonPart::Entry(key) => {
                let mut values = known.entries.into_iter().flat_map(|entries| entries.all(key));
                let (Some(only), None) = (values.next(), values.next()) else {
                    return Err(Reason::Malformed);
                };
                put(quoted(only)?.as_bytes());
            }
            JsonPart::Timestamp => put(known.timestamp.ok_or(Reason::MissingTimestamp)?.as_bytes()),
        }
    }
    put(b"}");
    Ok(())
}

/// CRC-32 as in zip and Ethernet (reflected, polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_has_its_check_value() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }
}
