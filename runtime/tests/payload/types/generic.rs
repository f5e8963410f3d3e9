//! Parameters, and the bounds that they get.

use crate::agree::{Subject, subjects};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::marker::PhantomData;
use triggerfish::Payload;

#[derive(Serialize, Deserialize, Payload)]
struct Page<T, U = Vec<u8>> {
    items: Vec<T>,
    next: Option<U>,
}

/// Parameters that need no shape, because nothing of them is in the JSON.
#[derive(Serialize, Deserialize, Payload)]
#[serde(bound(serialize = "", deserialize = "K: Hash + Eq + DeserializeOwned, S: BuildHasher + Default"))]
struct Unbounded<'a, K, M, S, const N: usize>
where
    K: Ord + Clone + Serialize,
{
    sorted: BTreeMap<K, u8>,
    hashed: HashMap<K, u8, S>,
    mark: PhantomData<M>,
    #[serde(skip)]
    skipped: Option<M>,
    #[serde(borrow)]
    text: std::borrow::Cow<'a, str>,
    #[serde(skip)]
    array: PhantomData<[u8; N]>,
}

/// Neither a shape nor anything else.
struct Nothing;

/// As little of one as a key needs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct Key(String);

trait Provider {
    type Event;
}

struct Acme;

impl Provider for Acme {
    type Event = Page<bool>;
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(bound(serialize = "P::Event: Serialize", deserialize = "P::Event: DeserializeOwned"))]
struct Envelope<P: Provider> {
    event: P::Event,
    others: Vec<<P as Provider>::Event>,
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Either<A, B>
where
    A: Sized,
{
    Left { value: A },
    Right { value: B, again: Option<Box<Either<A, B>>> },
}

#[derive(Serialize, Deserialize, Payload)]
struct Arrays<const N: usize = 2> {
    #[serde(skip)]
    mark: PhantomData<[u8; N]>,
    fixed: [u8; 2],
    itself: Vec<Arrays<N>>,
}

/// Made by a macro: the types come in invisible delimiters.
macro_rules! made {
    ($name:ident, $ty:ty, $key:literal, $rule:literal) => {
        #[derive(Serialize, Deserialize, Payload)]
        #[serde(rename_all = $rule)]
        struct $name {
            #[serde(rename = $key)]
            first_field: $ty,
            second_field: Option<$ty>,
            third: Vec<$name>,
        }
    };
}
made!(Made, Option<u8>, "the key", "camelCase");

type OfKeys<'a> = Unbounded<'a, Key, Nothing, BuildHasherDefault<DefaultHasher>, 3>;

pub(crate) fn all() -> Vec<Subject> {
    subjects![
        Page<String>, Page<Page<u8>, bool>, Envelope<Acme>, Either<u8, String>, Either<Page<bool>, ()>, Arrays<1>,
        Made, OfKeys<'_>,
    ]
}
