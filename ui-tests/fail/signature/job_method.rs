use triggerfish::prelude::*;
use ui_tests::caldotcom;

pub struct A;

impl A {
    #[job(id = "a", version = "1.0.0", trigger = caldotcom)]
    pub async fn a(&self) {}
}

fn main() {}
