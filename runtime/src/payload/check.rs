//! Checks a filter against a shape, all of it at once, while the program is compiled.
//!
//! `#[job]` makes one constant of this, and beside it a small one for each value of the filter, which panics
//! with a message if its value or a key above it is wrong: so every mistake is an error of its own, at its own
//! token. Messages are made only then.

use super::Schema;
use super::explain_key::explain_key;
use super::explain_value::explain_value;
use super::fits::{Fault, Verdict};
use super::message::Message;
use super::steps::{Object, Steps, Value, nth};
use super::walk::{Parents, Reach, Spot, Walk};
use std::fmt;
use triggerfish_filter::{Pattern, Root, Test};

/// A filter with `N` values, checked.
pub struct Check<const N: usize> {
    /// For each value, in the order of the text, what is wrong: nothing, [`WHOLE`](Check::WHOLE),
    /// [`OPERAND`](Check::OPERAND), or a key above it, [`KEY`](Check::KEY) plus its depth.
    pub wrong: [u8; N],
    filter: Object,
    root: Root,
    payload: &'static Schema,
}

impl<const N: usize> fmt::Debug for Check<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("wrong", &self.wrong).finish_non_exhaustive()
    }
}

impl<const N: usize> Check<N> {
    /// The operator with its operand, or the literal.
    pub const WHOLE: u8 = 1;
    /// The value that an operator compares with.
    pub const OPERAND: u8 = 2;
    /// The key at the top.
    pub const KEY: u8 = 3;

    /// Checks a filter that is rooted at `root`, over payloads of this shape.
    pub const fn new(
        root: Root,
        payload: Option<&'static Schema>,
        filter: &'static Pattern<'static>,
    ) -> Self {
        let (Pattern::Object(object), Some(payload)) = (filter, payload) else {
            return Check { wrong: [0; N], filter: &[], root, payload: &Schema::Any };
        };
        let mut check = Check { wrong: [0; N], filter: object, root, payload };
        let mut state = State { next: 0, first: [0; State::LEVELS], told: [false; State::LEVELS] };
        check.object(object, &mut Steps::new(), &mut state);
        check
    }

    const fn object(&mut self, object: Object, steps: &mut Steps, state: &mut State) {
        let depth = steps.len();
        let mut rest = object;
        while let [(key, below), others @ ..] = rest {
            rest = others;
            if !steps.push(key, object) {
                return;
            }
            state.enter(depth);
            match below {
                Pattern::Object([_, ..]) => {
                    if let Pattern::Object(inner) = below {
                        self.object(inner, steps, state);
                    }
                }
                Pattern::Object([]) => self.value(steps, Value { list: &[], index: 0 }, state),
                Pattern::List([]) => self.value(steps, Value { list: &[], index: 0 }, state),
                Pattern::List(list) => {
                    let mut index = 0;
                    while index < list.len() {
                        self.value(steps, Value { list, index }, state);
                        index += 1;
                    }
                }
            }
            steps.pop();
        }
    }

    const fn value(&mut self, steps: &Steps, value: Value, state: &mut State) {
        let slot = state.next;
        state.next += 1;
        let (mut walk, reach) = (Walk { value, parents: Parents::NONE }, self.base(steps));
        match reach.follow(&mut walk, steps) {
            None => {}
            Some(Reach::Lost(depth)) => {
                if let Some(first) = state.tell(depth) {
                    self.set(first, Self::KEY + depth as u8);
                }
            }
            Some(Reach::Value(verdict)) => {
                let wrong = Self::place_of(&verdict, &value);
                // The values of `$anythingBut` are one operator.
                if wrong != Self::WHOLE || !goes_on(&value) {
                    self.set(slot, wrong);
                }
            }
        }
    }

    const fn place_of(verdict: &Verdict, value: &Value) -> u8 {
        match (verdict.fault, value.test()) {
            (Fault::None, _) => 0,
            (Fault::Operator, _) => Self::WHOLE,
            (_, Some(Test::Not(_) | Test::AnythingBut(_) | Test::Includes(_))) => Self::OPERAND,
            _ => Self::WHOLE,
        }
    }

    const fn set(&mut self, slot: usize, wrong: u8) {
        if slot < N && self.wrong[slot] == 0 {
            self.wrong[slot] = wrong;
        }
    }

