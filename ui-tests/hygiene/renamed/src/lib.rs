//! The runtime under another name, by a path to the crate and by a path to what re-exports it.

use hooks::prelude::*;
use std::collections::BTreeMap;

/// As a framework of the user's own would re-export it.
pub mod framework {
    pub use ::hooks;
}

/// Signed by Cal.com.
#[http_endpoint(id = "cal.com", crate = ::hooks)]
pub fn caldotcom() -> Verifier {
    Verifier::calcom(env("CALDOTCOM_SECRET"))
}

/// Signed by nobody.
#[http_endpoint(id = "acme", crate = crate::framework::hooks)]
pub async fn acme(_: &Request) -> Verification {
    Verification::rejected("nobody signs here")
}

/// Runs.
#[job(id = "on-cal", version = "1.0.0", trigger = caldotcom, filter = { body: { a: [gt(1)] } }, crate = ::hooks)]
pub async fn on_cal(Json(_numbers): Json<BTreeMap<String, u32>>, _io: Io) -> Result<()> {
    Ok(())
}

/// Runs.
#[job(id = "on-acme", version = "1.0.0", trigger = acme, crate = crate::framework::hooks)]
pub async fn on_acme() {}
