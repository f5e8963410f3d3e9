//! Evaluates one filter of a set exactly, on the values that were read.

use super::program::{Num, Program, Steps, Text, View};
use super::slots::{Event, Frame, Slot};
use super::test::list_holds;
use super::trie::TOP;
use crate::{Root, Test};

pub(super) fn holds(root: Root, program: &Program, filter: Steps, event: Event<'_>) -> bool {
    match (root, event.slots.get(Frame::Event, TOP)) {
        // Not JSON.
        (Root::Payload, Slot::Missing) => false,
        (Root::Payload, Slot::Null) => filter.is_empty(),
        (Root::Payload | Root::Request, _) => all_hold(program, filter, event, Frame::Event),
    }
}

fn all_hold(program: &Program, steps: Steps, event: Event<'_>, frame: Frame) -> bool {
    program.look(steps).all(|(node, view)| {
        let slot = event.slots.get(frame, node);
        match view {
            View::List(tests) => tests_hold(program, tests, event, slot),
            View::Object(fields) => match slot {
                Slot::Missing | Slot::Null => false,
                Slot::Array { first } => event.slots.elements(first).any(|(at, element)| {
                    element.value != Slot::Null && all_hold(program, fields, event, Frame::Element(at))
                }),
                _ => all_hold(program, fields, event, frame),
            },
        }
    })
}

pub(super) fn tests_hold(program: &Program, tests: &[Test<Text, Num>], event: Event<'_>, slot: Slot) -> bool {
    let hold = |slot| list_holds(tests.iter(), |text| program.text(text), &event.seen(slot));
    match slot {
        Slot::Several { first } => event.slots.elements(first).any(|(_, value)| hold(value.value)),
        slot => hold(slot),
    }
}
