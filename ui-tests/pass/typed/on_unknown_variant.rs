use triggerfish::prelude::*;
use ui_tests::{PluginEvent, caldotcom};

#[job(
    id = "a",
    version = "1.0.0",
    trigger = caldotcom,
    on = PluginEvent::TestCompleted,
)]
async fn a(_: Json<PluginEvent>) {}
