//! What an event came to: the filters that match, and for the others the clauses that do not hold. Both come
//! from what the engine has read, so that a reason for every event costs little more than the event.

use std::fmt;

use super::explain::wants;
use super::parts::BodyError;
use super::program::{Program, Steps, View};
use super::set::FilterSet;
use super::slots::{Element, Event, Frame, Link, Slot};
use super::test::Seen;
use super::trie::TOP;
use super::verify::tests_hold;
use crate::{Field, Number, Root, Tree};

/// Which filters let an event pass, and why the others do not.
pub struct Matches<'s> {
    /// Where they stood among those given to [`FilterSet::build`], ascending.
    pub indexes: &'s [usize],
    /// Why filters that mention the body cannot match; none if no filter does.
    pub body_error: Option<BodyError>,
    pub(super) set: &'s FilterSet,
    pub(super) event: Event<'s>,
}

/// What a clause of a filter asks for, which is the same for every event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Where it looks: `body.payload.length`.
    pub path: String,
    /// What it wants: `{ $gt: 15 }`.
    pub wants: String,
}

/// A clause that an event does not satisfy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failure<'e> {
    /// Where it stands in [`FilterSet::wanted`].
    pub clause: usize,
    /// What was there; in an array of objects, in the element that satisfies most.
    pub found: Found<'e>,
}

/// What a clause met, without what is inside an array or an object: nobody asked for that, and it may be secret.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found<'e> {
    /// Nothing.
    Missing,
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Num(Number),
    /// A text, unescaped.
    Str(&'e str),
    /// An array.
    Array,
    /// An object.
    Object,
    /// More than one value of a header or a parameter.
    Several,
    /// A body that is not JSON.
    Unreadable,
}

impl FilterSet {
    /// The clauses of a filter; none where it lets everything pass.
    pub fn wanted(&self, index: usize) -> Vec<Wanted> {
        let mut all = Vec::new();
        if let Some(steps) = self.steps(index) {
            add_wanted(&self.program().fields(steps, self.trie()), "", &mut all);
        }
        all
    }
}

fn add_wanted(fields: &[Field], path: &str, all: &mut Vec<Wanted>) {
    for field in fields {
        let path = if path.is_empty() { field.name.to_string() } else { format!("{path}.{}", field.name) };
        match &field.tree {
            Tree::Object(fields) => add_wanted(fields, &path, all),
            Tree::List(items) => all.push(Wanted { path, wants: wants(items) }),
        }
    }
}

impl Matches<'_> {
    /// Hands over each clause of the filter at `index` that does not hold, in the order of
    /// [`FilterSet::wanted`]. None fails exactly where the filter matches, unless the filter is empty.
    pub fn failures(&self, index: usize, found: &mut dyn FnMut(Failure<'_>)) {
        let (Some(steps), set) = (self.set.steps(index), self.set) else { return };
        let top = match (set.root(), self.event.slots.get(Frame::Event, TOP)) {
            (Root::Payload, Slot::Missing | Slot::Null) => None,
            (Root::Payload | Root::Request, _) => Some(Frame::Event),
        };
        let unreadable = set.trie().body.filter(|_| self.body_error.is_some());
        let walk = Walk { program: set.program(), event: self.event, unreadable };
        let absent = if unreadable == Some(TOP) { Found::Unreadable } else { Found::Missing };
        walk.fields(steps, top.ok_or(absent), &mut 0, found);
    }
}

impl fmt::Debug for Matches<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matches")
            .field("indexes", &self.indexes)
            .field("body_error", &self.body_error)
            .finish_non_exhaustive()
    }
}

struct Walk<'s> {
    program: &'s Program,
    event: Event<'s>,
    /// The node of a body that is not JSON.
    unreadable: Option<u32>,
}

impl<'s> Walk<'s> {
    /// Goes over the clauses of an object, of which `clause` is the next. Where there is no object there is
    /// what stands in its place.
    fn fields(
        &self,
        steps: Steps,
        object: Result<Frame, Found<'s>>,
        clause: &mut usize,
        failed: &mut dyn FnMut(Failure<'_>),
    ) {
        for (node, view) in self.program.look(steps) {
            let slot = object.map(|frame| self.event.slots.get(frame, node));
            match view {
                View::List(tests) => {
                    let found = match slot {
                        Ok(slot) if tests_hold(self.program, tests, self.event, slot) => None,
                        Ok(slot) => Some(self.found(slot)),
                        Err(absent) => Some(absent),
                    };
                    if let Some(found) = found {
                        failed(Failure { clause: *clause, found });
                    }
                    *clause += 1;
                }
                View::Object(fields) => {
                    let inside = match slot {
                        Ok(Slot::Array { first }) => self.closest(fields, first),
                        Ok(Slot::Missing) if self.unreadable == Some(node) => Err(Found::Unreadable),
                        Ok(Slot::Missing | Slot::Null) => Err(Found::Missing),
                        Ok(_) => object,
                        Err(absent) => Err(absent),
                    };
                    self.fields(fields, inside, clause, failed);
                }
            }
        }
    }

    /// The element of an array that satisfies most: one must satisfy all.
    fn closest(&self, steps: Steps, first: Link) -> Result<Frame, Found<'s>> {
        let closeness = |(at, element): (Link, &Element)| {
            let object =
                if element.value == Slot::Null { Err(Found::Missing) } else { Ok(Frame::Element(at)) };
            let mut failing = 0;
            self.fields(steps, object, &mut 0, &mut |_| failing += 1);
            (failing, object)
        };
        let elements = self.event.slots.elements(first).map(closeness);
        elements.min_by_key(|(failing, _)| *failing).map_or(Err(Found::Missing), |(_, object)| object)
    }

    fn found(&self, slot: Slot) -> Found<'s> {
        if let Slot::Several { first } = slot {
            let mut values = self.event.slots.elements(first);
            return match (values.next(), values.next()) {
                (Some((_, only)), None) => self.found(only.value),
                _ => Found::Several,
            };
        }
        match self.event.seen(slot) {
            Seen::Missing => Found::Missing,
            Seen::Null => Found::Null,
            Seen::Bool(bool) => Found::Bool(bool),
            Seen::Num(num) => Found::Num(num.number()),
            Seen::Str(text) => Found::Str(text),
            Seen::Array(_) => Found::Array,
            Seen::Object => Found::Object,
        }
    }
}

/// Writes `is missing`, `is "x"`: what stands between a path and what is wanted there. Long texts are cut.
impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Missing => f.write_str("is missing"),
            Found::Null => f.write_str("is null"),
            Found::Bool(bool) => write!(f, "is {bool}"),
            Found::Num(number) => write!(f, "is {number}"),
            Found::Str(text) => match text.char_indices().nth(Found::SHOWN) {
                Some((end, _)) => write!(f, "is {:?}..", &text[..end]),
                None => write!(f, "is {text:?}"),
            },
            Found::Array => f.write_str("is an array"),
            Found::Object => f.write_str("is an object"),
            Found::Several => f.write_str("is there more than once"),
            Found::Unreadable => f.write_str("cannot be read"),
        }
    }
}

impl Found<'_> {
    /// How much of a text is shown, in characters.
    pub const SHOWN: usize = 80;
}
