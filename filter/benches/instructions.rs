//! Evaluates events under an instruction counter: `instructions <booking|push> <eq|mix> <filters> <events>`.
//! The difference between two numbers of events is what events cost. With `skip` in place of a family they are
//! only skipped, by `serde_json`; with `mentioned` they hold nothing but what the mixed filters mention.

#![allow(clippy::expect_used, reason = "without its data there is nothing to measure")]

mod families;

use std::hint::black_box;

use families::{Event, Family};
use serde::de::IgnoredAny;
use triggerfish_filter::Parts;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [event, family, filters, events] = &arguments[..] else {
        return;
    };
    let event = if event == "push" { Event::Push } else { Event::Booking };
    let events: usize = events.parse().expect("a number of events");
    let body = if family == "mentioned" { event.mentioned() } else { event.body() };
    if family == "skip" {
        for _ in 0..events {
            black_box(serde_json::from_slice::<IgnoredAny>(black_box(body.as_bytes())).is_ok());
        }
        return;
    }
    let family = if family == "eq" { Family::Eq } else { Family::Mix };
    let set = families::set(event, family, filters.parse().expect("a number of filters"));
    let mut scratch = set.scratch();
    for _ in 0..events {
        black_box(set.matches(&Parts::payload(black_box(body.as_bytes())), &mut scratch).indexes);
    }
}
