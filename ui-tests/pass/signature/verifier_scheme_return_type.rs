use triggerfish::prelude::*;

#[http_endpoint(id = "a")]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
