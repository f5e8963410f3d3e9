use triggerfish::prelude::*;

#[http_endpoint(id = "acme")]
pub fn acme() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

#[job(id = "a", version = "1.0.0", trigger = acmee)]
async fn a() {}

fn main() {}
