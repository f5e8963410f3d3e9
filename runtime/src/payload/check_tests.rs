//! The texts of all typed mistakes, through the functions that the compiler evaluates.

use super::check::{KEY, OPERAND, WHOLE};
use super::{Checked, Field, Payload, Schema, Variant};
use triggerfish_filter::{Field as FilterField, Filter, Pattern, Root, Scalar, Test, Tree};

const fn field(name: &'static str, rust: &'static str, schema: &'static Schema) -> Field {
    Field { rust, ..Field::required(name, schema) }
}

const fn optional(name: &'static str, schema: &'static Schema) -> Field {
    Field { may_be_absent: true, ..Field::required(name, schema) }
}

const fn variant(name: &'static str, rust: &'static str, schema: &'static Schema) -> Variant {
    Variant { name, aliases: &[], rust, schema, untagged: false, other: false }
}

const fn unit(name: &'static str, rust: &'static str) -> Variant {
    variant(name, rust, &Schema::Null)
}

const TRIGGER_EVENT: Schema = Schema::Enum {
    name: "TriggerEvent",
    variants: &[
        unit("BOOKING_CREATED", "BookingCreated"),
        Variant { aliases: &["BOOKING_REMOVED"], ..unit("BOOKING_CANCELLED", "BookingCancelled") },
    ],
};

const ATTENDEE: Schema = Schema::Struct {
    name: "Attendee",
    fields: &[Field::required("email", &Schema::Str), optional("age", &Schema::Option(u8::SCHEMA))],
    flatten: &[],
};

const IN_PERSON: Schema = Schema::Struct {
    name: "Location::InPerson",
    fields: &[Field::required("address", &Schema::Str), Field::required("floor", i8::SCHEMA)],
    flatten: &[],
};
const LINK: Schema = Schema::Struct {
    name: "Location::Link",
    fields: &[Field::required("url", &Schema::Str), Field::required("floor", &Schema::Str)],
    flatten: &[],
};
const LOCATION_TAG: Field = Field::required(
    "type",
    &Schema::Enum { name: "Location", variants: &[unit("inperson", "InPerson"), unit("link", "Link")] },
);
/// `#[serde(tag = "type")]`
const LOCATION: Schema = Schema::Union {
    name: "Location",
    tag: Some(&LOCATION_TAG),
    of: &[variant("inperson", "InPerson", &IN_PERSON), variant("link", "Link", &LINK)],
};

/// `#[serde(tag = "t", content = "c")]`
const ADJACENT: Schema = Schema::Union {
    name: "Change",
    tag: Some(&Field::required(
        "t",
        &Schema::Enum {
            name: "Change",
            variants: &[unit("count", "Count"), unit("text", "Text"), unit("none", "None")],
        },
    )),
    of: &[
        variant(
            "count",
            "Count",
            &Schema::Struct {
                name: "Change::Count",
                fields: &[Field::required("c", u32::SCHEMA)],
                flatten: &[],
            },
        ),
        variant(
            "text",
            "Text",
            &Schema::Struct {
                name: "Change::Text",
                fields: &[Field::required("c", &Schema::Str)],
                flatten: &[],
            },
        ),
        variant("none", "None", &Schema::Struct { name: "Change::None", fields: &[], flatten: &[] }),
    ],
};

/// Without attributes: the variant is the key, or the string.
const EXTERNAL: Schema = Schema::Union {
    name: "Source",
    tag: None,
    of: &[
        variant(
            "Unknown",
            "Unknown",
            &Schema::Enum { name: "Source", variants: &[unit("Unknown", "Unknown")] },
        ),
        variant(
            "Person",
            "Person",
            &Schema::Struct {
                name: "Source::Person",
                fields: &[Field::required("Person", &ATTENDEE)],
                flatten: &[],
            },
        ),
        variant(
            "Machine",
            "Machine",
            &Schema::Struct {
                name: "Source::Machine",
                fields: &[Field::required("Machine", u64::SCHEMA)],
                flatten: &[],
            },
        ),
    ],
};

