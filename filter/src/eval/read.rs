//! Reads the mentioned parts of an event into slots, and passes over everything else.

use super::form;
use super::parts::Parts;
use super::program::Num;
use super::scan::{DEPTH, Fault, Quoted, Scanner, double, unescape};
use super::slots::{END, Frame, Slot, Slots};
use super::trie::{TOP, Trie};
use crate::Number;

/// Reads method, headers and query as far as they are mentioned.
pub(super) fn parts(parts: &Parts<'_>, trie: &Trie, slots: &mut Slots) {
    if let Some(node) = trie.child(TOP, "method") {
        let method = slots.write_text(|text| text.push_str(parts.method));
        slots.set(Frame::Event, node, method);
    }
    if let Some(node) = trie.child(TOP, "headers") {
        slots.set(Frame::Event, node, Slot::Object);
        for (name, node) in trie.kids(node) {
            parts.headers.each(name, &mut |value| {
                let value = slots.write_text(|text| text.push_str(&String::from_utf8_lossy(value)));
                add(slots, *node, value);
            });
        }
    }
    if let Some(node) = trie.child(TOP, "query") {
        slots.set(Frame::Event, node, Slot::Object);
        query(parts.query, node, trie, slots);
    }
}

fn query(query: &str, node: u32, trie: &Trie, slots: &mut Slots) {
    let mut bytes = std::mem::take(&mut slots.bytes);
    for (name, value) in form::raw_pairs(query) {
        let mentioned = trie.child(node, &form::decoded(name, &mut bytes));
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
    let mut reader = Reader { scanner: Scanner::new(text), trie, slots };
    reader.value(Target::Root(node), 0)?;
    reader.scanner.end()
}

struct Reader<'e, 's> {
    scanner: Scanner<'e>,
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
impl Reader<'_, '_> {
    /// Reads a value that stands inside `depth` others.
    fn value(&mut self, target: Target, depth: u32) -> Result<(), Fault> {
        let slot = match self.scanner.peek() {
            b'{' => {
                self.store(target, Slot::Object);
                return self.object(target, depth);
            }
            b'[' => return self.array(target, depth),
            b'"' => {
                let quoted = self.scanner.string()?;
                self.string(quoted)
            }
            b't' => self.scanner.word("true").map(|()| Slot::Bool(true))?,
            b'f' => self.scanner.word("false").map(|()| Slot::Bool(false))?,
            b'n' => self.scanner.word("null").map(|()| Slot::Null)?,
            _ => number(&mut self.scanner)?,
        };
        self.store(target, slot);
        Ok(())
    }

    fn object(&mut self, target: Target, depth: u32) -> Result<(), Fault> {
        let (node, frame) = (target.node(), target.fields());
        if self.trie.kids(node).is_empty() {
            return self.scanner.skip(depth);
        }
        if depth == DEPTH {
            return Err(Fault);
        }
        self.scanner.expect(b'{')?;
        if self.scanner.eat(b'}') {
            return Ok(());
        }
        loop {
            let name = self.scanner.key()?;
            match self.child(node, name) {
                Some(kid) => {
                    self.slots.forget(frame, kid, self.trie);
                    self.value(Target::Field(frame, kid), depth + 1)?;
                }
                None => self.scanner.skip(depth + 1)?,
            }
            if !self.scanner.more(b'}')? {
                return Ok(());
            }
        }
    }

    fn array(&mut self, target: Target, depth: u32) -> Result<(), Fault> {
        let Target::Field(frame, node) = target else {
            self.store(target, Slot::Array { first: END });
            return self.scanner.skip(depth);
        };
        if !self.trie.wants_elements(node) {
            self.store(target, Slot::Array { first: END });
            return self.scanner.skip(depth);
        }
        if depth == DEPTH {
            return Err(Fault);
        }
        self.scanner.expect(b'[')?;
        let (mut first, mut last) = (END, END);
        if !self.scanner.eat(b']') {
            loop {
                let element = self.slots.push_element(Slot::Missing, END);
                match self.slots.elements.get_mut(last as usize) {
                    Some(last) => last.next = element,
                    None => first = element,
                }
                last = element;
                self.value(Target::Element(element, node), depth + 1)?;
                if !self.scanner.more(b']')? {
                    break;
                }
            }
        }
        self.slots.set(frame, node, Slot::Array { first });
        Ok(())
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

    fn string(&mut self, quoted: Quoted) -> Slot {
        let Quoted { start, end, escaped } = quoted;
        if escaped {
            let raw = self.scanner.text().get(start..end).unwrap_or_default();
            return self.slots.write_text(|text| unescape(raw, text));
        }
        Slot::InBody { start: start as u32, end: end as u32 }
    }

    fn child(&mut self, node: u32, name: Quoted) -> Option<u32> {
        let raw = self.scanner.text().get(name.start..name.end)?;
        if !name.escaped {
            return self.trie.child(node, raw);
        }
        let start = self.slots.text.len();
        unescape(raw, &mut self.slots.text);
        let child = self.trie.child(node, &self.slots.text[start..]);
        self.slots.text.truncate(start);
        child
    }
}

fn number(scanner: &mut Scanner<'_>) -> Result<Slot, Fault> {
    let (text, is_whole) = scanner.number()?;
    if is_whole {
        if let Ok(int) = text.parse() {
            return Ok(Slot::Num(Num::Int(int)));
        }
        if let Ok(int) = text.parse() {
            return Ok(Slot::Num(Num::Large(int)));
        }
    }
    double(text).map(|float| Slot::Num(Num::new(Number::Float(float))))
}
