use triggerfish::prelude::*;
use ui_tests::{PluginEvent, caldotcom};

#[job(id = "a", version = "1.0.0", trigger = caldotcom, on = PluginEvent::TestCompleted)]
async fn on_test(_: Json<PluginEvent>) {}

#[job(id = "b", version = "1.0.0", trigger = caldotcom, on = PluginEvent::TranscriptCompleted)]
async fn on_transcript(_: Json<PluginEvent>) {}

triggerfish::handles_all!(PluginEvent: on_test);

fn main() {}
