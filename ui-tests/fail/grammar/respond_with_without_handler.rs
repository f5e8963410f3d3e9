use triggerfish::prelude::*;

#[http_endpoint(id = "a", respond_with(filter = { method: ["GET"] }))]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn main() {}
