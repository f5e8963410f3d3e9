//! What the schema says beyond what values can show: names in Rust, what is skipped, what is left open.
#![allow(dead_code, reason = "what is read is not looked at")]

use serde::Deserialize;
use serde_json::json;
use triggerfish::Payload;
use triggerfish::payload::{Field, Fit, Schema, Scope, Variant, fit, hash};

#[derive(Deserialize, Payload)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Event {
    #[serde(alias = "kind", alias = "sort")]
    event_type: String,
    #[serde(skip)]
    cache: Option<NoShape>,
    r#match: Vec<u8>,
    #[serde(default)]
    count: u8,
    maybe: Option<u8>,
}

#[derive(Deserialize)]
struct NoShape;

fn fields_of(schema: &'static Schema) -> &'static [Field] {
    match schema {
        Schema::Struct { fields, .. } => fields,
        other => panic!("{other:?} has no fields"),
    }
}

#[test]
fn a_field_has_its_names() {
    let [event_type, cache, r#match, count, maybe] = fields_of(Event::SCHEMA) else { panic!() };
    assert_eq!((event_type.name, event_type.rust), ("eventType", "event_type"));
    assert_eq!(event_type.aliases, ["kind", "sort"]);
    assert_eq!(event_type.alias_hashes, [hash("kind"), hash("sort")]);
    assert_eq!(event_type.hash, hash("eventType"));
    assert_eq!((r#match.name, r#match.rust), ("match", "match"));
    assert_eq!(
        [event_type, cache, r#match, count, maybe].map(|f| f.skipped),
        [false, true, false, false, false]
    );
    assert!(
        !event_type.may_be_absent && !r#match.may_be_absent && count.may_be_absent && maybe.may_be_absent
    );
}

#[test]
fn an_alias_stands_for_the_name_and_not_beside_it() {
    let twice = r#"{ "kind": "a", "sort": "b", "match": [] }"#;
    let Fit::No(misfit) = fit(Event::SCHEMA, &serde_json::from_str(twice).unwrap()) else { panic!() };
    assert_eq!(misfit.to_string(), "`kind` and `sort` are the same field, given twice");
    assert!(serde_json::from_str::<Event>(twice).is_err());
    let once = json!({ "sort": "a", "match": [] });
    assert_eq!(fit(Event::SCHEMA, &once), Fit::Yes);
    assert!(serde_json::from_value::<Event>(once).is_ok());
}

#[derive(Deserialize, Payload)]
#[serde(tag = "type")]
#[payload(strict)]
enum Closed {
    A {
        a: u8,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize, Payload)]
#[payload(strict)]
enum ClosedNames {
    A,
    B,
    #[serde(untagged)]
    Other(String),
}

#[derive(Deserialize, Payload)]
#[serde(tag = "type")]
enum Open {
    A {
        a: u8,
    },
    #[serde(other)]
    Other,
}

fn names(variants: &[Variant]) -> Vec<&str> {
    variants.iter().map(|variant| variant.name).collect()
}

#[test]
fn strict_leaves_out_what_takes_all_that_no_other_takes() {
    let Schema::Union { tag: Some(Field { schema: Schema::Enum { variants, .. }, .. }), of, .. } =
        Closed::SCHEMA
    else {
        panic!("{:?}", Closed::SCHEMA)
    };
    assert_eq!((names(variants), names(of)), (vec!["A"], vec!["A"]));
    let Schema::Enum { variants, .. } = ClosedNames::SCHEMA else { panic!("{:?}", ClosedNames::SCHEMA) };
    assert_eq!(names(variants), ["A", "B"]);
}

#[test]
fn without_strict_the_tag_is_any_string() {
    let Schema::Union { tag: Some(tag), of, .. } = Open::SCHEMA else { panic!("{:?}", Open::SCHEMA) };
    assert!(matches!(tag.schema, Schema::Str));
    assert_eq!(
        of.iter().map(|variant| (variant.name, variant.other)).collect::<Vec<_>>(),
        [("A", false), ("Other", true)]
    );
}

#[derive(Deserialize, Payload)]
struct Folder {
    name: String,
    inner: Contents<Folder>,
}

/// Contains itself, and here a type that contains itself around it.
#[derive(Deserialize, Payload)]
struct Contents<T> {
    all: Vec<T>,
    more: Option<Box<Contents<T>>>,
}

/// The schema at the end of a path of keys, through lists and options.
fn at(path: &[&str]) -> &'static Schema {
    let mut scope = Scope::new();
    let mut schema = scope.open(Folder::SCHEMA);
    for key in path {
        let field = fields_of(schema).iter().find(|field| field.name == *key).expect("a field");
        schema = scope.open(field.schema);
        while let Schema::Seq(inner) | Schema::Option(inner) = schema {
            schema = scope.open(inner);
        }
    }
    schema
}

#[test]
fn types_that_contain_themselves_are_told_apart() {
    let name = |path: &[&str]| match at(path) {
        Schema::Struct { name, .. } => *name,
        other => panic!("{other:?}"),
    };
    assert_eq!(name(&["inner", "all"]), "Folder");
    assert_eq!(name(&["inner", "more"]), "Contents");
    assert_eq!(name(&["inner", "more", "more", "all"]), "Folder");
    assert_eq!(name(&["inner", "more", "all", "inner", "more"]), "Contents");
    assert!(matches!(at(&["inner", "all", "name"]), Schema::Str));
}

/// Bounds are asked for where the shape is needed, and nowhere else: else this would not compile.
mod bounds {
    use super::{NoShape, Payload};
    use std::collections::{BTreeMap, HashMap, HashSet};
    use std::marker::PhantomData;

    #[derive(Payload)]
    struct Loose<K, M, S> {
        map: HashMap<K, u8, S>,
        sorted: BTreeMap<K, u8>,
        set: HashSet<u8, S>,
        mark: PhantomData<M>,
        #[serde(skip)]
        skipped: Option<M>,
        #[payload(opaque)]
        opaque: Option<K>,
        #[serde(with = "somewhere")]
        custom: Option<S>,
        #[payload(as = String)]
        told: M,
    }

    fn is_payload<T: Payload>() {}

    #[test]
    fn are_only_where_needed() {
        is_payload::<Loose<NoShape, NoShape, NoShape>>();
    }
}