    /// Where the checks begin: at the top of a payload's filter, at `body` of a request's.
    const fn base(&self, steps: &Steps) -> Base {
        match (self.root, steps.from(0)) {
            (Root::Request, [first, ..]) => Base {
                depth: 1,
                from: if super::steps::is_same(first.key, "body") { Some(self.payload) } else { None },
            },
            _ => Base { depth: 0, from: Some(self.payload) },
        }
    }

    /// What is wrong with a value, or with a key above it.
    pub(super) const fn explain(&self, slot: usize) -> Message {
        let Some(wrong) = nth(&self.wrong, slot) else { return Message::new() };
        let mut found = Found { steps: Steps::new(), value: Value { list: &[], index: 0 }, left: slot };
        found.look_in(self.filter);
        if *wrong >= Self::KEY {
            let depth = (*wrong - Self::KEY) as usize;
            return self.explain_key(&mut found, depth);
        }
        let mut walk = Walk { value: found.value, parents: Parents::NONE };
        let reach = self.base(&found.steps).follow(&mut walk, &found.steps);
        let key = match found.steps.from(found.steps.len().saturating_sub(1)) {
            [last, ..] => last.key,
            [] => "",
        };
        match &reach {
            Some(Reach::Value(verdict)) => explain_value(key, &found.value, verdict),
            _ => Message::new(),
        }
    }

    /// The value that showed it may be a later one below the same key.
    const fn explain_key(&self, found: &mut Found, depth: usize) -> Message {
        let steps = found.steps;
        let mut walk = Walk { value: Value { list: &[], index: 0 }, parents: Parents::of(depth) };
        let base = self.base(&steps);
        // Without a value nothing is tolerated, so the key is lost here as it was there.
        let _ = base.follow(&mut walk, &steps);
        match steps.from(depth) {
            [step, ..] => explain_key(step, &walk.parents),
            [] => Message::new(),
        }
    }
}

/// Where a walk begins.
struct Base {
    depth: usize,
    /// Nothing, where no type is known.
    from: Option<&'static Schema>,
}

impl Base {
    const fn follow(&self, walk: &mut Walk, steps: &Steps) -> Option<Reach> {
        match (self.from, steps.from(self.depth)) {
            (Some(payload), below @ [_, ..]) => Some(walk.follow(Spot::top(payload), below, self.depth)),
            _ => None,
        }
    }
}

/// What is known while the values are gone through.
struct State {
    /// The number of the next value.
    next: usize,
    /// The first value below the key of each depth: its constant tells about the key.
    first: [usize; State::LEVELS],
    /// Whether the key of each depth is known to be wrong.
    told: [bool; State::LEVELS],
}

impl State {
    const LEVELS: usize = 40;

    /// A key begins.
    const fn enter(&mut self, depth: usize) {
        if depth < Self::LEVELS {
            (self.first[depth], self.told[depth]) = (self.next, false);
        }
    }

    /// Notes that a key is wrong. The value that tells it, if that is news.
    const fn tell(&mut self, depth: usize) -> Option<usize> {
        if depth >= Self::LEVELS || self.told[depth] {
            return None;
        }
        self.told[depth] = true;
        Some(self.first[depth])
    }
}

/// Whether the entry before this one is of the same operator.
const fn goes_on(value: &Value) -> bool {
    let before = match value.index {
        0 => None,
        index => nth(value.list, index - 1),
    };
    matches!((value.test(), before), (Some(Test::AnythingBut(_)), Some(Test::AnythingBut(_))))
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
        let mut rest = object;
        while let [(key, below), others @ ..] = rest {
            rest = others;
            self.steps.push(key, object);
            let is_found = match below {
                Pattern::Object(inner @ [_, ..]) => self.look_in(inner),
                Pattern::Object([]) | Pattern::List([]) => self.take(&[], 1),
                Pattern::List(list) => self.take(list, list.len()),
            };
            if is_found {
                return true;
            }
            self.steps.pop();
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

/// Refuses what is wrong with a value, or with a key above it.
#[track_caller]
pub const fn refuse<const N: usize>(check: &Check<N>, slot: usize) {
    panic!("{}", check.explain(slot).as_str())
}
