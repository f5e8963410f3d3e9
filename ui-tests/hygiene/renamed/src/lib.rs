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

/// What a plugin sends.
#[derive(Debug, serde::Deserialize, Payload)]
#[serde(tag = "type")]
#[payload(crate = ::hooks)]
pub enum Plugin {
    /// With its owner.
    Installed {
        /// Whose it is.
        owner: String,
    },
}

/// Runs.
#[job(
    id = "on-plugin",
    version = "1.0.0",
    trigger = acme,
    on = Plugin::Installed,
    filter = { body: { owner: [starts_with("a")] } },
    crate = crate::framework::hooks,
)]
pub async fn on_plugin(Json(_plugin): Json<Plugin>) {}

hooks::handles_all!(Plugin: on_plugin);
