use triggerfish::prelude::*;

#[http_endpoint(id = "a")]
fn a() -> bool {
    true
}

fn main() {}
