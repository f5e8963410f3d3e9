//! The program that is checked: four structs of sixteen fields inside each other, and jobs whose filters have five
//! clauses over them.

use std::fmt::Write;
use std::path::Path;

/// Which of the crates.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// The functions, without attributes.
    Plain,
    /// Jobs whose filters are not checked.
    Unchecked,
    /// Jobs.
    Checked,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Plain => "plain",
            Kind::Unchecked => "unchecked",
            Kind::Checked => "checked",
        }
    }

    pub(crate) fn flags(self) -> &'static str {
        match self {
            Kind::Unchecked => "--cfg triggerfish_unchecked",
            Kind::Plain | Kind::Checked => "",
        }
    }
}

pub(crate) fn manifest(kind: Kind, workspace: &Path) -> String {
    let runtime = workspace.join("runtime");
    format!(
        "[package]\nname = \"check-cost-{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
         triggerfish = {{ path = {runtime:?}, default-features = false }}\n",
        kind.name()
    )
}

pub(crate) fn source(kind: Kind, jobs: usize) -> String {
    let mut text = String::from(
        "#![allow(dead_code)]\nuse serde::Deserialize;\nuse triggerfish::prelude::*;\n\n\
         #[derive(Deserialize, Payload)]\n#[serde(rename_all = \"SCREAMING_SNAKE_CASE\")]\n\
         enum Kind { BookingCreated, BookingMoved, BookingPaid, BookingCancelled }\n",
    );
    for (name, inner) in
        [("Event", "booking: Booking"), ("Booking", "guest: Guest"), ("Guest", "place: Place")]
    {
        structure(&mut text, name, inner);
    }
    structure(&mut text, "Place", "city: String");
    text.push_str(
        "#[http_endpoint(id = \"endpoint\", payload = Event)]\n\
         fn endpoint() -> Verifier { Verifier::none(\"a measurement\") }\n",
    );
    for job in 0..jobs {
        if !matches!(kind, Kind::Plain) {
            // Writing to a string does not fail.
            let _ = write!(
                text,
                "#[job(id = \"job-{job}\", version = \"1.0.0\", trigger = endpoint, filter = {{ body: {{\n\
                     kind: [\"BOOKING_PAID\"], textOne: [\"{job}\"], booking: {{ numberTwo: [{{ $gt: {job} }}],\n\
                     guest: {{ textFour: [{{ $startsWith: \"a\" }}], place: {{ flagOne: [true] }} }} }} }} }})]\n"
            );
        }
        let _ = write!(
            text,
            "async fn job_{job}(Json(event): Json<Event>, io: Io) -> Result<()> {{\n\
                 io.logger().info(\"text\", &event.text_one);\n    Ok(())\n}}\n"
        );
    }
    text
}

fn structure(text: &mut String, name: &str, inner: &str) {
    let _ = write!(
        text,
        "#[derive(Deserialize, Payload)]\n#[serde(rename_all = \"camelCase\")]\nstruct {name} {{ kind: Kind, {inner}"
    );
    for number in ["one", "two", "three", "four"] {
        let _ = write!(text, ", text_{number}: String, number_{number}: u32, flag_{number}: bool");
    }
    text.push_str(", last: Option<String>, list: Vec<String> }\n");
}
