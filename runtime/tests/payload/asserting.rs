//! `testing::assert_payload` says where a sample is wrong.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use triggerfish::Payload;
use triggerfish::testing::assert_payload;

#[derive(Deserialize, Payload)]
#[allow(dead_code, reason = "what is read is not looked at")]
struct Order {
    id: String,
    lines: Vec<Line>,
    paid: Option<bool>,
    kind: Kind,
}

#[derive(Deserialize, Payload)]
#[allow(dead_code, reason = "what is read is not looked at")]
struct Line {
    pieces: u8,
}

#[derive(Deserialize, Payload)]
#[serde(tag = "is", rename_all = "lowercase")]
#[allow(dead_code, reason = "what is read is not looked at")]
enum Kind {
    Gift { to: String },
    Usual,
}

/// What the assertion says.
fn complaint<T: Payload + serde::de::DeserializeOwned>(sample: &str) -> String {
    let panic = std::panic::catch_unwind(|| assert_payload::<T>(sample)).expect_err("the sample is wrong");
    let text = *panic.downcast::<String>().expect("a text");
    // Where in the text is for serde to say.
    let text = text.split(" at line ").next().unwrap_or_default();
    text.replace("payload::asserting::", "")
}

#[test]
fn a_sample_that_fits_passes() {
    assert_payload::<Order>(
        r#"{ "id": "1", "lines": [{ "pieces": 2 }], "kind": { "is": "gift", "to": "you" } }"#,
    );
    assert_payload::<Order>(
        r#"{ "id": "1", "lines": [], "paid": null, "kind": { "is": "usual" }, "more": [] }"#,
    );
}

#[test]
fn a_sample_that_does_not_fit_is_told_with_its_place() {
    for (sample, expected) in [
        (
            r#"{ "id": "1", "lines": [{ "pieces": 2 }, { "pieces": 256 }], "kind": { "is": "usual" } }"#,
            "the sample is no `Order`: `lines[1].pieces`: expected a number from 0 to 255 (`u8`), found 256\n\
             serde says: lines[1].pieces: invalid value: integer `256`, expected u8",
        ),
        (
            r#"{ "lines": [], "kind": { "is": "usual" } }"#,
            "the sample is no `Order`: the key `id` is missing\n\
             serde says: missing field `id`",
        ),
        (
            r#"{ "id": "1", "lines": [], "kind": { "is": "gitf", "to": "you" } }"#,
            "the sample is no `Order`: `kind.is`: \"gitf\" is no variant of `Kind`\n\
             serde says: kind.is: unknown variant `gitf`, expected `gift` or `usual`",
        ),
        (
            r#"{ "id": "1", "lines": [], "kind": { "is": "gift" } }"#,
            "the sample is no `Order`: `kind`: the key `to` is missing\n\
             serde says: kind: missing field `to`",
        ),
        (r#"{ "id": "1", "#, "the sample is not JSON: EOF while parsing a value"),
    ] {
        assert_eq!(complaint::<Order>(sample), expected, "{sample}");
    }
}

/// Reads a string, and says that it reads a number.
#[derive(Payload)]
#[payload(as = u8)]
struct Liar;

impl<'de> Deserialize<'de> for Liar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Liar)
    }
}

/// Reads a number below ten.
#[derive(Deserialize, Payload)]
#[serde(try_from = "u8")]
struct Digit;

impl TryFrom<u8> for Digit {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        (number < 10).then_some(Digit).ok_or("a digit is below ten")
    }
}

#[test]
fn a_type_that_is_read_in_a_way_of_its_own_is_told() {
    assert_eq!(
        complaint::<Liar>(r#""7""#),
        "serde reads the sample as `Liar`, but filters are checked against another shape: expected a number from 0 \
         to 255 (`u8`), found \"7\"\nhelp: where a type is read in a way of its own, say what its JSON is with \
         `#[payload(as = ..)]`, or that it is not known with `#[payload(opaque)]`"
    );
    assert_eq!(complaint::<Digit>("10"), "serde does not read the sample as `Digit`: a digit is below ten");
}
