use triggerfish::prelude::*;

#[http_endpoint(id = "a", dedupe = boddy)]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
