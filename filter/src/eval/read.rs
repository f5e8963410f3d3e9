//! Reads the mentioned parts of an event into slots, and passes over everything else.

use super::form;
use super::parts::Parts;
use super::program::Num;
use super::scan::{self, DEPTH, Fault, Quoted, Rest, double, unescape};
use super::slots::{END, Frame, Slot, Slots};
use super::trie::{TOP, Trie};
use crate::Number;

/// Reads method, headers and query as far as they are mentioned.
pub(super) fn parts(parts: &Parts<'_>, trie: &Trie, slots: &mut Slots) {
    if let Some(node) = trie.child(TOP, b"method") {
        let method = slots.write_text(|text| text.push_str(parts.method));
        slots.set(Frame::Event, node, method);
    }
    if let Some(node) = trie.child(TOP, b"headers") {
        slots.set(Frame::Event, node, Slot::Object);
        for (name, node) in trie.kids(node) {
            parts.headers.each(name, &mut |value| {
                let value = slots.write_text(|text| text.push_str(&String::from_utf8_lossy(value)));
                add(slots, *node, value);
            });
        }
    }
    if let Some(node) = trie.child(TOP, b"query") {
        slots.set(Frame::Event, node, Slot::Object);
        query(parts.query, node, trie, slots);
    }
}

fn query(query: &str, node: u32, trie: &Trie, slots: &mut Slots) {
    let mut bytes = std::mem::take(&mut slots.bytes);
    for (name, value) in form::raw_pairs(query) {
        let mentioned = trie.child(node, form::decoded(name, &mut bytes).as_bytes());
        if let Some(node) = mentioned {
            let value = slots.write_text(|text| text.push_str(&form::decoded(value, &mut bytes)));
            add(slots, node, value);
        }
    }
    slots.bytes = bytes;
}

/// One more value of a header or parameter.
fn add(slots: &mut Slots, node: u32, value: Slot) {
    let next = match slots.get(Frame::Event, node) {
        Slot::Several { first } => first,
        _ => END,
    };
    let first = slots.push_element(value, next);
    slots.set(Frame::Event, node, Slot::Several { first });
}

/// Reads a JSON text whose root belongs at `node`. On a fault the slots hold what was read before it.
pub(super) fn json(text: &str, node: u32, trie: &Trie, slots: &mut Slots) -> Result<(), Fault> {
    let mut reader = Reader { text, trie, slots };
    let rest = reader.value(text.as_bytes(), Target::Root(node), 0)?;
    scan::end(rest)
}

struct Reader<'e, 's> {
    text: &'e str,
    trie: &'s Trie,
    slots: &'s mut Slots,
}

/// What a value is read for.
#[derive(Clone, Copy)]
enum Target {
    Root(u32),
    /// A field, where it is stored and its node.
    Field(Frame, u32),
    /// An element of the array at a node.
    Element(u32, u32),
}

impl Target {
    fn node(self) -> u32 {
        match self {
            Target::Root(node) | Target::Field(_, node) | Target::Element(_, node) => node,
        }
    }

    /// Where the fields of the value are stored.
    fn fields(self) -> Frame {
        match self {
            Target::Root(_) => Frame::Event,
            Target::Field(frame, _) => frame,
            Target::Element(element, _) => Frame::Element(element),
        }
    }
}

