use triggerfish::prelude::*;

#[derive(Payload)]
pub struct Nested<T> {
    pub value: T,
    pub inner: Option<Box<Nested<Vec<T>>>>,
}

fn main() {}
