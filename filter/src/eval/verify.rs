//! Evaluates one filter of a set exactly, on the values that were read.

use super::slots::{Event, Frame, Slot};
use super::test::list_holds;
use super::trie::TOP;
use crate::{Field, Item, Root, Tree};

pub(super) fn holds(root: Root, fields: &[Field<u32>], event: Event<'_>) -> bool {
    match (root, event.slots.get(Frame::Event, TOP)) {
        // Not JSON.
        (Root::Payload, Slot::Missing) => false,
        (Root::Payload, Slot::Null) => fields.is_empty(),
        (Root::Payload | Root::Request, _) => all_hold(fields, event, Frame::Event),
    }
}

fn all_hold(fields: &[Field<u32>], event: Event<'_>, frame: Frame) -> bool {
    fields.iter().all(|field| {
        let slot = event.slots.get(frame, field.at);
        match &field.tree {
            Tree::List(items) => items_hold(items, event, slot),
            Tree::Object(fields) => match slot {
                Slot::Missing | Slot::Null => false,
                Slot::Array { first } => event.slots.elements(first).any(|(at, element)| {
                    !matches!(element.value, Slot::Null) && all_hold(fields, event, Frame::Element(at))
                }),
                _ => all_hold(fields, event, frame),
            },
        }
    })
}

fn items_hold(items: &[Item<u32>], event: Event<'_>, slot: Slot) -> bool {
    match slot {
        Slot::Several { first } => {
            event.slots.elements(first).any(|(_, value)| list_holds(items, &event.seen(value.value)))
        }
        slot => list_holds(items, &event.seen(slot)),
    }
}
