//! Evaluates events under an instruction counter: `instructions <booking|push> <eq|mix> <filters> <events>`.
//! The difference between two numbers of events is what events cost.

#![allow(clippy::expect_used, reason = "without its data there is nothing to measure")]

mod families;

use std::hint::black_box;

use families::{Event, Family};
use triggerfish_filter::Parts;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [event, family, filters, events] = &arguments[..] else {
        return;
    };
    let event = if event == "push" { Event::Push } else { Event::Booking };
    let family = if family == "mix" { Family::Mix } else { Family::Eq };
    let set = families::set(event, family, filters.parse().expect("a number of filters"));
    let body = event.body();
    let mut scratch = set.scratch();
    for _ in 0..events.parse().expect("a number of events") {
        black_box(set.matches(&Parts::payload(black_box(body.as_bytes())), &mut scratch).indexes);
    }
}
