//! Other types of the standard library that serde reads.

use super::plain::shapes;
use super::{Field, Payload, Schema};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

shapes! {
    IpAddr => Schema::Str,
    Ipv4Addr => Schema::Str,
    Ipv6Addr => Schema::Str,
    SocketAddr => Schema::Str,
    SocketAddrV4 => Schema::Str,
    SocketAddrV6 => Schema::Str,
    Path => Schema::Str,
    &Path => Schema::Str,
    PathBuf => Schema::Str,
    Duration => Schema::Struct {
        name: "Duration",
        fields: &[Field::required("secs", u64::SCHEMA), Field::required("nanos", u32::SCHEMA)],
        flatten: &[],
    },
    SystemTime => Schema::Struct {
        name: "SystemTime",
        fields: &[
            Field::required("secs_since_epoch", u64::SCHEMA),
            Field::required("nanos_since_epoch", u32::SCHEMA),
        ],
        flatten: &[],
    },
}

macro_rules! ranges {
    ($($ty:ident { $($bound:literal),+ })+) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Payload> Payload for $ty<T> {
            const SCHEMA: &'static Schema = &Schema::Struct {
                name: stringify!($ty),
                fields: &[$(Field::required($bound, T::SCHEMA)),+],
                flatten: &[],
            };
        }
    )+ };
}
ranges! {
    Range { "start", "end" }
    RangeInclusive { "start", "end" }
    RangeFrom { "start" }
    RangeTo { "end" }
}
