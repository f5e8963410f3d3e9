use triggerfish::prelude::*;

#[http_endpoint(id = "a", path = "/hooks/{tenant}")]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
