//! The payloads of a batch, read as one list.

use super::{JobError, Json, State};
use crate::run::{Context, Io};
use crate::store::Origin;
use bytes::Bytes;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

/// What a job that runs in batches may ask for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from a batch",
    label = "a batch has several payloads",
    note = "a job with `batch` takes `Json<Vec<T>>`, and `Io`, `Context` and `State<S>`"
)]
pub trait FromBatch {}

impl<T> FromBatch for Json<Vec<T>> {}
impl FromBatch for Io {}
impl FromBatch for Context {}
impl<S> FromBatch for State<S> {}

/// Compiles where a batch has what is asked for.
pub const fn of_batch<T: FromBatch>() {}

/// Reads what started a run and the others of its batch as a list.
pub(super) fn decode<'o, T: DeserializeOwned>(all: impl Iterator<Item = &'o Origin>) -> Result<T, JobError> {
    let payloads: Vec<&Bytes> = all.map(Origin::payload).collect();
    let name = std::any::type_name::<T>();
    T::deserialize(Payloads(&payloads))
        .map_err(|error| JobError::Payload(format!("the batch is no `{name}`: {error}")))
}

/// Payloads as the items of a list, none of which is copied.
struct Payloads<'a>(&'a [&'a Bytes]);

impl<'de> Deserializer<'de> for Payloads<'_> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_seq(Items { rest: self.0, read: 0 })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Items<'a> {
    rest: &'a [&'a Bytes],
    read: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = serde_json::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Self::Error> {
        let Some((first, rest)) = self.rest.split_first() else { return Ok(None) };
        let place = self.read;
        (self.rest, self.read) = (rest, place + 1);
        // From a reader, because an item cannot borrow from a list that is only passed by.
        let mut source = serde_json::Deserializer::from_reader(first.as_ref());
        let item = seed.deserialize(&mut source).and_then(|item| source.end().map(|()| item));
        item.map(Some).map_err(|error| serde::de::Error::custom(format!("at `[{place}]`: {error}")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payloads: &[&'static str]) -> Result<Vec<Option<u8>>, String> {
        let bytes: Vec<_> = payloads.iter().map(|text| Bytes::from_static(text.as_bytes())).collect();
        let all: Vec<_> = bytes.iter().collect();
        serde::Deserialize::deserialize(Payloads(&all)).map_err(|error: serde_json::Error| error.to_string())
    }

    #[test]
    fn each_payload_is_an_item() {
        assert_eq!(read(&["1", " null ", "3"]), Ok(vec![Some(1), None, Some(3)]));
        assert_eq!(read(&[]), Ok(vec![]));
    }

    #[test]
    fn one_payload_is_never_two_items() {
        let error = read(&["1", "2, 3"]).unwrap_err();
        assert!(error.starts_with("at `[1]`: trailing characters"), "{error}");
    }

    #[test]
    fn a_payload_that_does_not_decode_is_named_by_its_place() {
        let error = read(&["1", "\"x\""]).unwrap_err();
        assert!(error.starts_with("at `[1]`: invalid type: string \"x\", expected u8"), "{error}");
    }
}
