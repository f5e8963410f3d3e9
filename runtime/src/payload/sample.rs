//! Compares a sample with what a type says of its JSON, and with what serde reads.

use super::{Fit, Payload, fit};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What is wrong with a sample, in words.
pub(crate) fn check<T: Payload + DeserializeOwned>(sample: &str) -> Result<(), String> {
    let value: Value =
        serde_json::from_str(sample).map_err(|error| format!("the sample is not JSON: {error}"))?;
    let name = std::any::type_name::<T>();
    let read = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_str(sample));
    match (fit(T::SCHEMA, &value), read) {
        (Fit::Yes | Fit::Maybe, Ok(_)) => Ok(()),
        (Fit::Yes | Fit::Maybe, Err(error)) => {
            Err(format!("serde does not read the sample as `{name}`: {error}"))
        }
        (Fit::No(misfit), Err(error)) => {
            Err(format!("the sample is no `{name}`: {misfit}\nserde says: {error}"))
        }
        (Fit::No(misfit), Ok(_)) => Err(format!(
            "serde reads the sample as `{name}`, but filters are checked against another shape: {misfit}\n\
             help: where a type is read in a way of its own, say what its JSON is with `#[payload(as = ..)]`, or \
             that it is not known with `#[payload(opaque)]`"
        )),
    }
}
