use triggerfish::prelude::*;

#[http_endpoint(id = "a")]
fn a() {}

fn main() {}
