//! Numbers, strings, `bool` and `()`.

use super::{Payload, Schema};
use std::marker::PhantomData;
use std::num::NonZero;

/// The same shape for several types.
macro_rules! shapes {
    ($($(#[$attribute:meta])* $ty:ty => $schema:expr),+ $(,)?) => { $(
        #[diagnostic::do_not_recommend]
        $(#[$attribute])*
        impl $crate::payload::Payload for $ty {
            const SCHEMA: &'static $crate::payload::Schema = &$schema;
        }
    )+ };
}
pub(super) use shapes;

macro_rules! integers {
    ($($ty:ident)+) => { shapes!($(
        $ty => Schema::Int { name: stringify!($ty), min: $ty::MIN as i128, max: $ty::MAX as i128 },
        NonZero<$ty> => Schema::Int {
            name: concat!("NonZero<", stringify!($ty), ">"),
            min: NonZero::<$ty>::MIN.get() as i128,
            max: NonZero::<$ty>::MAX.get() as i128,
        },
    )+); };
}
integers!(u8 u16 u32 u64 usize i8 i16 i32 i64 i128 isize);

// Its upper half is out of reach of an `i128`, and of filters, which compare integers of 64 bits.
shapes! {
    u128 => Schema::Int { name: "u128", min: 0, max: i128::MAX },
    NonZero<u128> => Schema::Int { name: "NonZero<u128>", min: 1, max: i128::MAX },
}

shapes! {
    bool => Schema::Bool,
    f32 => Schema::Float { name: "f32" },
    f64 => Schema::Float { name: "f64" },
    char => Schema::Str,
    str => Schema::Str,
    &str => Schema::Str,
    String => Schema::Str,
    () => Schema::Null,
    // The only other slice that is read by reference: from a string, as bytes.
    &[u8] => Schema::Str,
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Payload for PhantomData<T> {
    const SCHEMA: &'static Schema = &Schema::Null;
}