/// `#[serde(untagged)]`
const NUMBER_OR_TEXT: Schema = Schema::Union {
    name: "NumberOrText",
    tag: None,
    of: &[
        Variant { untagged: true, ..variant("Number", "Number", u32::SCHEMA) },
        Variant { untagged: true, ..variant("Text", "Text", &TRIGGER_EVENT) },
    ],
};

const COMMENT: Schema = Schema::Recursive {
    id: 7,
    schema: &Schema::Struct {
        name: "Comment",
        fields: &[
            Field::required("text", &Schema::Str),
            Field::required("replies", &Schema::Seq(&Schema::SelfRef(7))),
        ],
        flatten: &[],
    },
};

const PAYLOAD: Schema = Schema::Struct {
    name: "Booking",
    fields: &[
        field("triggerEvent", "trigger_event", &TRIGGER_EVENT),
        Field::required("length", u32::SCHEMA),
        Field::required("version", u8::SCHEMA),
        Field::required("delta", i64::SCHEMA),
        Field::required("huge", i128::SCHEMA),
        Field::required("price", f64::SCHEMA),
        Field::required("title", &Schema::Str),
        Field::required("paid", &Schema::Bool),
        Field::required("tags", &Schema::Seq(&Schema::Str)),
        Field::required("sizes", &Schema::Seq(u8::SCHEMA)),
        Field::required("matrix", &Schema::Seq(&Schema::Seq(&ATTENDEE))),
        Field::required("attendees", &Schema::Seq(&ATTENDEE)),
        optional("events", &Schema::Option(&Schema::Seq(&TRIGGER_EVENT))),
        optional("note", &Schema::Option(&Schema::Str)),
        Field::required("location", &LOCATION),
        optional("maybe", &Schema::Option(&LOCATION)),
        Field::required("places", &Schema::Map(&LOCATION)),
        Field::required("counts", &Schema::Map(u32::SCHEMA)),
        Field::required("change", &ADJACENT),
        Field::required("source", &EXTERNAL),
        Field::required("either", &NUMBER_OR_TEXT),
        Field::required("metadata", &Schema::Any),
        Field::required("comment", &COMMENT),
        Field::required("pair", &Schema::Tuple { items: &[u8::SCHEMA, &ATTENDEE], least: 2 }),
        Field::required("nothing", &Schema::Null),
        Field { skipped: true, ..field("cache", "cache", &Schema::Any) },
        Field {
            aliases: &["loc"],
            alias_hashes: &[super::hash("loc")],
            ..field("where", "place", &Schema::Str)
        },
    ],
    flatten: &[&MORE],
};

const MORE: Schema =
    Schema::Struct { name: "More", fields: &[Field::required("createdAt", &Schema::Str)], flatten: &[] };

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

fn checked(root: Root, payload: Option<&'static Schema>, text: &str) -> Checked {
    let filter = constant(text);
    let mut hashes = Vec::new();
    hashes_of(filter, &mut hashes);
    Checked { root, payload, filter, hashes: Box::leak(hashes.into_boxed_slice()) }
}

fn hashes_of(pattern: Pattern<'static>, hashes: &mut Vec<u64>) {
    if let Pattern::Object(fields) = pattern {
        for (key, below) in fields {
            hashes.push(super::hash(key));
            hashes_of(*below, hashes);
        }
    }
}

/// Each message, in the order of the values that tell them.
fn told(text: &str) -> Vec<String> {
    let checked = checked(Root::Payload, Some(&PAYLOAD), text);
    let faults = checked.faults::<16>().into_iter().enumerate().filter(|(_, fault)| *fault != 0);
    faults.map(|(value, fault)| checked.explain(value, fault).as_str().to_owned()).collect()
}

