//! What the cases share.

use triggerfish::prelude::*;

/// An endpoint without mistakes.
#[http_endpoint(id = "cal.com")]
pub fn caldotcom() -> Verifier {
    Verifier::calcom(env("CALDOTCOM_SECRET"))
}
