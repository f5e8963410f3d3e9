use triggerfish::prelude::*;

#[http_endpoint(id = "a", dedupe = body(window = "1h"))]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
