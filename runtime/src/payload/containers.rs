//! What holds other types: `Option`, pointers, lists, maps, tuples.
//!
//! Those met most come without `do_not_recommend`: then messages are about the order in a list of orders, at
//! the price of naming these few beside it.

use super::{Field, Payload, Schema, Variant};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::num::Wrapping;
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock};

impl<T: Payload> Payload for Option<T> {
    const SCHEMA: &'static Schema = &Schema::Option(T::SCHEMA);
}

impl<T: Payload> Payload for Vec<T> {
    const SCHEMA: &'static Schema = &Schema::Seq(T::SCHEMA);
}

impl<T: Payload + ?Sized> Payload for Box<T> {
    const SCHEMA: &'static Schema = T::SCHEMA;
    const MAY_BE_ABSENT: bool = T::MAY_BE_ABSENT;
}

/// Types that are read as what they hold.
macro_rules! transparent {
    ($($ty:ident)+) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Payload + ?Sized> Payload for $ty<T> {
            const SCHEMA: &'static Schema = T::SCHEMA;
            const MAY_BE_ABSENT: bool = T::MAY_BE_ABSENT;
        }
    )+ };
}
transparent!(Rc Arc Cell RefCell Mutex RwLock);

macro_rules! transparent_sized {
    ($($ty:ident)+) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Payload> Payload for $ty<T> {
            const SCHEMA: &'static Schema = T::SCHEMA;
            const MAY_BE_ABSENT: bool = T::MAY_BE_ABSENT;
        }
    )+ };
}
transparent_sized!(Reverse Wrapping);

#[diagnostic::do_not_recommend]
impl<T: ToOwned<Owned: Payload> + ?Sized> Payload for Cow<'_, T> {
    const SCHEMA: &'static Schema = <T::Owned as Payload>::SCHEMA;
    const MAY_BE_ABSENT: bool = <T::Owned as Payload>::MAY_BE_ABSENT;
}

macro_rules! lists {
    ($($ty:ty, $($generic:ident)*;)+) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Payload, $($generic)*> Payload for $ty {
            const SCHEMA: &'static Schema = &Schema::Seq(T::SCHEMA);
        }
    )+ };
}
lists! {
    [T],;
    VecDeque<T>,;
    LinkedList<T>,;
    BinaryHeap<T>,;
    BTreeSet<T>,;
    HashSet<T, S>, S;
}

#[diagnostic::do_not_recommend]
impl<T: Payload, const N: usize> Payload for [T; N] {
    const SCHEMA: &'static Schema = &Schema::Tuple { items: &[T::SCHEMA; N], least: N };
}

impl<K, V: Payload> Payload for BTreeMap<K, V> {
    const SCHEMA: &'static Schema = &Schema::Map(V::SCHEMA);
}

impl<K, V: Payload, S> Payload for HashMap<K, V, S> {
    const SCHEMA: &'static Schema = &Schema::Map(V::SCHEMA);
}

macro_rules! tuples {
    ($(($($item:ident)+) $len:literal)+) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($item: Payload),+> Payload for ($($item,)+) {
            const SCHEMA: &'static Schema = &Schema::Tuple { items: &[$($item::SCHEMA),+], least: $len };
        }
    )+ };
}
tuples! {
    (A) 1
    (A B) 2
    (A B C) 3
    (A B C D) 4
    (A B C D E) 5
    (A B C D E F) 6
    (A B C D E F G) 7
    (A B C D E F G H) 8
    (A B C D E F G H I) 9
    (A B C D E F G H I J) 10
    (A B C D E F G H I J K) 11
    (A B C D E F G H I J K L) 12
    (A B C D E F G H I J K L M) 13
    (A B C D E F G H I J K L M N) 14
    (A B C D E F G H I J K L M N O) 15
    (A B C D E F G H I J K L M N O P) 16
}

#[diagnostic::do_not_recommend]
impl<T: Payload, E: Payload> Payload for Result<T, E> {
    const SCHEMA: &'static Schema = &Schema::Union {
        name: "Result",
        tag: None,
        of: &[
            Variant {
                name: "Ok",
                aliases: &[],
                rust: "Ok",
                schema: &Schema::Struct {
                    name: "Result::Ok",
                    fields: &[Field::required("Ok", T::SCHEMA)],
                    flatten: &[],
                },
                untagged: false,
                other: false,
            },
            Variant {
                name: "Err",
                aliases: &[],
                rust: "Err",
                schema: &Schema::Struct {
                    name: "Result::Err",
                    fields: &[Field::required("Err", E::SCHEMA)],
                    flatten: &[],
                },
                untagged: false,
                other: false,
            },
        ],
    };
}
