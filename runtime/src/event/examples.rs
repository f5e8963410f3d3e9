//! Checks the examples of an event against its type, in a test of the user's.

use super::EventType;

/// Panics where an example is not what the event's type reads.
#[track_caller]
#[allow(clippy::panic, reason = "it is the body of a test")]
pub fn check_examples<E: EventType>() {
    let spec = E::SPEC;
    let wrong: Vec<_> = spec
        .examples
        .iter()
        .filter_map(|example| {
            let read = serde_json::from_str::<E::Payload>(example.json);
            let error = match read {
                Ok(_) => return None,
                Err(_) => crate::job::why_not::<E::Payload>("payload", example.json.as_bytes()),
            };
            Some(format!("example \"{}\": {error}", example.id))
        })
        .collect();
    let name = spec.names.first().copied().unwrap_or_default();
    assert!(wrong.is_empty(), "event \"{name}\" ({}):\n  {}", spec.location, wrong.join("\n  "));
}
