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

/// Reads what started a run and the others of its batch as a list. Where that
/// fails, those are told that cannot be read.
pub(super) fn decode<'o, T: DeserializeOwned>(all: impl Iterator<Item = &'o Origin>) -> Result<T, JobError> {
    let payloads: Vec<&Bytes> = all.map(Origin::payload).collect();
    T::deserialize(Payloads(&payloads)).map_err(|error| {
        let name = std::any::type_name::<T>();
        let why = |payload| T::deserialize(Payloads(&[payload])).err();
        let unreadable = payloads.iter().enumerate().filter_map(|(place, payload)| {
            Some((place, format!("the payload is no item of `{name}`: {}", why(payload)?)))
        });
        let unreadable: Vec<_> = unreadable.collect();
        match unreadable.as_slice() {
            [] => JobError::Payload(format!("the batch is no `{name}`: {error}")),
            _ => JobError::Unreadable(unreadable),
        }
    })
}

/// Payloads as the items of a list, none of which is copied.
struct Payloads<'a>(&'a [&'a Bytes]);

impl<'de> Deserializer<'de> for Payloads<'_> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_seq(Items { rest: self.0 })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Items<'a> {
    rest: &'a [&'a Bytes],
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = serde_json::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Self::Error> {
        let Some((first, rest)) = self.rest.split_first() else { return Ok(None) };
        self.rest = rest;
        // From a reader, because an item cannot borrow from a list that is only passed by.
        let mut source = serde_json::Deserializer::from_reader(first.as_ref());
        let item = seed.deserialize(&mut source).and_then(|item| source.end().map(|()| item));
        item.map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Request, RequestParts};
    use crate::store::DeliveryOrigin;
    use uuid::Uuid;

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
        assert!(error.starts_with("trailing characters"), "{error}");
    }

    #[test]
    fn payloads_that_do_not_decode_are_told_by_their_places() {
        let origin = |text: &'static str| {
            let parts = RequestParts { body: Bytes::from_static(text.as_bytes()), ..RequestParts::default() };
            let (endpoint, request) = ("a".into(), Request::new(parts));
            Origin::Delivery(DeliveryOrigin { endpoint, id: Uuid::nil(), provider_id: None, request })
        };
        let all = ["1", "\"x\"", "3", "300"].map(origin);
        let error = decode::<Vec<u8>>(all.iter()).unwrap_err();
        let JobError::Unreadable(told) = error else { panic!("{error}") };
        assert_eq!(told.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 3]);
        assert!(told[0].1.contains("invalid type: string \"x\", expected u8"), "{told:?}");
        let error = decode::<[u8; 3]>(all[..1].iter()).unwrap_err();
        assert!(matches!(error, JobError::Unreadable(_) | JobError::Payload(_)), "{error}");
    }
}
