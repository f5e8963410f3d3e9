use triggerfish::prelude::*;

#[http_endpoint(id = "a", path = "/webhooks/acme")]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
