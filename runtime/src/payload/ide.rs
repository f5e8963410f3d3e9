//! The keys of a payload as the fields of a struct, for editors alone.
//!
//! `derive(Payload)` writes such a struct, and a job takes its filter's keys as field accesses, both
//! only where rust-analyzer looks: so it completes the keys, and finds the field behind each.

use crate::job::Json;
use std::borrow::Cow;
use std::collections::{BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

/// A type whose keys an editor can complete.
pub trait Ide {
    /// A struct with a field for each key; for what has no keys, the type itself.
    type J: ?Sized;
}

/// What stands for a shape of which nothing is known. As it is no [`Ide`], an editor offers nothing below it, and
/// finds nothing wrong.
#[derive(Debug)]
pub enum Unknown {}

macro_rules! plain {
    ($($ty:ty)+) => { $( impl Ide for $ty { type J = $ty; } )+ };
}
plain!(bool char str String u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

/// A filter looks through these. Maps are left out: of a type without an answer an editor says nothing, and
/// any key is right.
macro_rules! passed_on {
    ($($ty:ty, $($generic:ident)*;)+) => { $( impl<T: Ide, $($generic)*> Ide for $ty { type J = T::J; } )+ };
}
passed_on! {
    Json<T>,;
    Option<T>,;
    Box<T>,;
    Rc<T>,;
    Arc<T>,;
    [T],;
    Vec<T>,;
    VecDeque<T>,;
    LinkedList<T>,;
    BinaryHeap<T>,;
    BTreeSet<T>,;
    HashSet<T, S>, S;
}

impl<T: Ide, const N: usize> Ide for [T; N] {
    type J = T::J;
}

impl<T: ToOwned<Owned: Ide> + ?Sized> Ide for Cow<'_, T> {
    type J = <T::Owned as Ide>::J;
}
