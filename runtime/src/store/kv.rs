//! Values that runs keep beside their steps.

use super::StoreFuture;
use crate::time::Timestamp;

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Whose value it is.
    pub scope: String,
    /// Its key.
    pub key: String,
    /// The value, JSON; `None` takes it away.
    pub value: Option<String>,
    /// When it is gone by itself.
    pub expires_at: Option<Timestamp>,
    /// Written only where the value is this; `Some(None)` where there is none.
    pub expected: Option<Option<String>>,
    /// Names the write, where it may be done again: what stands there by the
    /// same name is its own earlier success.
    pub by: Option<String>,
}

/// Values by scope and key, kept durably.
pub trait ValueStore: Send + Sync + 'static {
    /// A value that has not expired.
    fn get(&self, scope: String, key: String) -> StoreFuture<'_, Option<String>>;

    /// Writes a value; false where another one than expected is there.
    fn put(&self, put: Put) -> StoreFuture<'_, bool>;
}

/// The scope of one run.
pub(crate) fn scope_of(run: uuid::Uuid) -> String {
    format!("run:{}", run.simple())
}

/// Whether a write may take place over what is there: a value with the name of
/// the write that put it.
pub(super) fn is_expected(put: &Put, there: Option<(&str, Option<&str>)>) -> bool {
    let Some(expected) = &put.expected else { return true };
    let value = there.map(|(value, _)| value);
    value == expected.as_deref() || is_own(put, there)
}

/// Whether what is there is the same write's, done before.
pub(super) fn is_own(put: &Put, there: Option<(&str, Option<&str>)>) -> bool {
    matches!((there, &put.by), (Some((value, Some(by))), Some(own)) if by == own && Some(value) == put.value.as_deref())
}
