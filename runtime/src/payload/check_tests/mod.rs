//! The texts of all typed mistakes, through the functions that the compiler evaluates.

mod shapes;

use super::check::{KEY, OPERAND, WHOLE};
use super::{Checked, Field, Schema, Variant, hash};
use shapes::{IN_PERSON, LINK, LOCATION_TAG, PAYLOAD, variant};
use triggerfish_filter::{Field as FilterField, Filter, Pattern, Root, Scalar, Test, Tree};

/// A filter as the constant data that a macro emits.
fn constant(text: &str) -> Pattern<'static> {
    let filter = Filter::from_json_text(text, Root::Payload).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    object(filter.fields())
}

fn object(fields: &[FilterField]) -> Pattern<'static> {
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let scalar = |scalar: &Scalar<Box<str>>| match scalar {
        Scalar::Str(text) => Scalar::Str(leak(text)),
        Scalar::Num(number) => Scalar::Num(*number),
        Scalar::Bool(bool) => Scalar::Bool(*bool),
    };
    let test = |test: &Test<Box<str>>| match test {
        Test::Literal(value) => Test::Literal(scalar(value)),
        Test::StartsWith(text) => Test::StartsWith(leak(text)),
        Test::EndsWith(text) => Test::EndsWith(leak(text)),
        Test::IgnoreCaseEquals(text) => Test::IgnoreCaseEquals(leak(text)),
        Test::Exists(wanted) => Test::Exists(*wanted),
        Test::IsNull(wanted) => Test::IsNull(*wanted),
        Test::AnythingBut(value) => Test::AnythingBut(scalar(value)),
        Test::Gt(n) => Test::Gt(*n),
        Test::Gte(n) => Test::Gte(*n),
        Test::Lt(n) => Test::Lt(*n),
        Test::Lte(n) => Test::Lte(*n),
        Test::Between(low, high) => Test::Between(*low, *high),
        Test::Includes(value) => Test::Includes(scalar(value)),
        Test::Not(value) => Test::Not(scalar(value)),
    };
    let fields = fields.iter().map(|field| {
        let below = match &field.tree {
            Tree::Object(fields) => object(fields),
            Tree::List(items) => {
                let tests: Vec<_> = items.iter().map(|item| test(&item.test)).collect();
                Pattern::List(Box::leak(tests.into_boxed_slice()))
            }
        };
        (leak(&field.name), below)
    });
    Pattern::Object(Box::leak(fields.collect::<Vec<_>>().into_boxed_slice()))
}

fn leak(schema: Schema) -> &'static Schema {
    Box::leak(Box::new(schema))
}

fn checked(root: Root, payload: Option<&'static Schema>, text: &str) -> Checked {
    let filter = constant(text);
    let mut hashes = Vec::new();
    hashes_of(filter, &mut hashes);
    Checked { root, payload, filter, hashes: Box::leak(hashes.into_boxed_slice()) }
}

fn hashes_of(pattern: Pattern<'static>, hashes: &mut Vec<u64>) {
    if let Pattern::Object(fields) = pattern {
        for (key, below) in fields {
            hashes.push(hash(key));
            hashes_of(*below, hashes);
        }
    }
}

/// Each message, in the order of the values that tell them.
fn told(text: &str) -> Vec<String> {
    let checked = checked(Root::Payload, Some(&PAYLOAD), text);
    let faults = checked.check::<16>().all.into_iter().enumerate().filter(|(_, fault)| *fault != 0);
    faults.map(|(value, fault)| checked.explain(value, fault).as_str().to_owned()).collect()
}

