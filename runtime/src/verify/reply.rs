//! Complete answers, safe to send.

use super::scheme::FixedReply;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, StatusCode};
use std::borrow::Cow;

/// A complete answer, safe to send: nothing in it can be taken for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers, with the content type where there is a body.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// What the log should say: which handshake this was, and what a person
    /// still has to do.
    pub note: Option<Cow<'static, str>>,
}

impl Reply {
    /// No body.
    pub fn empty(status: StatusCode) -> Reply {
        Reply { status, headers: HeaderMap::new(), body: Bytes::new(), note: None }
    }

    /// A body of plain text.
    pub fn text(status: StatusCode, body: impl Into<Bytes>) -> Reply {
        Reply::with(status, HeaderValue::from_static("text/plain; charset=utf-8"), body.into())
    }

    /// A JSON body.
    pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Reply {
        Reply::with(status, HeaderValue::from_static("application/json"), body.into())
    }

    fn with(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Reply {
        let mut headers = HeaderMap::with_capacity(2);
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Reply { status, headers, body, note: None }
    }
}

impl From<FixedReply> for Reply {
    fn from(fixed: FixedReply) -> Reply {
        let status = StatusCode::from_u16(fixed.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if fixed.content_type.is_empty() {
            return Reply::empty(status);
        }
        let content_type = HeaderValue::from_str(fixed.content_type)
            .unwrap_or(HeaderValue::from_static("text/plain; charset=utf-8"));
        Reply::with(status, content_type, Bytes::from_static(fixed.body.as_bytes()))
    }
}
