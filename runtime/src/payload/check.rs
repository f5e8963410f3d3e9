//! Checks a filter against a shape, all of it at once, while the program is compiled.
//!
//! `#[job]` makes one constant of this, and beside it a small one for each value of the filter, which panics
//! with a message if its value or a key above it is wrong: so every mistake is an error of its own, at its own
//! token. Messages are made only then.

use super::Schema;
use super::explain_key::explain_key;
use super::explain_value::explain_value;
use super::fits::{Fault, blamed};
use super::message::Message;
use super::steps::{Object, Steps, Value, is_same};
use super::walk::{Notes, Reach, Spot, Walk, find};
use triggerfish_filter::{Pattern, Root, Test};

/// The operator with its operand, or the literal, is wrong.
pub(super) const WHOLE: u8 = 1;
/// The value is wrong that an operator compares with.
pub(super) const OPERAND: u8 = 2;
/// The key at the top is wrong; plus one for each level below.
pub(super) const KEY: u8 = 3;

/// A filter, and what it is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// What the filter is rooted at.
    pub root: Root,
    /// The shape of the payload, if it is known.
    pub payload: Option<&'static Schema>,
    /// The filter.
    pub filter: Pattern<'static>,
    /// [`hash`](super::hash) of each key of the filter, in the order of the text.
    pub hashes: &'static [u64],
}

impl Checked {
    /// Checks each of the filter's `N` values, in the order of the text.
    pub const fn check<const N: usize>(&self) -> Faults<N> {
        let mut all = [0; N];
        if let (Pattern::Object(object), Some(payload)) = (self.filter, self.payload) {
            let base = Base::of(self.root, payload);
            let mut state = State {
                faults: &mut all,
                hashes: self.hashes,
                base,
                next: 0,
                key: 0,
                levels: [Level::NEW; Steps::MOST],
            };
            state.object(object, &mut Steps::new(), base);
        }
        let is_typed = !matches!(self.payload, None | Some(Schema::Any));
        Faults { is_typed, all }
    }

    /// Refuses what is wrong with a value, or with a key above it.
    #[track_caller]
    pub const fn refuse(&self, value: usize, fault: u8) {
        panic!("{}", self.explain(value, fault).as_str())
    }

    pub(super) const fn explain(&self, value: usize, fault: u8) -> Message {
        let (Pattern::Object(object), Some(payload)) = (self.filter, self.payload) else {
            return Message::new();
        };
        let mut found = Found { steps: Steps::new(), value: Value::NONE, left: value };
        found.look_in(object);
        let Found { steps, value, .. } = found;
        let depth = if fault < KEY { None } else { Some((fault - KEY) as usize) };
        let mut notes = Notes::about(depth);
        // A key may have been told of by a later value below it. Without a value nothing is tolerated.
        let value = if depth.is_some() { Value::NONE } else { value };
        let base = Base::of(self.root, payload);
        let mut walk = Walk { steps: &steps, value, notes: Some(&mut notes) };
        if base.depth < steps.len {
            let _ = walk.follow(&base.spot, base.depth);
        }
        match (depth, notes.value()) {
            (Some(depth), _) => explain_key(&steps.all[depth], &notes),
            (None, Some((spot, fault))) => {
                explain_value(steps.last(), &value, fault, blamed(spot, &value, fault))
            }
            (None, None) => Message::new(),
        }
    }
}

/// What is wrong with a filter of `N` values.
#[derive(Clone, Copy, Debug)]
pub struct Faults<const N: usize> {
    /// Whether there was a type to check it by, of which something is known.
    pub is_typed: bool,
    /// For each value: nothing, the value, what it compares with, or a key above it.
    pub all: [u8; N],
}

/// Where the checks begin: at the top of a payload's filter, below `body` of a request's.
///
/// Further inside, where all values of an object are behind the same fields: the way there is gone once for all.
#[derive(Clone, Copy)]
struct Base {
    spot: Spot,
    depth: usize,
}

impl Base {
    const fn of(root: Root, payload: &'static Schema) -> Self {
        let depth = match root {
            Root::Request => 1,
            _ => 0,
        };
        Base { spot: Spot::top(payload), depth }
    }

