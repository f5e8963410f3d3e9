//! The shapes that the cases are about, with something of every kind.

use super::super::{Field, Payload, Schema, Variant, hash};

pub(super) const fn field(name: &'static str, rust: &'static str, schema: &'static Schema) -> Field {
    Field { rust, ..Field::required(name, schema) }
}

pub(super) const fn optional(name: &'static str, schema: &'static Schema) -> Field {
    Field { may_be_absent: true, ..Field::required(name, schema) }
}

pub(super) const fn variant(name: &'static str, rust: &'static str, schema: &'static Schema) -> Variant {
    Variant { name, aliases: &[], rust, schema, untagged: false, other: false }
}

pub(super) const fn unit(name: &'static str, rust: &'static str) -> Variant {
    variant(name, rust, &Schema::Null)
}

pub(super) const TRIGGER_EVENT: Schema = Schema::Enum {
    name: "TriggerEvent",
    variants: &[
        unit("BOOKING_CREATED", "BookingCreated"),
        Variant { aliases: &["BOOKING_REMOVED"], ..unit("BOOKING_CANCELLED", "BookingCancelled") },
    ],
};

pub(super) const ATTENDEE: Schema = Schema::Struct {
    name: "Attendee",
    fields: &[Field::required("email", &Schema::Str), optional("age", &Schema::Option(u8::SCHEMA))],
    flatten: &[],
};

pub(super) const IN_PERSON: Schema = Schema::Struct {
    name: "Location::InPerson",
    fields: &[Field::required("address", &Schema::Str), Field::required("floor", i8::SCHEMA)],
    flatten: &[],
};
pub(super) const LINK: Schema = Schema::Struct {
    name: "Location::Link",
    fields: &[Field::required("url", &Schema::Str), Field::required("floor", &Schema::Str)],
    flatten: &[],
};
pub(super) const LOCATION_TAG: Field = Field::required(
    "type",
    &Schema::Enum { name: "Location", variants: &[unit("inperson", "InPerson"), unit("link", "Link")] },
);
/// `#[serde(tag = "type")]`
pub(super) const LOCATION: Schema = Schema::Union {
    name: "Location",
    tag: Some(&LOCATION_TAG),
    of: &[variant("inperson", "InPerson", &IN_PERSON), variant("link", "Link", &LINK)],
};

/// `#[serde(tag = "t", content = "c")]`
pub(super) const ADJACENT: Schema = Schema::Union {
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
pub(super) const EXTERNAL: Schema = Schema::Union {
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
pub(super) const NUMBER_OR_TEXT: Schema = Schema::Union {
    name: "NumberOrText",
    tag: None,
    of: &[
        Variant { untagged: true, ..variant("Number", "Number", u32::SCHEMA) },
        Variant { untagged: true, ..variant("Text", "Text", &TRIGGER_EVENT) },
    ],
};

pub(super) const COMMENT: Schema = Schema::Recursive {
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

pub(super) const PAYLOAD: Schema = Schema::Struct {
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
        Field { aliases: &["loc"], alias_hashes: &[hash("loc")], ..field("where", "place", &Schema::Str) },
    ],
    flatten: &[&MORE],
};

pub(super) const MORE: Schema =
    Schema::Struct { name: "More", fields: &[Field::required("createdAt", &Schema::Str)], flatten: &[] };
