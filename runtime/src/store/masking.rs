//! Takes credentials out of a request before it is kept.

use crate::request::{MASKED, Request, RequestParts, is_credential};
use http::HeaderName;
use std::borrow::Cow;
use std::sync::Arc;

/// The request with the values of credential headers masked. A job sees the
/// masked one from its first execution on, because that is what a later
/// execution reads from the store.
pub(super) fn masked(request: &Request) -> Cow<'_, Request> {
    masked_where(request, is_credential)
}

/// The request with the values of chosen headers masked.
pub(crate) fn masked_where(request: &Request, is_secret: impl Fn(&HeaderName) -> bool) -> Cow<'_, Request> {
    if !request.headers().keys().any(&is_secret) {
        return Cow::Borrowed(request);
    }
    let mut headers = request.headers().clone();
    for (name, value) in &mut headers {
        if is_secret(name) {
            *value = MASKED;
        }
    }
    Cow::Owned(Request::new(RequestParts {
        method: request.method().clone(),
        uri: request.uri().clone(),
        headers,
        body: request.body().clone(),
        received_at: request.received_at(),
        public_url: public_base(request).map(Arc::from),
    }))
}

/// The configured public URL of a request, without the request's own target.
pub(super) fn public_base(request: &Request) -> Option<String> {
    if request.uri().authority().is_some() {
        return None;
    }
    let url = request.public_url()?;
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    url.strip_suffix(target).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue, Uri};

    #[test]
    fn every_value_of_a_credential_is_masked_and_nothing_else() {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("x-a", "1"), ("cookie", "hunter2"), ("cookie", "hunter3"), ("x-api-key", "hunter4")]
        {
            headers.append(name, HeaderValue::from_static(value));
        }
        let request = Request::new(RequestParts {
            uri: Uri::from_static("/hooks/a?b=c"),
            headers,
            public_url: Some("https://hooks.example.com".into()),
            ..RequestParts::default()
        });
        let masked = masked(&request);
        let shown: Vec<_> =
            masked.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(
            shown,
            [("x-a", &b"1"[..]), ("cookie", b"***"), ("cookie", b"***"), ("x-api-key", b"***")]
        );
        assert_eq!(masked.public_url(), request.public_url());
        assert_eq!(masked.uri(), request.uri());
    }

    #[test]
    fn a_request_without_credentials_is_not_copied() {
        assert!(matches!(masked(&Request::new(RequestParts::default())), Cow::Borrowed(_)));
    }
}
