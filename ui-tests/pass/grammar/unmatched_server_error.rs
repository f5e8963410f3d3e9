use triggerfish::prelude::*;

#[http_endpoint(id = "a", unmatched = 400)]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
