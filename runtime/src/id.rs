//! Ids of deliveries, events, runs and traces: UUIDv7, in the order of their time.

use crate::time::Timestamp;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// A new id of this time. The microsecond stands in it, so that ids sort by
/// age; the rest is random. Nobody is let in by an id, so the random part comes
/// from a generator that needs no system call.
pub(crate) fn new(at: Timestamp) -> Uuid {
    let micros = u64::try_from(at.0).unwrap_or(0);
    // Twelve bits hold the microsecond within the millisecond, in steps of a 4096th.
    let fraction = (micros % 1000) * 4096 / 1000;
    let mut rest = [0; 10];
    rest[..2].copy_from_slice(&(fraction as u16).to_be_bytes());
    rest[2..].copy_from_slice(&fastrand::u64(..).to_be_bytes());
    Builder::from_unix_timestamp_millis(micros / 1000, &rest).into_uuid()
}

/// The lowest id of this time: what was made before is below it, what is made
/// then or later is not.
pub(crate) fn floor(at: Timestamp) -> Uuid {
    let micros = u64::try_from(at.0).unwrap_or(0);
    let fraction = u128::from((micros % 1000) * 4096 / 1000);
    let (version, variant) = (7, 0b10);
    Uuid::from_u128(u128::from(micros / 1000) << 80 | version << 76 | fraction << 64 | variant << 62)
}

/// The time of an id that [`new`] made, to the microsecond.
#[cfg(any(feature = "sqlite", feature = "sqlite-system", test))]
pub(crate) fn time(id: Uuid) -> Timestamp {
    let (high, _) = id.as_u64_pair();
    let (millis, fraction) = (high >> 16, high & 0xfff);
    // What is rounded down there is rounded up here.
    let micros = millis * 1000 + (fraction * 1000).div_ceil(4096);
    Timestamp(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// The id of an event that has a key: the same whoever makes it, so that a
/// repeat is told the id of the first.
pub(crate) fn of_key(name: &str, source: Option<&str>, key: &str) -> Uuid {
    let mut hash = Sha256::new();
    for part in [name, source.unwrap_or_default(), key] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_microsecond_and_differ_within_it() {
        let at = Timestamp(1_763_752_000_123_456);
        let ids: Vec<_> = (0..1000).map(|n| new(Timestamp(at.0 + n))).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert_ne!(new(at), new(at));
        assert_eq!(new(at).get_version_num(), 7);
        let (seconds, nanos) = new(at).get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos / 1_000_000), (1_763_752_000, 123));
    }

    #[test]
    fn an_id_tells_its_microsecond() {
        let start = 1_763_752_000_000_000;
        for micros in (start..start + 2000).chain([0, 1, 999, 1000, 253_402_300_799_999_999]) {
            assert_eq!(time(new(Timestamp(micros))), Timestamp(micros));
            assert_eq!(time(floor(Timestamp(micros))), Timestamp(micros));
        }
        assert_ne!(time(new(Timestamp(-1))), Timestamp(-1), "there is no id before 1970");
        assert!(time(Uuid::max()) > Timestamp(start), "no id is too much for it");
    }

    #[test]
    fn the_floor_of_a_time_is_below_its_ids_and_above_those_before() {
        for micros in [0, 1, 999, 1_763_752_000_123_456] {
            let at = Timestamp(micros);
            assert!(floor(at) <= new(at), "{micros}");
            assert!(floor(Timestamp(micros + 1)) > new(at), "{micros}");
        }
    }
}
