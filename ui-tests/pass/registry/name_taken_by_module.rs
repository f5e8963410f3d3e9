use triggerfish::prelude::*;

pub mod acme {}

#[http_endpoint(id = "acme", type = Acme)]
fn acme() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
