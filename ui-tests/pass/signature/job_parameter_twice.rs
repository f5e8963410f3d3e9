use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom)]
async fn a(_io: Io, _state: State<u8>, _other: State<u16>) {}

fn main() {}
