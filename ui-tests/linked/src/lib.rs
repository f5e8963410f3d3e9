//! Endpoints and jobs that nothing refers to: each in a module of its own, one of them in a deeper one.

use serde::Deserialize;
use triggerfish::Payload;

/// What a plugin sends.
#[derive(Debug, Deserialize, Payload)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PluginEvent {
    /// Handled here.
    Installed {
        /// Whose it is.
        owner: String,
    },
    /// Handled by the program.
    Used {
        /// How often.
        count: u32,
    },
    /// Handled by nobody, also by its other name.
    #[serde(alias = "uninstalled")]
    Removed {
        /// Whose it was.
        owner: String,
    },
}

pub mod endpoints {
    //! Where requests come in.

    use triggerfish::prelude::*;

    /// One that a job names.
    #[http_endpoint(id = "linked-endpoint")]
    pub fn linked() -> Verifier {
        Verifier::calcom(env("LINKED_SECRET"))
    }

    /// One whose jobs stand in several crates.
    #[http_endpoint(id = "plugin-endpoint", payload = crate::PluginEvent)]
    pub fn plugin() -> Verifier {
        Verifier::none("a test of what is registered")
    }

    /// One that nothing names.
    #[http_endpoint(id = "lonely-endpoint")]
    pub fn lonely() -> Verifier {
        Verifier::calcom(env("LINKED_SECRET"))
    }
}

mod jobs {
    mod deeper {
        use crate::PluginEvent;
        use crate::endpoints::{linked, plugin};
        use triggerfish::prelude::*;

        #[job(id = "installed-job", version = "1.0.0", trigger = plugin, on = PluginEvent::Installed)]
        async fn installed_job(_: Json<PluginEvent>) {}

        #[job(id = "linked-job", version = "1.0.0", trigger = linked)]
        async fn linked_job() {}
    }
}
