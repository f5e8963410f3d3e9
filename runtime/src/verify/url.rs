//! The forms of a URL that providers sign.

use crate::request::Request;
use std::borrow::Cow;

/// A form of the public URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlForm {
    /// As it is called.
    AsCalled,
    /// Without a port.
    WithoutPort,
    /// With the port of its scheme where it names none.
    WithPort,
    /// With these percent-escapes decoded, and no others.
    Decoded(&'static [(&'static str, &'static str)]),
}

impl UrlForm {
    /// Brings `url` into this form.
    pub(super) fn apply(self, url: &str) -> Cow<'_, str> {
        match self {
            UrlForm::AsCalled => Cow::Borrowed(url),
            UrlForm::WithoutPort => match split(url) {
                Some((scheme, host, Some(_), rest)) => Cow::Owned(format!("{scheme}://{host}{rest}")),
                _ => Cow::Borrowed(url),
            },
            UrlForm::WithPort => match split(url) {
                Some((scheme, host, None, rest)) => {
                    let port = if scheme.eq_ignore_ascii_case("http") { 80 } else { 443 };
                    Cow::Owned(format!("{scheme}://{host}:{port}{rest}"))
                }
                _ => Cow::Borrowed(url),
            },
            UrlForm::Decoded(escapes) => decode(url, escapes),
        }
    }
}

/// Scheme, host with credentials, port, and everything from the path on.
fn split(url: &str) -> Option<(&str, &str, Option<&str>, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // The colons of credentials and of an IPv6 address are no port.
    let host_at = authority.rfind('@').map_or(0, |at| at + 1);
    let port = authority
        .rfind(':')
        .filter(|at| *at >= host_at && authority[*at + 1..].bytes().all(|byte| byte.is_ascii_digit()));
    match port {
        Some(at) => Some((scheme, &authority[..at], Some(&authority[at + 1..]), rest)),
        None => Some((scheme, authority, None, rest)),
    }
}

fn decode<'u>(url: &'u str, escapes: &[(&str, &str)]) -> Cow<'u, str> {
    if !url.contains('%') {
        return Cow::Borrowed(url);
    }
    let mut out = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let known = escapes.iter().find(|(escape, _)| {
            from.get(..escape.len()).is_some_and(|start| start.eq_ignore_ascii_case(escape))
        });
        let (text, length) = known.map_or(("%", 1), |(escape, text)| (*text, escape.len()));
        out.push_str(text);
        rest = &from[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Path and query with the query escaped as one text (everything but
/// `A-Za-z0-9-_.!~*'()`), and the whole escaped once more as a URI.
pub(super) fn escaped_target(request: &Request) -> String {
    let mut target = request.path().to_owned();
    let query = request.query_string();
    if !query.is_empty() {
        target.push('?');
        target.push_str(&escape(query, b"-_.!~*'()"));
    }
    escape(&target, b";,/?:@&=+$-_.!~*'()#")
}

fn escape(text: &str, keep: &[u8]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_come_and_go() {
        let rows = [
            ("https://a.example/x?y=1", "https://a.example:443/x?y=1", "https://a.example/x?y=1"),
            ("http://a.example", "http://a.example:80", "http://a.example"),
            ("https://a.example:8443/x", "https://a.example:8443/x", "https://a.example/x"),
            ("https://u:1@a.example/x:9", "https://u:1@a.example:443/x:9", "https://u:1@a.example/x:9"),
            ("https://[::1]/x", "https://[::1]:443/x", "https://[::1]/x"),
            ("no url", "no url", "no url"),
        ];
        for (url, with, without) in rows {
            assert_eq!(UrlForm::WithPort.apply(url), with);
            assert_eq!(UrlForm::WithoutPort.apply(url), without);
        }
    }

    #[test]
    fn only_the_listed_escapes_are_decoded() {
        let form = UrlForm::Decoded(&[("%3A", ":"), ("%2F", "/")]);
        assert_eq!(form.apply("https://a/%3a%2F%20%é%"), "https://a/:/%20%é%");
    }
}