    /// Beyond the last of the steps, if there is one way alone.
    const fn beyond(self, steps: &Steps) -> Self {
        if self.depth + 1 == steps.len
            && let Schema::Struct { fields, .. } = self.spot.shape
            && let Some(field) = find(fields, steps.all[self.depth].hash)
        {
            return Base { spot: self.spot.below(field.schema), depth: steps.len };
        }
        self
    }
}

/// What is known while the values are gone through.
struct State<'f> {
    faults: &'f mut [u8],
    hashes: &'static [u64],
    base: Base,
    /// The number of the next value.
    next: usize,
    /// The number of the next key.
    key: usize,
    levels: [Level; Steps::MOST],
}

/// What is known of the key at a level.
#[derive(Clone, Copy)]
struct Level {
    /// The first value below it: its constant tells about the key.
    first: usize,
    /// Whether the key is known to be wrong.
    is_told: bool,
}

impl Level {
    const NEW: Level = Level { first: 0, is_told: false };
}

impl State<'_> {
    const fn object(&mut self, object: Object, steps: &mut Steps, base: Base) {
        let depth = steps.len;
        let mut n = 0;
        while n < object.len() {
            let (key, below) = &object[n];
            n += 1;
            let hash = if self.key < self.hashes.len() { self.hashes[self.key] } else { 0 };
            self.key += 1;
            if !steps.push(key, hash, object) {
                return;
            }
            self.levels[depth] = Level { first: self.next, is_told: false };
            match below {
                Pattern::Object([]) | Pattern::List([]) => self.value(steps, Value::NONE, base),
                Pattern::Object(inner) => self.object(inner, steps, base.beyond(steps)),
                Pattern::List(list) => {
                    let mut index = 0;
                    while index < list.len() {
                        self.value(steps, Value { list, index }, base);
                        index += 1;
                    }
                }
            }
            steps.len = depth;
        }
    }

    const fn value(&mut self, steps: &Steps, value: Value, base: Base) {
        let number = self.next;
        self.next += 1;
        // Of a request the body alone has a type.
        if steps.len <= self.base.depth || self.base.depth == 1 && !is_same(steps.all[0].key, "body") {
            return;
        }
        let mut walk = Walk { steps, value, notes: None };
        match walk.follow(&base.spot, base.depth) {
            Reach::Value(Fault::None) => {}
            Reach::Value(fault) => {
                let place = place_of(fault, &value);
                // The values of `$anythingBut` are one operator.
                if place != WHOLE || !goes_on(&value) {
                    self.set(number, place);
                }
            }
            Reach::Lost(depth) => {
                if !self.levels[depth].is_told {
                    self.levels[depth].is_told = true;
                    self.set(self.levels[depth].first, KEY + depth as u8);
                }
            }
        }
    }

    const fn set(&mut self, number: usize, fault: u8) {
        if number < self.faults.len() && self.faults[number] == 0 {
            self.faults[number] = fault;
        }
    }
}

const fn place_of(fault: Fault, value: &Value) -> u8 {
    match (fault, value.test()) {
        (Fault::Operator, _) => WHOLE,
        (_, Some(Test::Not(_) | Test::AnythingBut(_) | Test::Includes(_))) => OPERAND,
        _ => WHOLE,
    }
}

/// Whether the entry before this one is of the same operator.
const fn goes_on(value: &Value) -> bool {
    value.index > 0
        && value.index < value.list.len()
        && matches!(
            (&value.list[value.index - 1], &value.list[value.index]),
            (Test::AnythingBut(_), Test::AnythingBut(_))
        )
}

/// The value of a number, and the way to it.
struct Found {
    steps: Steps,
    value: Value,
    /// How many values come before it.
    left: usize,
}

impl Found {
    const fn look_in(&mut self, object: Object) -> bool {
        let depth = self.steps.len;
        let mut rest = object;
        while let [(key, below), others @ ..] = rest {
            rest = others;
            if !self.steps.push(key, super::hash(key), object) {
                return false;
            }
            let is_found = match below {
                Pattern::Object([]) | Pattern::List([]) => self.take(&[], 1),
                Pattern::Object(inner) => self.look_in(inner),
                Pattern::List(list) => self.take(list, list.len()),
            };
            if is_found {
                return true;
            }
            self.steps.len = depth;
        }
        false
    }

    const fn take(&mut self, list: &'static [Test<&'static str>], count: usize) -> bool {
        if self.left < count {
            self.value = Value { list, index: self.left };
            return true;
        }
        self.left -= count;
        false
    }
}
