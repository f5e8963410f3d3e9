use triggerfish::prelude::*;

#[source]
fn shop() {}

fn main() {}
