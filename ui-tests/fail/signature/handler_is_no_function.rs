use triggerfish::prelude::*;

const ANSWER: &str = "yes";

#[http_endpoint(id = "a", respond_with(handler = ANSWER))]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
