//! Types of the standard library and of serde_json.

use crate::agree::{Subject, only_read, subjects};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, NonZeroU8, Wrapping};
use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, SystemTime};
use triggerfish::Payload;
use triggerfish::payload::{Fit, fit};

type Hasher = BuildHasherDefault<DefaultHasher>;

/// What serde reads by reference.
#[derive(Serialize, Deserialize, Payload)]
struct Borrowed<'a> {
    text: &'a str,
    #[serde(borrow)]
    maybe: Cow<'a, str>,
    owned: Cow<'a, str>,
    list: Cow<'a, [u8]>,
    #[serde(borrow)]
    raw: &'a serde_json::value::RawValue,
}

#[derive(Serialize, Deserialize, Payload)]
struct Fields {
    unit: (),
    mark: PhantomData<String>,
    nested: Option<Option<bool>>,
    boxed: Box<Option<u8>>,
}

pub(crate) fn all() -> Vec<Subject> {
    let mut all = subjects![
        u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, u128, i128, f32, f64, bool, String, (),
        NonZero<u16>, NonZeroU8, NonZero<i64>, Wrapping<i8>, Reverse<u8>,
        Option<u8>, Box<u8>, Box<str>, Box<[u8]>, Cell<u8>, RefCell<u8>, Mutex<u8>, RwLock<u8>,
        Vec<bool>, VecDeque<u8>, LinkedList<u8>, BTreeSet<u8>, HashSet<u8, Hasher>, [u8; 3], [Vec<u8>; 2],
        (u8,), (u8, String), (u8, (bool, String), Option<u8>), PhantomData<u8>,
        HashMap<String, u8>, HashMap<String, u8, Hasher>, BTreeMap<String, Vec<u8>>,
        serde_json::Value, serde_json::Map<String, serde_json::Value>, serde_json::Number,
        Range<u8>, RangeInclusive<u8>, RangeFrom<u8>, RangeTo<u8>, Result<u8, String>, Fields,
    ];
    all.extend(only_read![BinaryHeap<u8>, Borrowed<'_>, Box<serde_json::value::RawValue>]);
    all
}

/// Types that are read from strings, of some form that the schema does not know.
macro_rules! strings {
    ($($ty:ty: $sample:literal),+ $(,)?) => { $(
        let sample = serde_json::json!($sample);
        assert_eq!(fit(<$ty>::SCHEMA, &sample), Fit::Yes, "{}", stringify!($ty));
        serde_json::from_value::<$ty>(sample).expect(stringify!($ty));
        for other in [serde_json::json!(true), serde_json::json!({}), serde_json::json!(null)] {
            assert!(matches!(fit(<$ty>::SCHEMA, &other), Fit::No(_)), "{}", stringify!($ty));
            serde_json::from_value::<$ty>(other).expect_err(stringify!($ty));
        }
    )+ };
}

#[test]
fn types_with_a_written_form_are_strings() {
    strings! {
        char: "x",
        IpAddr: "::1",
        Ipv4Addr: "127.0.0.1",
        Ipv6Addr: "::1",
        SocketAddr: "127.0.0.1:80",
        SocketAddrV4: "127.0.0.1:80",
        SocketAddrV6: "[::1]:80",
        PathBuf: "/a/b",
        Box<Path>: "/a/b",
    }
}

#[test]
#[cfg(all(feature = "chrono", feature = "jiff", feature = "url", feature = "uuid"))]
fn types_of_other_crates_are_strings() {
    strings! {
        chrono::NaiveDate: "2026-11-22",
        chrono::NaiveDateTime: "2026-11-22T01:02:03",
        chrono::NaiveTime: "01:02:03",
        chrono::Weekday: "Mon",
        chrono::Month: "January",
        chrono::DateTime<chrono::Utc>: "2026-11-22T01:02:03Z",
        jiff::Timestamp: "2026-11-22T01:02:03Z",
        jiff::Zoned: "2026-11-22T01:02:03+02:00[+02:00]",
        jiff::SignedDuration: "PT1H",
        jiff::Span: "P1D",
        jiff::civil::Date: "2026-11-22",
        jiff::civil::DateTime: "2026-11-22T01:02:03",
        jiff::civil::Time: "01:02:03",
        jiff::civil::ISOWeekDate: "2026-W47-7",
        url::Url: "https://example.com/",
        uuid::Uuid: "01a20019-b700-71e3-95b2-4d05a77d4ec2",
        uuid::NonNilUuid: "01a20019-b700-71e3-95b2-4d05a77d4ec2",
    }
}

#[test]
fn keys_of_maps_are_of_any_type() {
    let map = serde_json::json!({ "7": true });
    assert_eq!(fit(<HashMap<u64, bool>>::SCHEMA, &map), Fit::Yes);
    serde_json::from_value::<HashMap<u64, bool>>(map).expect("numbers are keys");
}

#[test]
fn times_are_objects() {
    let duration = serde_json::to_value(Duration::MAX).expect("an object");
    assert_eq!(fit(Duration::SCHEMA, &duration), Fit::Yes);
    let now = serde_json::to_value(SystemTime::now()).expect("now is after 1970");
    assert_eq!(fit(SystemTime::SCHEMA, &now), Fit::Yes);
}