#[test]
fn filters_are_told_as_reviewed() {
    let mut wrong = String::new();
    let mut count = 0;
    for block in blocks(include_str!("cases.txt")) {
        let [filter, expected @ ..] = block.as_slice() else { continue };
        let mut told: Vec<_> = told(filter)
            .iter()
            .flat_map(|message| message.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        if told.is_empty() {
            told.push("fine".to_owned());
        }
        if told != *expected {
            wrong.push_str(&format!("{filter}\n  says     {told:#?}\n  expected {expected:#?}\n"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 126, "{count} cases");
}

/// A filter, and the lines below it.
fn blocks(text: &str) -> Vec<Vec<&str>> {
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    for line in
        text.lines().filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with('#'))
    {
        match (line.strip_prefix("  "), blocks.last_mut()) {
            (Some(said), Some(block)) => block.push(said),
            _ => blocks.push(vec![line]),
        }
    }
    blocks
}

#[test]
fn keys_stand_together_where_the_type_leaves_it_open() {
    const fn tagged(of: &'static [Variant]) -> Schema {
        Schema::Union { name: "Open", tag: Some(&LOCATION_TAG), of }
    }
    const IN: Variant = variant("inperson", "InPerson", &IN_PERSON);
    const ON: Variant = variant("link", "Link", &LINK);
    const REST: Schema = tagged(&[IN, ON]);
    const INNER: Schema = Schema::Struct { name: "Inner", fields: &[], flatten: &[&REST] };
    const ANY: Schema = Schema::Map(&Schema::Any);
    let both = r#"{"address": ["x"], "url": ["y"]}"#;
    let is_refused = |schema: &'static Schema| {
        let checked = checked(Root::Payload, Some(schema), both);
        checked.check::<2>().all != [0; 2]
    };
    assert!(is_refused(&REST));
    // In the same object a flattened map has any key, and a field is beside both.
    for flatten in [&[&REST, &ANY] as &'static [&'static Schema], &[&ANY, &REST]] {
        assert!(!is_refused(leak(Schema::Struct { name: "Flat", fields: &[], flatten })));
    }
    const URL: &[Field] = &[Field::required("url", &Schema::Str)];
    const ADDRESS: &[Field] = &[Field::required("address", &Schema::Str)];
    for (fields, refused) in [(&[] as &'static [Field], true), (URL, false), (ADDRESS, false)] {
        let flat = Schema::Struct { name: "Flat", fields, flatten: &[&REST] };
        assert_eq!(is_refused(leak(flat)), refused);
        assert_eq!(is_refused(leak(Schema::Struct { name: "Outer", fields, flatten: &[&INNER] })), refused);
    }
    // By its shape, or by a name that no other has, a value may have keys of several.
    const UNTAGGED: Variant = Variant { untagged: true, ..variant("", "Other", &Schema::Null) };
    const OTHER: Variant = Variant { other: true, ..variant("", "Other", &Schema::Null) };
    assert!(!is_refused(leak(tagged(&[IN, ON, UNTAGGED]))));
    assert!(!is_refused(leak(tagged(&[IN, ON, OTHER]))));
    // What is one variant's is there through a list too.
    assert!(is_refused(leak(Schema::Seq(&REST))) && is_refused(leak(Schema::Option(&REST))));
}

#[test]
fn only_the_body_of_a_request_has_a_type() {
    let filter =
        r#"{"headers": {"lenght": ["1"]}, "body": {"lenght": [1], "length": ["x"]}, "method": ["GET"]}"#;
    let checked = |payload| checked(Root::Request, payload, filter);
    let typed = checked(Some(&PAYLOAD));
    assert_eq!(typed.check::<4>().all, [0, KEY + 1, WHOLE, 0]);
    assert!(typed.explain(1, KEY + 1).as_str().starts_with("no field `lenght`"));
    assert!(typed.explain(2, WHOLE).as_str().starts_with("this is a string"));
    assert_eq!(checked(None).check::<4>().all, [0; 4]);
}

#[test]
fn operands_have_a_place_of_their_own() {
    let faults = |text| checked(Root::Payload, Some(&PAYLOAD), text).check::<2>().all;
    assert_eq!(faults(r#"{"sizes": [{"$includes": 256}]}"#), [OPERAND, 0]);
    assert_eq!(faults(r#"{"title": [{"$includes": "a"}]}"#), [WHOLE, 0]);
    assert_eq!(faults(r#"{"version": [{"$gt": 300}]}"#), [WHOLE, 0]);
    assert_eq!(faults(r#"{"version": [{"$anythingBut": [3, 300]}]}"#), [0, OPERAND]);
}
