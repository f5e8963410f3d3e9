//! What a crate declares is registered as soon as the program names the crate, whatever the linker drops.
//!
//! Run in both profiles: the release profile has fat link-time optimisation, which drops the most.

use linked as _;
use triggerfish::registry::Registry;

#[test]
fn a_crate_that_is_only_named_is_registered_whole() {
    let registry = Registry::collect();
    let endpoints: Vec<_> = registry.endpoints().iter().map(|endpoint| endpoint.id).collect();
    let jobs: Vec<_> = registry.jobs().iter().map(|job| job.id).collect();
    assert_eq!(endpoints, ["linked-endpoint", "lonely-endpoint", "plugin-endpoint"]);
    assert_eq!(jobs, ["installed-job", "linked-job"]);
}

#[test]
fn a_declaration_knows_where_its_attribute_stands() {
    let registry = Registry::collect();
    let job = registry.jobs().iter().find(|job| job.id == "linked-job").expect("it is registered");
    let location = job.location;
    let source = include_str!("../src/lib.rs");
    let line =
        source.lines().position(|line| line.contains("#[job(id = \"linked-job\"")).map(|line| line + 1);
    assert_eq!(Some(location.line as usize), line);
    assert_eq!(location.package, "triggerfish-ui-linked");
    assert!(location.file.ends_with("lib.rs"), "{}", location.file);
}
