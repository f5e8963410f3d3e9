use triggerfish::prelude::*;

#[http_endpoint(id = "a")]
async fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
