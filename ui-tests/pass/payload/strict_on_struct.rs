use triggerfish::prelude::*;

#[derive(Payload)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub kind: String,
}

fn main() {}
