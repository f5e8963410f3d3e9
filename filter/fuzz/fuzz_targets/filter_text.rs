//! Any text as a filter: it is read or refused, and every place that a refusal names is in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use triggerfish_filter::{Filter, Parts, Root};

fuzz_target!(|text: &str| {
    for root in [Root::Request, Root::Payload] {
        match Filter::from_json_text(text, root) {
            Ok(filter) => {
                let again = Filter::from_json(&serde_json::from_str(text).expect("it was read as JSON"), root);
                assert_eq!(again.as_ref(), Ok(&filter));
                assert!(filter.implies(&filter));
                _ = filter.matches(&Parts::payload(text.as_bytes()));
            }
            Err(problems) => {
                assert!(!problems.is_empty());
                let tree: Value = serde_json::from_str(text).unwrap_or_default();
                for problem in problems {
                    assert!(!problem.to_string().is_empty());
                    assert!(tree.is_null() || tree.pointer(&problem.at).is_some(), "{}", problem.at);
                }
            }
        }
    }
});
