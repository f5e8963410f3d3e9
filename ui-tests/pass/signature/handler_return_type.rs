use triggerfish::prelude::*;

#[http_endpoint(id = "a", respond_with(handler = answer))]
fn a() -> Verifier {
    Verifier::calcom(env("CALDOTCOM_SECRET"))
}

async fn answer(_: &Request, _: Verify<'_>) -> Response {
    Response::default()
}

