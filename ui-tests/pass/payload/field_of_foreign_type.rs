use std::ffi::OsString;
use std::time::Instant;
use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Upload {
    #[payload(opaque)]
    pub name: OsString,
    #[payload(as = String)]
    pub at: Option<Instant>,
}

fn main() {}
