use triggerfish::prelude::*;
use ui_tests::BookingEvent;

#[http_endpoint(
    id = "a",
    payload = BookingEvent,
    respond_with(handler = answer, verified = true, filter = { body: { trigger: ["PING"] } }),
)]
fn a() -> Verifier {
    Verifier::calcom(env("CALDOTCOM_SECRET"))
}

async fn answer(_: &Request, _: Verify<'_>) -> Response {
    Response::default()
}

fn main() {}
