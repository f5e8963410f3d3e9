use triggerfish::prelude::*;

#[derive(Payload)]
#[payload(as = u32)]
pub union Bits {
    pub number: u32,
    pub float: f32,
}

fn main() {}
