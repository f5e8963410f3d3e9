use triggerfish::prelude::*;

#[derive(Payload)]
pub union Bits {
    pub number: u32,
    pub float: f32,
}

fn main() {}
