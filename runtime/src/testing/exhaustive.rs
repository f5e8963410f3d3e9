//! Whether the jobs of an endpoint, from all crates of the program, leave no variant of its payload out.

use crate::payload::{Payload, Variant, admits, variants_at};
use crate::registry::Registry;
use triggerfish_filter::Pattern;

/// Asserts that each variant of an enum has a job, among the jobs of all crates that are linked in.
///
/// `endpoint` is the endpoint's id, `key` the key in the payload `T` that tells the variant, with dots between the
/// levels: the tag of an enum with data, or a field that is an enum of strings. A job whose filter says nothing of
/// the key handles all variants. Inside of one crate `handles_all!` says the same while it is compiled.
///
/// ```
/// # use triggerfish::prelude::*;
/// # #[http_endpoint(id = "plugin")]
/// # fn plugin() -> Verifier { Verifier::none("an example") }
/// # #[derive(serde::Deserialize, Payload)]
/// # #[serde(tag = "type")]
/// # enum PluginEvent { Test { id: String } }
/// # #[job(id = "test", version = "1.0.0", trigger = plugin, on = PluginEvent::Test)]
/// # async fn on_test(Json(event): Json<PluginEvent>) {}
/// #[test]
/// fn each_event_has_a_job() {
///     triggerfish::testing::assert_exhaustive::<PluginEvent>("plugin", "type");
/// }
/// # fn main() {}
/// ```
///
/// # Panics
///
/// A variant has no job; there is no such endpoint; the key tells no variants.
#[allow(clippy::test_attr_in_doctest, reason = "it shows what a user writes into a test")]
#[track_caller]
pub fn assert_exhaustive<T: Payload>(endpoint: &str, key: &str) {
    match unhandled::<T>(&Registry::collect(), endpoint, key) {
        Ok(missing) if missing.is_empty() => {}
        Ok(missing) => panic!("no job of endpoint {endpoint:?} runs for {key} {}", missing.join(", ")),
        Err(problem) => panic!("{problem}"),
    }
}

/// The variants that no job of an endpoint runs for, as [`assert_exhaustive`] finds them.
///
/// # Errors
///
/// There is no such endpoint; the key tells no variants.
pub fn unhandled<T: Payload>(registry: &Registry, endpoint: &str, key: &str) -> Result<Vec<String>, String> {
    let spec = registry.endpoints().iter().find(|spec| spec.id == endpoint);
    let spec = spec.ok_or_else(|| format!("there is no endpoint {endpoint:?}"))?;
    let keys: Vec<_> = key.split('.').collect();
    let variants = variants_at(T::SCHEMA, &keys)
        .ok_or_else(|| format!("{key:?} in `{}` tells no variants of an enum", std::any::type_name::<T>()))?;
    let filters: Vec<_> = registry.jobs_of(spec).filter(|job| job.enabled).map(|job| job.filter).collect();
    let is_handled = |variant: &Variant| {
        let names = || std::iter::once(&variant.name).chain(variant.aliases);
        names().all(|name| filters.iter().any(|filter| takes(filter.as_ref(), &keys, name)))
    };
    let named = variants.iter().filter(|variant| !variant.other && !variant.untagged);
    Ok(named.filter(|variant| !is_handled(variant)).map(|variant| format!("{:?}", variant.name)).collect())
}

/// Whether a filter lets a value of this name pass at `body` and the keys below.
fn takes(filter: Option<&Pattern<'static>>, keys: &[&str], name: &str) -> bool {
    let Some(mut at) = filter else { return true };
    for key in std::iter::once(&"body").chain(keys) {
        let Pattern::Object(fields) = at else { return false };
        match fields.iter().find(|(known, _)| known == key) {
            Some((_, below)) => at = below,
            None => return true,
        }
    }
    match at {
        Pattern::Object(_) => false,
        Pattern::List(tests) => admits(tests, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Field, Schema};
    use triggerfish_filter::{Scalar, Test};

    struct Event;

    const fn variant(name: &'static str) -> Variant {
        Variant { name, aliases: &[], rust: name, schema: &Schema::Null, untagged: false, other: false }
    }

    impl Payload for Event {
        const SCHEMA: &'static Schema = &Schema::Struct {
            name: "Event",
            fields: &[Field::required(
                "kind",
                &Schema::Option(&Schema::Enum { name: "Kind", variants: &[variant("a"), variant("b")] }),
            )],
            flatten: &[],
        };
    }

    #[test]
    fn the_key_leads_to_the_variants() {
        let names = |keys: &[&str]| {
            variants_at(Event::SCHEMA, keys).map(|all| all.iter().map(|v| v.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["kind"]), Some(vec!["a", "b"]));
        assert_eq!(names(&["other"]), None);
        assert_eq!(names(&["kind", "a"]), None);
    }

    #[test]
    fn a_filter_takes_what_its_list_admits() {
        const LIST: Pattern<'static> = Pattern::List(&[Test::Literal(Scalar::Str("a"))]);
        const FILTER: Pattern<'static> = Pattern::Object(&[("body", Pattern::Object(&[("kind", LIST)]))]);
        assert!(takes(Some(&FILTER), &["kind"], "a"));
        assert!(!takes(Some(&FILTER), &["kind"], "b"));
        assert!(takes(Some(&FILTER), &["other"], "b"));
        assert!(takes(None, &["kind"], "b"));
    }

    #[test]
    fn an_endpoint_that_is_not_there_is_told() {
        let problem = unhandled::<Event>(&Registry::default(), "nowhere", "kind");
        assert_eq!(problem, Err("there is no endpoint \"nowhere\"".to_owned()));
    }
}
