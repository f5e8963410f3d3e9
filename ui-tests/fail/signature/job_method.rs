use triggerfish::prelude::*;

pub struct A;

impl A {
    #[job(id = "a", version = "1.0.0", trigger = ui_tests::caldotcom)]
    pub async fn a(&self) {}
}

fn main() {}
