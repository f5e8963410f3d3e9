use triggerfish::prelude::*;

#[http_endpoint(id = "a", max_body = "5MiB")]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
