use triggerfish::prelude::*;

#[http_endpoint(id = "plain")]
fn plain() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

#[job(id = "a", version = "1.0.0", trigger = plain)]
async fn a() {}

fn main() {}
