//! What is said of the jobs of a whole program, whichever crate each stands in.

use linked::PluginEvent;
use linked::endpoints::plugin;
use serde_json::Value;
use triggerfish::event;
use triggerfish::prelude::*;
use triggerfish::registry::Registry;
use triggerfish::runtime::{Config, Database, Runtime};
use triggerfish::secret::Secret;
use triggerfish::testing::{assert_exhaustive, unhandled};

#[job(id = "used-job", version = "1.0.0", trigger = plugin, on = PluginEvent::Used)]
async fn used_job(_: Json<PluginEvent>) {}

/// It does not run, so it handles nothing.
#[job(id = "removed-job", version = "1.0.0", trigger = plugin, on = PluginEvent::Removed, enabled = false)]
async fn removed_job(_: Json<PluginEvent>) {}

#[http_endpoint(id = "free-endpoint")]
fn free() -> Verifier {
    Verifier::none("a test of what has no type")
}

#[job(id = "free-job", version = "1.0.0", trigger = free, filter = { body: { kind: ["a"] } })]
async fn free_job(_: Json<Value>) {}

#[job(id = "header-job", version = "1.0.0", trigger = free, filter = { headers: { kind: ["a"] } })]
async fn header_job() {}

#[derive(serde::Serialize, serde::Deserialize)]
struct Shapeless {
    kind: String,
}

#[event(name = "shapeless")]
fn on_shapeless(_: &Shapeless) {}

#[job(id = "shapeless-job", version = "1.0.0", trigger = on_shapeless, filter = { kind: ["a"] })]
async fn shapeless_job(Json(it): Json<Shapeless>) {
    drop(it.kind);
}

#[test]
fn a_variant_without_a_job_in_any_crate_is_named() {
    let missing = unhandled::<PluginEvent>(&Registry::collect(), "plugin-endpoint", "type");
    assert_eq!(missing, Ok(vec!["\"removed\"".to_owned()]));
    let panic = std::panic::catch_unwind(|| assert_exhaustive::<PluginEvent>("plugin-endpoint", "type"));
    let text = panic.expect_err("a variant has no job").downcast::<String>().expect("a text");
    assert_eq!(*text, "no job of endpoint \"plugin-endpoint\" runs for type \"removed\"");
}

#[test]
fn a_job_that_asks_nothing_of_the_key_handles_every_variant() {
    let missing = unhandled::<PluginEvent>(&Registry::collect(), "linked-endpoint", "type");
    assert_eq!(missing, Ok(Vec::new()));
    assert_exhaustive::<PluginEvent>("linked-endpoint", "type");
}

#[test]
fn what_cannot_be_asked_is_told() {
    let registry = Registry::collect();
    let missing = |endpoint, key| unhandled::<PluginEvent>(&registry, endpoint, key);
    assert_eq!(missing("nowhere", "type"), Err("there is no endpoint \"nowhere\"".to_owned()));
    let problem = missing("plugin-endpoint", "owner").expect_err("it is a text");
    assert_eq!(problem, "\"owner\" in `linked::PluginEvent` tells no variants of an enum");
    let all = missing("lonely-endpoint", "type").map(|all| all.join(" "));
    assert_eq!(all.as_deref(), Ok("\"installed\" \"used\" \"removed\""));
}

#[tokio::test]
async fn the_table_says_which_filters_no_type_stands_behind() {
    let mut config = Config::default();
    config.database = Database::Memory;
    let builder = Runtime::builder()
        .config(config)
        .secrets(|_: &str| Some(Secret::from("a-secret-of-a-test-of-0123456789")));
    let running = builder.build().expect("it is whole").start().await.expect("it starts");
    let table = running.table("http://localhost").await;
    running.shutdown().await;
    let line = |job: &str| table.lines().find(|line| line.contains(job)).expect("each job is told");
    for job in ["free-job", "shapeless-job"] {
        assert!(line(job).ends_with("  untyped"), "{table}");
    }
    for job in ["used-job", "installed-job", "header-job", "linked-job"] {
        assert!(!line(job).contains("untyped"), "{table}");
    }
}
