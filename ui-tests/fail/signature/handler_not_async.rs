use triggerfish::prelude::*;

#[http_endpoint(id = "a", respond_with(handler = answer))]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

fn answer(_request: &Request, _verify: Verify<'_>) -> Response {
    Response::default()
}

fn main() {}
