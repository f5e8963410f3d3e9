//! Filters and an event, both as text: the engine answers as the simple evaluator does, and explains it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use triggerfish_filter::{Filter, FilterSet, Parts, Root};

fuzz_target!(|input: (Vec<&str>, &str)| {
    let (texts, event) = input;
    let Ok(value) = serde_json::from_str::<Value>(event) else { return };
    let filters: Vec<_> =
        texts.iter().filter_map(|text| Filter::from_json_text(text, Root::Payload).ok()).collect();
    let set = FilterSet::build(filters.iter().cloned().map(Some)).expect("they have one root");
    let parts = Parts::payload(event.as_bytes());
    let wanted: Vec<_> = (0..filters.len()).filter(|n| filters[*n].matches_payload(&value)).collect();
    assert_eq!(set.matches(&parts, &mut set.scratch()).indexes, wanted);
    let explainer = set.explainer(&parts);
    for n in 0..filters.len() {
        let why = explainer.explain(n);
        assert_eq!(why.is_none(), wanted.contains(&n));
        assert!(why.is_none_or(|why| why.first_failure().is_some()));
    }
});