// Recursion follows the tree of mentioned paths, whose depth the checks limit, not the event.
impl<'e> Reader<'e, '_> {
    /// Reads a value that stands inside `depth` others.
    fn value(&mut self, rest: Rest<'e>, target: Target, depth: u32) -> Result<Rest<'e>, Fault> {
        let rest = scan::space(rest);
        let (slot, rest) = match rest {
            [b'{', inside @ ..] => {
                self.store(target, Slot::Object);
                if self.trie.kids(target.node()).is_empty() {
                    return scan::skip(rest, depth);
                }
                return self.object(inside, target, depth);
            }
            [b'[', inside @ ..] => {
                if let Target::Field(frame, node) = target
                    && self.trie.wants_elements(node)
                {
                    return self.array(inside, frame, node, depth);
                }
                self.store(target, Slot::Array { first: END });
                return scan::skip(rest, depth);
            }
            [b'"', inside @ ..] => {
                let (text, after) = scan::string(inside)?;
                (self.string(text, inside), after)
            }
            [b't', ..] => (Slot::Bool(true), scan::word(rest, b"true")?),
            [b'f', ..] => (Slot::Bool(false), scan::word(rest, b"false")?),
            [b'n', ..] => (Slot::Null, scan::word(rest, b"null")?),
            _ => number(rest)?,
        };
        self.store(target, slot);
        Ok(rest)
    }

    /// Reads an object after its opening bracket.
    fn object(&mut self, mut rest: Rest<'e>, target: Target, depth: u32) -> Result<Rest<'e>, Fault> {
        let (node, frame) = (target.node(), target.fields());
        if depth == DEPTH {
            return Err(Fault);
        }
        if let Some(rest) = scan::at_once(rest, b'}') {
            return Ok(rest);
        }
        loop {
            let (name, value) = scan::key(rest)?;
            rest = match self.child(node, name) {
                Some(kid) => {
                    self.slots.forget(frame, kid, self.trie);
                    self.value(value, Target::Field(frame, kid), depth + 1)?
                }
                None => scan::skip(value, depth + 1)?,
            };
            match scan::more(rest, b'}')? {
                (after, true) => rest = after,
                (after, false) => return Ok(after),
            }
        }
    }

    /// Reads an array with its elements after its opening bracket.
    fn array(&mut self, mut rest: Rest<'e>, frame: Frame, node: u32, depth: u32) -> Result<Rest<'e>, Fault> {
        if depth == DEPTH {
            return Err(Fault);
        }
        let (mut first, mut last) = (END, END);
        let after = match scan::at_once(rest, b']') {
            Some(after) => after,
            None => loop {
                let element = self.slots.push_element(Slot::Missing, END);
                match self.slots.elements.get_mut(last as usize) {
                    Some(last) => last.next = element,
                    None => first = element,
                }
                last = element;
                rest = self.value(rest, Target::Element(element, node), depth + 1)?;
                match scan::more(rest, b']')? {
                    (after, true) => rest = after,
                    (after, false) => break after,
                }
            },
        };
        self.slots.set(frame, node, Slot::Array { first });
        Ok(after)
    }

    fn store(&mut self, target: Target, slot: Slot) {
        match target {
            // An array at the root is something without fields, unlike an array further down.
            Target::Root(node) if matches!(slot, Slot::Array { .. }) => {
                self.slots.set(Frame::Event, node, Slot::Object);
            }
            Target::Root(node) => self.slots.set(Frame::Event, node, slot),
            Target::Field(frame, node) => self.slots.set(frame, node, slot),
            Target::Element(element, _) => self.slots.elements[element as usize].value = slot,
        }
    }

    /// The slot of a string that begins at `inside`.
    fn string(&mut self, string: Quoted<'e>, inside: Rest<'e>) -> Slot {
        let start = self.text.len() - inside.len();
        let end = start + string.bytes.len();
        if string.escaped {
            let raw = self.text.get(start..end).unwrap_or_default();
            return self.slots.write_text(|text| unescape(raw, text));
        }
        Slot::InBody { start: start as u32, end: end as u32 }
    }

    fn child(&mut self, node: u32, name: Quoted<'e>) -> Option<u32> {
        if !name.escaped {
            return self.trie.child(node, name.bytes);
        }
        let start = self.slots.text.len();
        unescape(std::str::from_utf8(name.bytes).ok()?, &mut self.slots.text);
        let child = self.trie.child(node, &self.slots.text.as_bytes()[start..]);
        self.slots.text.truncate(start);
        child
    }
}

fn number(rest: Rest<'_>) -> Result<(Slot, Rest<'_>), Fault> {
    let (text, is_whole, rest) = scan::number(rest)?;
    if is_whole {
        if let Ok(int) = text.parse() {
            return Ok((Slot::Num(Num::Int(int)), rest));
        }
        if let Ok(int) = text.parse() {
            return Ok((Slot::Num(Num::Large(int)), rest));
        }
    }
    Ok((Slot::Num(Num::new(Number::Float(double(text)?))), rest))
}
