#[http_endpoint(id = "cal.com", source = "cal.com", icon = "caldotcom", payload = BookingEvent)]
/// How Cal.com's requests are verified.
pub(crate) fn caldotcom() -> Verifier {
    Verifier::calcom(env("CALDOTCOM_SECRET"))
}
