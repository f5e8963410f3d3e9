use std::ffi::OsString;
use std::time::Instant;
use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Upload {
    pub name: OsString,
    pub at: Option<Instant>,
}

fn main() {}
