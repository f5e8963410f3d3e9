use triggerfish::prelude::*;

#[http_endpoint(id = "a", max_body = "5M")]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
