//! A call of the API or of a page: who asks, for what, and with which fields.

use super::answer::{Answer, Problem};
use super::fields::Fields;
use super::{Admin, Visit};
use crate::secret::Secret;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Uri, request};
use std::sync::Arc;
use uuid::Uuid;

/// A request of one who was let in, read.
pub(crate) struct Asked {
    pub(crate) admin: Arc<Admin>,
    pub(crate) visit: Visit,
    pub(crate) head: request::Parts,
    pub(crate) body: Answer<Bytes>,
}

/// What handlers get.
pub(crate) struct Call {
    pub(crate) admin: Arc<Admin>,
    pub(crate) visit: Visit,
    /// What stands in the path for `{id}`; empty where the route has none.
    pub(crate) id: String,
    /// The fields of the query, or those of an action's body.
    pub(crate) fields: Fields,
    pub(crate) headers: HeaderMap,
}

impl Call {
    /// The id in the path, where it is one of a request, a run or an event.
    pub(crate) fn uuid(&self) -> Answer<Uuid> {
        self.id.parse().map_err(|_| Problem::unknown("id", &self.id))
    }
}

/// The fields of a query.
pub(super) fn queried(uri: &Uri) -> Fields {
    Fields::form(uri.query().unwrap_or_default())
}

/// The fields of an action, from one who may act and has shown that the request
/// is theirs.
pub(super) fn acting(visit: &Visit, headers: &HeaderMap, body: &[u8]) -> Answer<Fields> {
    let fields = sent(headers, body)?;
    if let Some(csrf) = &visit.csrf {
        let header = headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
        let given = header.or_else(|| fields.get("csrf")).unwrap_or_default();
        if !Secret::from(csrf.as_str()).matches(given) {
            return Err(Problem::forbidden("the form is out of date; load the page again"));
        }
    }
    if !visit.may_act {
        return Err(Problem::forbidden("you may look, and not act"));
    }
    Ok(fields)
}

/// The fields of a body: a form's, or those of a JSON object.
fn sent(headers: &HeaderMap, body: &[u8]) -> Answer<Fields> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if body.is_empty() {
        Ok(Fields::default())
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        Ok(Fields::form(&String::from_utf8_lossy(body)))
    } else {
        Fields::json(body)
    }
}
