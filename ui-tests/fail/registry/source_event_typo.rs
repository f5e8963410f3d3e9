use triggerfish::external_source;
use triggerfish::prelude::*;
use triggerfish::source::ExternalSource;
use ui_tests::source_without_a_key;

struct Mine;

#[event(name = "mine", source = "mine.com")]
fn on_mine(_: &String) {}

#[external_source(id = "mine", version = "1.0.0", events = [on_mien])]
impl ExternalSource for Mine {
    source_without_a_key!(());

    fn key((): &()) -> Result<String, String> {
        Ok("key".to_owned())
    }
}

fn main() {}
