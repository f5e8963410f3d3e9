//! What must hold beside the signature.

use super::content::param;
use super::json;
use super::outcome::Reason;
use super::place::{At, header};
use super::ready::Ready;
use super::scheme::{Check, Host};
use crate::request::Request;
use http::HeaderName;

/// Applies every check of the scheme.
pub(super) fn all(ready: &Ready, request: &Request) -> Result<(), Reason> {
    ready.scheme.checks.iter().try_for_each(|check| one(check, ready, request))
}

fn one(check: &Check, ready: &Ready, request: &Request) -> Result<(), Reason> {
    let (holds, what) = match *check {
        Check::OneElement(pointer) => (json::elements(request.body(), pointer)? == Some(1), pointer),
        Check::HeaderIs(name, value) => {
            let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Reason::Requirement(name))?;
            (header(request, &known)?.is_none_or(|found| found == value), name)
        }
        Check::UrlHost { at, hosts, ending } => {
            let read = At::new(at).map_err(Reason::Requirement)?.read(request, None)?;
            (read.is_some_and(|url| is_of_host(&url, hosts, ending)), "certificate URL")
        }
        Check::ParamIs(name, place) => match param(&ready.params, name) {
            None => (true, name),
            Some(expected) => {
                let read = At::new(place).map_err(Reason::Requirement)?.read(request, None)?;
                (read.as_deref() == Some(expected), name)
            }
        },
        Check::BodyPresent => (!request.body().is_empty(), "body"),
    };
    if holds { Ok(()) } else { Err(Reason::Requirement(what)) }
}

/// Whether `url` is an https URL of one of `hosts`, without credentials or a
/// port, either of which would let another host in through a lenient reader.
fn is_of_host(url: &str, hosts: &[Host], ending: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let Some((host, path)) = rest.split_once('/') else { return false };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if path.contains(['?', '#', '\\'])
        || !path.ends_with(ending)
        || !host.split('.').all(|l| !l.is_empty() && plain(l))
    {
        return false;
    }
    hosts.iter().any(|pattern| match *pattern {
        Host::Domain(domain) => {
            host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
        }
        Host::Label(start, end) => host
            .strip_prefix(start)
            .and_then(|rest| rest.strip_suffix(end))
            .is_some_and(|label| label.len() >= 3 && plain(label)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_providers_own_hosts_pass() {
        let sns = [Host::Label("sns.", ".amazonaws.com"), Host::Label("sns.", ".amazonaws.com.cn")];
        let rows = [
            ("https://sns.us-west-2.amazonaws.com/a.pem", true),
            ("https://sns.cn-north-1.amazonaws.com.cn/a.pem", true),
            ("http://sns.us-west-2.amazonaws.com/a.pem", false),
            ("https://sns.us-west-2.amazonaws.com.evil.example/a.pem", false),
            ("https://sns.evil.example/.amazonaws.com/a.pem", false),
            ("https://sns.us-west-2.amazonaws.com@evil.example/a.pem", false),
            ("https://evil.example#sns.us-west-2.amazonaws.com/a.pem", false),
            ("https://sns.us-west-2.amazonaws.com:444/a.pem", false),
            ("https://sns.us-west-2.amazonaws.com/a.pem?x", false),
            ("https://sns.us-west-2.amazonaws.com/a.txt", false),
            ("https://sns.a.b.amazonaws.com/a.pem", false),
        ];
        for (url, expected) in rows {
            assert_eq!(is_of_host(url, &sns, ".pem"), expected, "{url}");
        }
        let paypal = [Host::Domain("paypal.com")];
        assert!(is_of_host("https://api.paypal.com/v1/c", &paypal, ""));
        assert!(is_of_host("https://paypal.com/v1/c", &paypal, ""));
        assert!(!is_of_host("https://evilpaypal.com/v1/c", &paypal, ""));
        assert!(!is_of_host("https://api.paypal.com.evil.com/c", &paypal, ""));
    }
}
