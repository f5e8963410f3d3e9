use triggerfish::prelude::*;

#[http_endpoint(id = "cal com")]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
