//! What one event holds at the paths that filters mention. Everything is kept from one event to the next,
//! so that after the first few nothing is allocated.

use super::program::Num;
use super::test::{Elements, Seen};
use super::trie::Trie;
use crate::Scalar;

/// Elements and entries that are kept; a single huge event gives its memory back.
const KEPT: usize = 1 << 16;
/// Bytes of text that are kept.
const KEPT_TEXT: usize = 1 << 18;

/// A value, or that there is none. Texts are ranges of the event's body or of [`Slots::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Missing,
    Null,
    Bool(bool),
    Num(Num),
    InBody {
        start: u32,
        end: u32,
    },
    InText {
        start: u32,
        end: u32,
    },
    Object,
    /// An array, by its first element.
    Array {
        first: Link,
    },
    /// Values of one header or parameter, by the one received last.
    Several {
        first: Link,
    },
}

/// A place in one of the lists below, or the end.
pub(super) type Link = u32;
pub(super) const END: Link = u32::MAX;

/// Where a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// With all values that are not inside an array.
    Event,
    /// With those of an element of an array.
    Element(Link),
}

/// An element of an array, and the mentioned values inside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    pub(super) value: Slot,
    /// The next element of the same array.
    pub(super) next: Link,
    /// The first entry.
    entries: Link,
}

/// A value inside an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) node: u32,
    pub(super) slot: Slot,
    /// The next entry of the same element.
    next: Link,
}

#[derive(Debug, Default)]
pub(super) struct Slots {
    /// By node.
    event: Vec<Slot>,
    /// The nodes that may not be missing, each once: a key repeated a hundred thousand times must not be
    /// looked at as often.
    pub(super) filled: Vec<u32>,
    /// Whether a node is among them.
    is_filled: Vec<bool>,
    pub(super) elements: Vec<Element>,
    pub(super) entries: Vec<Entry>,
    /// Texts that do not stand in the body as they are.
    pub(super) text: String,
    /// For decoding.
    pub(super) bytes: Vec<u8>,
}

impl Slots {
    /// Forgets the last event.
    pub(super) fn clear(&mut self, trie: &Trie) {
        if self.event.len() == trie.len() {
            for node in &self.filled {
                self.event[*node as usize] = Slot::Missing;
                self.is_filled[*node as usize] = false;
            }
        } else {
            self.event.clear();
            self.event.resize(trie.len(), Slot::Missing);
            self.is_filled.clear();
            self.is_filled.resize(trie.len(), false);
        }
        self.filled.clear();
        self.elements.clear();
        self.elements.shrink_to(KEPT);
        self.entries.clear();
        self.entries.shrink_to(KEPT);
        self.text.clear();
        self.text.shrink_to(KEPT_TEXT);
        self.bytes.clear();
    }

    pub(super) fn get(&self, frame: Frame, node: u32) -> Slot {
        match frame {
            Frame::Event => self.event[node as usize],
            Frame::Element(element) => {
                self.entry(element, node).map_or(Slot::Missing, |at| self.entries[at as usize].slot)
            }
        }
    }

    pub(super) fn set(&mut self, frame: Frame, node: u32, slot: Slot) {
        match frame {
            Frame::Event => {
                self.event[node as usize] = slot;
                if !std::mem::replace(&mut self.is_filled[node as usize], true) {
                    self.filled.push(node);
                }
            }
            Frame::Element(element) => match self.entry(element, node) {
                Some(at) => self.entries[at as usize].slot = slot,
                None => {
                    let next = self.elements[element as usize].entries;
                    self.elements[element as usize].entries = self.entries.len() as Link;
                    self.entries.push(Entry { node, slot, next });
                }
            },
        }
    }

    /// Before a repeated key: takes away what the one before left at `node` and below.
    pub(super) fn forget(&mut self, frame: Frame, node: u32, trie: &Trie) {
        match frame {
            Frame::Event => {
                if self.event[node as usize] != Slot::Missing {
                    let below = trie.below(node);
                    self.event[below.start as usize..below.end as usize].fill(Slot::Missing);
                }
            }
            Frame::Element(element) => {
                let below = trie.below(node);
                let mut at = self.elements[element as usize].entries;
                while at != END {
                    let entry = &mut self.entries[at as usize];
                    if below.contains(&entry.node) {
                        entry.slot = Slot::Missing;
                    }
                    at = entry.next;
                }
            }
        }
    }

    pub(super) fn push_element(&mut self, value: Slot, next: Link) -> Link {
        self.elements.push(Element { value, next, entries: END });
        (self.elements.len() - 1) as Link
    }

    pub(super) fn elements(&self, first: Link) -> impl Iterator<Item = (Link, &Element)> {
        let mut at = first;
        std::iter::from_fn(move || {
            let element = self.elements.get(at as usize)?;
            let this = at;
            at = element.next;
            Some((this, element))
        })
    }

    /// Appends to the text what `write` writes.
    pub(super) fn write_text(&mut self, write: impl FnOnce(&mut String)) -> Slot {
        let start = self.text.len() as u32;
        write(&mut self.text);
        Slot::InText { start, end: self.text.len() as u32 }
    }

    fn entry(&self, element: Link, node: u32) -> Option<Link> {
        let mut at = self.elements[element as usize].entries;
        while at != END && self.entries[at as usize].node != node {
            at = self.entries[at as usize].next;
        }
        (at != END).then_some(at)
    }
}

/// The values of one event, its body at hand.
#[derive(Clone, Copy)]
pub(super) struct Event<'e> {
    pub(super) slots: &'e Slots,
    pub(super) body: &'e str,
}

impl<'e> Event<'e> {
    #[inline]
    pub(super) fn seen(self, slot: Slot) -> Seen<'e, Chain<'e>> {
        match slot {
            Slot::Missing => Seen::Missing,
            Slot::Null => Seen::Null,
            Slot::Bool(bool) => Seen::Bool(bool),
            Slot::Num(num) => Seen::Num(num),
            Slot::InBody { start, end } => Seen::Str(range(self.body, start, end)),
            Slot::InText { start, end } => Seen::Str(range(&self.slots.text, start, end)),
            Slot::Object => Seen::Object,
            Slot::Array { first } | Slot::Several { first } => Seen::Array(Chain { event: self, first }),
        }
    }

    /// What a scalar is equal to.
    pub(super) fn scalar(self, slot: Slot) -> Option<Scalar<&'e str, Num>> {
        match self.seen(slot) {
            Seen::Bool(bool) => Some(Scalar::Bool(bool)),
            Seen::Num(number) => Some(Scalar::Num(number)),
            Seen::Str(text) => Some(Scalar::Str(text)),
            Seen::Missing | Seen::Null | Seen::Array(_) | Seen::Object => None,
        }
    }
}

/// The elements of an array.
#[derive(Clone, Copy)]
pub(super) struct Chain<'e> {
    event: Event<'e>,
    first: Link,
}

impl Elements for Chain<'_> {
    type Num = Num;

    fn any(&self, test: impl Fn(Scalar<&str, Num>) -> bool) -> bool {
        self.event
            .slots
            .elements(self.first)
            .any(|(_, element)| self.event.scalar(element.value).is_some_and(&test))
    }
}

fn range(text: &str, start: u32, end: u32) -> &str {
    text.get(start as usize..end as usize).unwrap_or_default()
}
