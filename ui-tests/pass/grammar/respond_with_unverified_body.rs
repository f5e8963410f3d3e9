use triggerfish::prelude::*;

#[http_endpoint(id = "a", respond_with(handler = answer, filter = { body: { type: ["ping"] } }, verified = true))]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

async fn answer(_request: &Request, _verify: Verify<'_>) -> Response {
    Response::default()
}

fn main() {}
