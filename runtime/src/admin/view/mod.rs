//! What is shown, as data: the API answers with it, the pages draw it.

pub(crate) mod body;
pub(crate) mod compare;
pub(crate) mod endpoint;
pub(crate) mod event;
pub(crate) mod map;
pub(crate) mod problems;
pub(crate) mod request;
pub(crate) mod run;
pub(crate) mod sample;
pub(crate) mod schedule;
pub(crate) mod source;
pub(crate) mod verdict;
pub(crate) mod verification;

use serde::{Serialize, Serializer};

/// Microseconds, of a duration.
pub(crate) fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Writes pairs as an object.
pub(crate) fn as_object<S: Serializer, T: Serialize>(
    pairs: &[(&str, T)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}
