//! What an editor with rust-analyzer knows of a filter: its keys are completed, found and renamed like fields.
//!
//! Runs where rust-analyzer is installed for the pinned toolchain (`rustup component add rust-analyzer`), and says
//! so where it is not.

mod client;

use client::Client;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The program in the editor. `‸` marks the places that are asked about; it is left out of the file.
const PROGRAM: &str = r#"
use serde::Deserialize;
use triggerfish::prelude::*;

#[derive(Deserialize, Payload)]
#[serde(rename_all = "camelCase")]
pub struct BookingEvent {
    pub trigger_event: String,
    pub payload: Booking,
}

#[derive(Deserialize, Payload)]
pub struct Booking {
    pub length: u32,
    pub title: String,
    #[payload(opaque)]
    pub notes: Notes,
}

#[derive(Deserialize)]
pub struct Notes;

#[http_endpoint(id = "cal.com")]
pub fn caldotcom() -> Verifier {
    Verifier::none("a program in an editor")
}

#[job(id = "a", version = "1.0.0", trigger = ‸caldotcom, filter = { body: { ‸triggerEvent: ["A"], payload: { ‸length: [1] } } })]
pub async fn a(_: Json<BookingEvent>) {}

#[job(id = "b", version = "1.0.0", trigger = caldotcom, filter = { body: { payload: { len‸: [1] } } })]
pub async fn b(_: Json<BookingEvent>) {}

#[job(id = "o", version = "1.0.0", trigger = caldotcom, filter = { body: { payload: { ‸notes: { any: { key: [1] } } } } })]
pub async fn o(_: Json<BookingEvent>) {}

#[job(id = "c", version = "1.0.0", trigger = caldotcom, filter = { body: { payload: { ti‸ } } })]
pub async fn c(_: Json<BookingEvent>) {}
"#;

#[test]
fn keys_and_triggers_are_names_to_the_editor() {
    let Some(mut client) = Client::start(&folder()) else {
        // Past the capture of the test harness: a suite that passes must not hide what it left out.
        let mut out = std::io::stderr();
        let _ = writeln!(
            out,
            "editor: skipped, rust-analyzer is not installed: `rustup component add rust-analyzer`"
        );
        return;
    };
    let (text, marks) = marked();
    let file = folder().join("src/lib.rs");
    client.open(&file, &text);
    let [trigger, key, inner, begun, opaque, half] = marks.as_slice() else { panic!("six marks") };

    let lines = |name: &str| line_of(&text, name);
    assert_eq!(client.definition(&file, *key), [lines("pub trigger_event")], "from a key to its field");
    assert_eq!(client.definition(&file, *inner), [lines("pub length")], "from a key further inside");
    assert_eq!(client.definition(&file, *trigger), [lines("pub fn caldotcom")], "one target of a trigger");

    assert_eq!(
        client.definition(&file, *opaque),
        [lines("pub notes")],
        "also to a field of which nothing is known"
    );
    let wrong: BTreeSet<_> = client.diagnostics(&file).into_iter().collect();
    assert_eq!(wrong, BTreeSet::from([half.0]), "the half-written filter alone is wrong to an editor");

    for (place, key) in [(*begun, "length"), (*half, "title")] {
        let labels = client.completion(&file, place);
        assert!(labels.iter().any(|label| label == key), "the keys of the payload are offered: {labels:?}");
    }

    // The function, and all jobs, the half-written one too.
    let renamed = client.rename(&file, *trigger, "renamed");
    let expected = [lines("pub fn caldotcom"), trigger.0, begun.0, opaque.0, half.0];
    assert_eq!(renamed, expected, "a rename that starts at a trigger is complete");
    client.stop();
}

/// The program's text, and the places of its marks, as line and column.
fn marked() -> (String, Vec<(u32, u32)>) {
    let mut text = String::new();
    let mut marks = Vec::new();
    for (number, line) in PROGRAM.lines().enumerate() {
        let mut column = 0;
        for piece in line.split_inclusive('‸') {
            let kept = piece.trim_end_matches('‸');
            column += kept.chars().count() as u32;
            text.push_str(kept);
            if kept.len() < piece.len() {
                marks.push((number as u32, column));
            }
        }
        text.push('\n');
    }
    (text, marks)
}

fn line_of(text: &str, start: &str) -> u32 {
    let line = text.lines().position(|line| line.trim_start().starts_with(start));
    line.unwrap_or_else(|| panic!("no line starts with {start:?}")) as u32
}

/// A crate of its own with the program, in the folder of what is built.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor");
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let runtime = runtime.canonicalize().expect("the runtime");
    let manifest = format!(
        "[package]\nname = \"editor\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n\
         triggerfish = {{ path = {runtime:?}, default-features = false }}\n"
    );
    fs::create_dir_all(folder.join("src")).expect("a folder");
    fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    fs::copy(runtime.join("../Cargo.lock"), folder.join("Cargo.lock")).expect("the locked versions");
    fs::copy(runtime.join("../rust-toolchain.toml"), folder.join("rust-toolchain.toml"))
        .expect("the toolchain");
    fs::write(folder.join("src/lib.rs"), marked().0).expect("the program");
    folder
}

/// Where a request asks.
fn at(file: &Path, (line, character): (u32, u32)) -> Value {
    json!({ "textDocument": { "uri": uri(file) }, "position": { "line": line, "character": character } })
}

fn uri(file: &Path) -> String {
    format!("file://{}", file.display())
}
