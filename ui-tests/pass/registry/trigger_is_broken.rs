use triggerfish::prelude::*;

#[http_endpoint(id = "acme", source = "acme.com")]
fn acme() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

#[job(id = "a", version = "1.0.0", trigger = acme, filter = { body: { a: [1] } })]
async fn a() {}

fn main() {}
