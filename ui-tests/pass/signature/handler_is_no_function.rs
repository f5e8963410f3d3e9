use triggerfish::prelude::*;

const ANSWER: &str = "yes";

#[http_endpoint(id = "a", respond_with(handler = answer))]
fn a() -> Verifier {
    Verifier::calcom(env("SECRET"))
}

async fn answer(_: &Request, _: Verify<'_>) -> &'static str {
    ANSWER
}