/// What each filter says; nothing where it is right.
fn check_all(cases: &[(&str, &[&str])]) {
    let mut wrong = String::new();
    for (filter, messages) in cases {
        let told = told(filter);
        if told != *messages {
            wrong.push_str(&format!("{filter}\n  says     {told:#?}\n  expected {messages:#?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn keys_that_do_not_exist() {
    check_all(&[
        (
            r#"{"lenght": [1]}"#,
            &["no field `lenght` in the payload: `Booking` has no such key\nhelp: did you mean `length`?"],
        ),
        (
            r#"{"trigger_event": ["BOOKING_CREATED"]}"#,
            &[
                "no field `trigger_event` in the payload: `Booking` has no such key\nhelp: in JSON the field `trigger_event` is called `triggerEvent`",
            ],
        ),
        (
            r#"{"place": ["a"]}"#,
            &[
                "no field `place` in the payload: `Booking` has no such key\nhelp: in JSON the field `place` is called `where`",
            ],
        ),
        (
            r#"{"created_at": ["a"]}"#,
            &[
                "no field `created_at` in the payload: `Booking` has no such key\nhelp: did you mean `createdAt`?",
            ],
        ),
        (
            r#"{"zzz": ["a"]}"#,
            &[
                "no field `zzz` in the payload: `Booking` has no such key\nnote: its fields in JSON are `triggerEvent`, `length`, `version`, \
               `delta`, `huge`, `price`, `title`, `paid` and 19 more",
            ],
        ),
        (
            r#"{"attendees": {"mail": ["a"]}}"#,
            &["no field `mail` in the payload: `Attendee` has no such key\nhelp: did you mean `email`?"],
        ),
        (
            r#"{"attendees": {"x": ["a"]}}"#,
            &[
                "no field `x` in the payload: `Attendee` has no such key\nnote: its fields in JSON are `email`, `age`",
            ],
        ),
        (
            r#"{"cache": [1]}"#,
            &["field `cache` of `Booking` is never in the JSON: it is marked `#[serde(skip)]`"],
        ),
        (r#"{"title": {"x": [1]}}"#, &["cannot look up `x`: the value here is a string"]),
        (r#"{"length": {"x": [1]}}"#, &["cannot look up `x`: the value here is a number (`u32`)"]),
        (r#"{"tags": {"x": [1]}}"#, &["cannot look up `x`: the value here is a list, each item a string"]),
        (r#"{"note": {"x": [1]}}"#, &["cannot look up `x`: the value here is a string"]),
        (
            r#"{"matrix": {"email": ["a"]}}"#,
            &[
                "cannot look up `email`: the value here is a list, each item a list, each item an object (`Attendee`)\nnote: a list directly inside a list is not searched",
            ],
        ),
        (r#"{"counts": {"any": {"x": [1]}}}"#, &["cannot look up `x`: the value here is a number (`u32`)"]),
        (
            r#"{"comment": {"replies": {"replies": {"txt": ["a"]}}}}"#,
            &["no field `txt` in the payload: `Comment` has no such key\nhelp: did you mean `text`?"],
        ),
        (r#"{"comment": {"replies": {"replies": {"text": ["a"]}}}}"#, &[]),
        (r#"{"loc": ["a"], "where": ["b"], "createdAt": ["c"], "metadata": {"a": {"b": [1]}}}"#, &[]),
        (r#"{"places": {"home": {"type": ["link"]}}, "pair": {"email": ["a"]}}"#, &[]),
        // One mistake is told once.
        (
            r#"{"lenght": [1, 2], "titel": {"a": [1], "b": [2]}}"#,
            &[
                "no field `lenght` in the payload: `Booking` has no such key\nhelp: did you mean `length`?",
                "no field `titel` in the payload: `Booking` has no such key\nhelp: did you mean `title`?",
            ],
        ),
    ]);
}

#[test]
fn values_of_another_type() {
    check_all(&[
        (
            r#"{"version": ["30"]}"#,
            &[
                "this is a string, but the value is a number (`u8`)\nhelp: write the number without quotes: `30`",
            ],
        ),
        (r#"{"version": ["a"]}"#, &["this is a string, but the value is a number (`u8`)"]),
        (
            r#"{"price": ["1.5"]}"#,
            &[
                "this is a string, but the value is a number (`f64`)\nhelp: write the number without quotes: `1.5`",
            ],
        ),
        (
            r#"{"title": [5]}"#,
            &["this is a number, but the value is a string\nhelp: write it in quotes: `\"5\"`"],
        ),
        (
            r#"{"title": [true]}"#,
            &["this is a boolean, but the value is a string\nhelp: write it in quotes: `\"true\"`"],
        ),
        (
            r#"{"paid": ["true"]}"#,
            &["this is a string, but the value is a boolean\nhelp: write it without quotes: `true`"],
        ),
        (r#"{"paid": [1]}"#, &["this is a number, but the value is a boolean\nhelp: write `true`"]),
        (
            r#"{"paid": [true], "title": ["a"], "price": [1, 1.5], "length": [0, 4294967295], "note": ["x"]}"#,
            &[],
        ),
        (
            r#"{"tags": ["vip"]}"#,
            &[
                "this is a string, but the value is a list, each item a string\nhelp: to ask whether the list holds it, write `{ $includes: .. }`",
            ],
        ),
        (
            r#"{"attendees": ["vip"]}"#,
            &[
                "this is a string, but the value is a list, each item an object (`Attendee`)\nhelp: to look into its items, name a field: `{ email: [..] }`",
            ],
        ),
        (
            r#"{"comment": ["vip"]}"#,
            &[
                "this is a string, but the value is an object (`Comment`)\nhelp: name a field: `{ text: [..] }`",
            ],
        ),
        (
            r#"{"location": ["link"]}"#,
            &[
                "this is a string, but the value is an object (`Location`)\nhelp: name a field: `{ type: [..] }`",
            ],
        ),
        (
            r#"{"counts": [1]}"#,
            &[
                "this is a number, but the value is a map, each value a number (`u32`)\nhelp: name a field: `{ key: [..] }`",
            ],
        ),
        (r#"{"nothing": ["a"]}"#, &["this is a string, but the value is null"]),
        (
            r#"{"note": [1]}"#,
            &["this is a number, but the value is a string\nhelp: write it in quotes: `\"1\"`"],
        ),
        (r#"{"source": {"Machine": ["a"]}}"#, &["this is a string, but the value is a number (`u64`)"]),
        (r#"{"source": [1]}"#, &["this is a number, but the value is one of the variants of `Source`"]),
    ]);
}

#[test]
fn numbers_that_an_integer_cannot_be() {
    check_all(&[
        (r#"{"version": [256]}"#, &["this value can never match: 256 is out of range for `u8` (0 to 255)"]),
        (r#"{"version": [-1]}"#, &["this value can never match: -1 is out of range for `u8` (0 to 255)"]),
        (
            r#"{"version": [1.5]}"#,
            &["this value can never match: the value is a number (`u8`), which has no fraction"],
        ),
        (r#"{"version": [1e30]}"#, &["this value can never match: it is out of range for `u8` (0 to 255)"]),
        (r#"{"version": [2.0, 255]}"#, &[]),
        (
            r#"{"delta": [9223372036854775808]}"#,
            &[
                "this value can never match: 9223372036854775808 is out of range for `i64` (-9223372036854775808 to 9223372036854775807)",
            ],
        ),
        (r#"{"huge": [-9223372036854775808, 18446744073709551615]}"#, &[]),
        (
            r#"{"version": [256, 1.5, -1, 7]}"#,
            &[
                "this value can never match: 256 is out of range for `u8` (0 to 255)",
                "this value can never match: the value is a number (`u8`), which has no fraction",
                "this value can never match: -1 is out of range for `u8` (0 to 255)",
            ],
        ),
        (
            r#"{"length": [{"$gt": 4294967295}]}"#,
            &["`$gt` can never match: the value is a `u32`, between 0 and 4294967295"],
        ),
        (
            r#"{"length": [{"$lt": 0}]}"#,
            &["`$lt` can never match: the value is a `u32`, between 0 and 4294967295"],
        ),
        (
            r#"{"length": [{"$lte": -1}]}"#,
            &["`$lte` can never match: the value is a `u32`, between 0 and 4294967295"],
        ),
        (
            r#"{"version": [{"$gte": 255.5}]}"#,
            &["`$gte` can never match: the value is a `u8`, between 0 and 255"],
        ),
        (
            r#"{"version": [{"$between": [256, 300]}]}"#,
            &["`$between` can never match: the value is a `u8`, between 0 and 255"],
        ),
        (
            r#"{"version": [{"$between": [1.2, 1.8]}]}"#,
            &["`$between` can never match: no whole number lies between its bounds, and the value is a `u8`"],
        ),
        (r#"{"version": [{"$between": [-5, 0]}]}"#, &[]),
        (
            r#"{"length": [{"$gt": 4}, {"$lt": 5}]}"#,
            &["`$lt` can never match together with `$gt` before it: no whole number lies between"],
        ),
        (r#"{"price": [{"$gt": 4}, {"$lt": 5}]}"#, &[]),
        // Always true: a guard.
        (r#"{"length": [{"$gte": 0}], "version": [{"$lte": 255}], "delta": [{"$gt": -1.5}]}"#, &[]),
        (r#"{"huge": [{"$gt": 1e300}]}"#, &[]),
    ]);
}

#[test]
fn operators_of_another_type() {
    check_all(&[
        (
            r#"{"length": [{"$startsWith": "1"}]}"#,
            &[
                "`$startsWith` looks at strings, but the value is a number (`u32`)\nhelp: for numbers there are `$gt`, `$gte`, `$lt`, `$lte` and `$between`",
            ],
        ),
        (
            r#"{"title": [{"$gt": 1}]}"#,
            &[
                "`$gt` compares numbers, but the value is a string\nhelp: for strings there are `$startsWith`, `$endsWith` and `$ignoreCaseEquals`",
            ],
        ),
        (r#"{"paid": [{"$lt": 1}]}"#, &["`$lt` compares numbers, but the value is a boolean"]),
        (
            r#"{"tags": [{"$endsWith": "x"}]}"#,
            &[
                "`$endsWith` looks at strings, but the value is a list, each item a string\nhelp: to ask whether the list holds a value, write `{ $includes: .. }`",
            ],
        ),
        (
            r#"{"location": [{"$between": [1, 2]}]}"#,
            &[
                "`$between` compares numbers, but the value is an object (`Location`)\nhelp: name a field: `{ type: [..] }`",
            ],
        ),
        (
            r#"{"title": [{"$includes": "x"}]}"#,
            &[
                "`$includes` looks inside a list, but the value is a string\nhelp: list the values to accept: `[\"x\"]`",
            ],
        ),
        (
            r#"{"sizes": [{"$includes": "5"}]}"#,
            &[
                "`$includes` can never match: this is a string, but an item is a number (`u8`)\nhelp: write the number without quotes: `5`",
            ],
        ),
        (
            r#"{"sizes": [{"$includes": 256}]}"#,
            &["`$includes` can never match: 256 is out of range for `u8` (0 to 255)"],
        ),
        (
            r#"{"events": [{"$includes": "BOOKING_CANCELED"}]}"#,
            &[
                "no variant of `TriggerEvent` is `\"BOOKING_CANCELED\"` in JSON\nhelp: did you mean `\"BOOKING_CANCELLED\"`?",
            ],
        ),
        (
            r#"{"matrix": [{"$includes": "a"}]}"#,
            &[
                "`$includes` can never match: this is a string, but an item is a list, each item an object (`Attendee`)\nhelp: to look into its items, name a field: `{ email: [..] }`",
            ],
        ),
        (
            r#"{"attendees": [{"$includes": "a"}]}"#,
            &[
                "`$includes` can never match: this is a string, but an item is an object (`Attendee`)\nhelp: name a field: `{ email: [..] }`",
            ],
        ),
        (r#"{"pair": [{"$includes": 5}]}"#, &[]),
        (
            r#"{"tags": [{"$includes": "a"}, {"$not": "b"}], "sizes": [{"$not": 3}], "events": [{"$includes": "BOOKING_REMOVED"}]}"#,
            &[],
        ),
        (
            r#"{"tags": [{"$not": 3}]}"#,
            &[
                "`$not` excludes nothing here: this is a number, but the value is a string\nhelp: write it in quotes: `\"3\"`",
            ],
        ),
        (
            r#"{"version": [{"$not": 256}]}"#,
            &["`$not` excludes nothing here: 256 is out of range for `u8` (0 to 255)"],
        ),
        (
            r#"{"location": [{"$not": "x"}]}"#,
            &[
                "`$not` compares strings, numbers and booleans, but the value is an object (`Location`)\nhelp: name a field: `{ type: [..] }`",
            ],
        ),
        (
            r#"{"triggerEvent": [{"$anythingBut": ["BOOKING_CANCELLED", "BOOKING_CREATE"]}]}"#,
            &[
                "no variant of `TriggerEvent` is `\"BOOKING_CREATE\"` in JSON\nhelp: did you mean `\"BOOKING_CREATED\"`?",
            ],
        ),
        (
            r#"{"length": [{"$anythingBut": "a"}]}"#,
            &["`$anythingBut` excludes nothing here: this is a string, but the value is a number (`u32`)"],
        ),
        (
            r#"{"tags": [{"$anythingBut": "a"}]}"#,
            &[
                "`$anythingBut` excludes nothing here: this is a string, but the value is a list, each item a string\nhelp: to ask for lists without it, write `{ $not: .. }`",
            ],
        ),
    ]);
}

#[test]
fn strings_that_no_variant_is() {
    check_all(&[
        (
            r#"{"triggerEvent": ["BOOKING_CANCELED"]}"#,
            &[
                "no variant of `TriggerEvent` is `\"BOOKING_CANCELED\"` in JSON\nhelp: did you mean `\"BOOKING_CANCELLED\"`?",
            ],
        ),
        (
            r#"{"triggerEvent": ["BookingCancelled"]}"#,
            &[
                "no variant of `TriggerEvent` is `\"BookingCancelled\"` in JSON\nhelp: in JSON the variant `BookingCancelled` is `\"BOOKING_CANCELLED\"`",
            ],
        ),
        (
            r#"{"triggerEvent": ["x"]}"#,
            &[
                "no variant of `TriggerEvent` is `\"x\"` in JSON\nnote: the variants are `\"BOOKING_CREATED\"`, `\"BOOKING_CANCELLED\"`",
            ],
        ),
        (
            r#"{"triggerEvent": [5]}"#,
            &[
                "this is a number, but the value is a string, one of `TriggerEvent`\nhelp: write it in quotes: `\"5\"`",
            ],
        ),
        (
            r#"{"triggerEvent": [{"$startsWith": "MEETING"}]}"#,
            &[
                "no variant of `TriggerEvent` starts with `\"MEETING\"` in JSON\nnote: the variants are `\"BOOKING_CREATED\"`, `\"BOOKING_CANCELLED\"`",
            ],
        ),
        (
            r#"{"triggerEvent": [{"$startsWith": "BOOKING"}, {"$endsWith": "ED"}, {"$ignoreCaseEquals": "booking_created"}]}"#,
            &[],
        ),
        (r#"{"triggerEvent": ["BOOKING_REMOVED", "BOOKING_CREATED"]}"#, &[]),
        (
            r#"{"location": {"type": ["in_person"]}}"#,
            &["no variant of `Location` is `\"in_person\"` in JSON\nhelp: did you mean `\"inperson\"`?"],
        ),
        (
            r#"{"either": ["BOOKING_CREATE"]}"#,
            &[
                "no variant of `TriggerEvent` is `\"BOOKING_CREATE\"` in JSON\nhelp: did you mean `\"BOOKING_CREATED\"`?",
            ],
        ),
        (
            r#"{"either": [-5]}"#,
            &["this value can never match: -5 is out of range for `u32` (0 to 4294967295)"],
        ),
        (
            r#"{"either": [true]}"#,
            &["this is a boolean, but the value is one of the variants of `NumberOrText`"],
        ),
        (r#"{"either": [5], "source": ["Unknown"]}"#, &[]),
    ]);
}

#[test]
fn what_is_never_null_and_never_missing() {
    check_all(&[
        (
            r#"{"title": [{"$isNull": true}]}"#,
            &[
                "`$isNull: true` can never match: the value is never null, it is a string\nnote: only what is an `Option<..>` can be null",
            ],
        ),
        (
            r#"{"location": [{"$isNull": true}]}"#,
            &[
                "`$isNull: true` can never match: the value is never null, it is an object (`Location`)\nnote: only what is an `Option<..>` can be null",
            ],
        ),
        (
            r#"{"source": [{"$isNull": true}]}"#,
            &[
                "`$isNull: true` can never match: the value is never null, it is one of the variants of `Source`\nnote: only what is an `Option<..>` can be null",
            ],
        ),
        (
            r#"{"note": [{"$isNull": true}], "maybe": [{"$isNull": true}], "nothing": [{"$isNull": true}], "metadata": [{"$isNull": true}]}"#,
            &[],
        ),
        (r#"{"title": [{"$isNull": false}, {"$exists": true}]}"#, &[]),
        (
            r#"{"length": [{"$exists": false}]}"#,
            &[
                "`$exists: false` can never match: `length` is always there\nnote: a field may be missing if it is an `Option<..>` or has `#[serde(default)]`",
            ],
        ),
        (
            r#"{"attendees": {"email": [{"$exists": false}]}}"#,
            &[
                "`$exists: false` can never match: `email` is always there\nnote: a field may be missing if it is an `Option<..>` or has `#[serde(default)]`",
            ],
        ),
        (
            r#"{"note": [{"$exists": false}], "counts": {"a": [{"$exists": false}]}, "metadata": {"a": [{"$exists": false}]}}"#,
            &[],
        ),
        (r#"{"location": {"url": [{"$exists": false}]}}"#, &[]),
        (r#"{"location": {"type": ["inperson"], "url": [{"$exists": false}]}}"#, &[]),
        (
            r#"{"location": {"type": ["link"], "url": [{"$exists": false}]}}"#,
            &[
                "`$exists: false` can never match: `url` is always there\nnote: a field may be missing if it is an `Option<..>` or has `#[serde(default)]`",
            ],
        ),
        (
            r#"{"location": {"ulr": [{"$exists": false}]}}"#,
            &[
                "no field `ulr` in the payload: no variant of `Location` has such a key\nhelp: did you mean `url`?",
            ],
        ),
    ]);
}

#[test]
fn tags_say_what_may_stand_beside_them() {
    let beside = "no field `url` in the payload: `Location::InPerson` has no such key\nnote: `Location::Link` has it, which `type` rules out here";
    check_all(&[
        (
            r#"{"location": {"adress": ["x"]}}"#,
            &[
                "no field `adress` in the payload: no variant of `Location` has such a key\nhelp: did you mean `address`?",
            ],
        ),
        (r#"{"location": {"type": ["inperson"], "url": ["x"]}}"#, &[beside]),
        (r#"{"location": {"url": ["x"], "type": ["inperson"]}}"#, &[beside]),
        (r#"{"maybe": {"url": ["x"], "type": ["inperson"]}}"#, &[beside]),
        (r#"{"places": {"home": {"url": ["x"], "type": [{"$not": "link"}]}}}"#, &[beside]),
        (
            r#"{"location": {"type": ["inperson"], "adress": ["x"]}}"#,
            &[
                "no field `adress` in the payload: `Location::InPerson` has no such key\nhelp: did you mean `address`?",
            ],
        ),
        (r#"{"location": {"type": ["inperson", "link"], "url": ["x"], "address": ["y"]}}"#, &[]),
        // `floor` is a number for one, a string for the other.
        (r#"{"location": {"floor": [1]}, "maybe": {"floor": ["1"]}}"#, &[]),
        (
            r#"{"location": {"type": ["link"], "floor": [1]}}"#,
            &["this is a number, but the value is a string\nhelp: write it in quotes: `\"1\"`"],
        ),
        (
            r#"{"location": {"floor": [200], "type": [{"$startsWith": "in"}]}}"#,
            &["this value can never match: 200 is out of range for `i8` (-128 to 127)"],
        ),
        (r#"{"location": {"floor": [true]}}"#, &["this is a boolean, but the value is a number (`i8`)"]),
        // The wrong tag is one mistake.
        (
            r#"{"location": {"type": ["lnk"], "url": ["x"]}}"#,
            &["no variant of `Location` is `\"lnk\"` in JSON\nhelp: did you mean `\"link\"`?"],
        ),
        (
            r#"{"change": {"t": ["count"], "c": ["a"]}}"#,
            &["this is a string, but the value is a number (`u32`)"],
        ),
        (r#"{"change": {"c": ["a"], "t": ["text"]}}"#, &[]),
        (
            r#"{"change": {"t": ["none"], "c": [1]}}"#,
            &[
                "no field `c` in the payload: `Change::None` has no such key\nnote: `Change::Count` has it, which `t` rules out here",
            ],
        ),
        (
            r#"{"source": {"Person": {"age": [300]}}}"#,
            &["this value can never match: 300 is out of range for `u8` (0 to 255)"],
        ),
        (
            r#"{"source": {"Preson": {"age": [3]}}}"#,
            &[
                "no field `Preson` in the payload: no variant of `Source` has such a key\nhelp: did you mean `Person`?",
            ],
        ),
    ]);
}

#[test]
fn only_the_body_of_a_request_has_a_type() {
    let filter =
        r#"{"headers": {"lenght": ["1"]}, "body": {"lenght": [1], "length": ["x"]}, "method": ["GET"]}"#;
    let checked = |payload| checked(Root::Request, payload, filter);
    let typed = checked(Some(&PAYLOAD));
    assert_eq!(typed.faults::<4>(), [0, KEY + 1, WHOLE, 0]);
    assert!(typed.explain(1, KEY + 1).as_str().starts_with("no field `lenght`"));
    assert!(typed.explain(2, WHOLE).as_str().starts_with("this is a string"));
    assert_eq!(checked(None).faults::<4>(), [0; 4]);
}

#[test]
fn operands_have_a_place_of_their_own() {
    let faults = |text| checked(Root::Payload, Some(&PAYLOAD), text).faults::<2>();
    assert_eq!(faults(r#"{"sizes": [{"$includes": 256}]}"#), [OPERAND, 0]);
    assert_eq!(faults(r#"{"title": [{"$includes": "a"}]}"#), [WHOLE, 0]);
    assert_eq!(faults(r#"{"version": [{"$gt": 300}]}"#), [WHOLE, 0]);
    assert_eq!(faults(r#"{"version": [{"$anythingBut": [3, 300]}]}"#), [0, OPERAND]);
}
