//! Every mistake in `fail/` is refused with the text beside it; its twin of the same name in `pass/` compiles.
//!
//! `TRYBUILD=overwrite cargo test -p triggerfish-ui-tests` writes the texts, with the pinned compiler only: read
//! each as a user would before accepting it.

/// The corrected twins. They are compiled with this test, which is far cheaper than one program for each.
#[allow(dead_code, clippy::duplicate_mod)]
mod pass {
    include!(concat!(env!("OUT_DIR"), "/pass.rs"));
}

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

const KINDS: [&str; 5] = ["grammar", "payload", "registry", "signature", "typed"];

#[test]
fn every_mistake_has_a_corrected_twin() {
    let (fail, pass) = (sources("fail"), sources("pass"));
    assert_eq!(fail, pass, "every file in `fail/` has a file of the same name in `pass/`, and the reverse");
    assert!(fail.len() >= 150, "{} mistakes", fail.len());
    for case in &fail {
        let same = read("fail", case) == read("pass", case);
        assert!(!same, "`pass/{case}` is not corrected: it is the same as `fail/{case}`");
    }
}

#[test]
fn every_mistake_is_told_as_reviewed() {
    let pinned = pinned();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("the compiler runs");
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    if !version.starts_with(&format!("rustc {pinned} ")) {
        // Past the capture of the test harness: a suite that passes must not hide what it left out.
        let mut out = std::io::stderr();
        let _ = writeln!(out, "ui-tests: skipped, the texts are those of rustc {pinned}; this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("fail/*/*.rs");
}

#[test]
fn twenty_five_mistakes_of_a_file_are_twenty_five_errors_and_nothing_else() {
    let text = read("fail", "typed/twenty_five_mistakes.stderr");
    let first_lines: Vec<_> = text.lines().filter(|line| is_first(line)).collect();
    assert_eq!(first_lines.len(), 25, "{first_lines:#?}");
    assert!(first_lines.iter().all(|line| line.starts_with("error[E0080]: evaluation panicked: ")));
    let places: BTreeSet<_> = text.lines().filter(|line| line.trim_start().starts_with("--> ")).collect();
    assert_eq!(places.len(), 25, "each at its own token: {places:#?}");
}

#[test]
fn the_guide_shows_errors_as_they_are_told() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let guide = fs::read_to_string(root.join("docs/filters.md")).expect("the guide");
    let (_, chapter) = guide.split_once("## When a filter does not compile").expect("the chapter");
    let chapter = chapter.split("\n### ").next().unwrap_or_default();
    let mut told =
        fs::read_to_string(root.join("runtime/src/payload/check_tests/cases.txt")).expect("the texts");
    for case in sources("fail") {
        told.push_str(&read("fail", &case.replace(".rs", ".stderr")));
    }
    let shown: Vec<_> = chapter.lines().filter_map(|line| line.strip_prefix("> ")).collect();
    for line in &shown {
        assert!(told.contains(line), "nothing says {line:?}");
    }
    let errors =
        shown.iter().filter(|line| !line.starts_with("help: ") && !line.starts_with("note: ")).count();
    assert!(errors >= 10, "{errors} errors");
}

/// Whether a line begins an error or a warning.
fn is_first(line: &str) -> bool {
    ["error", "warning"].iter().any(|word| line.starts_with(word))
}

#[test]
fn messages_are_short_and_name_nothing_that_is_private() {
    let mut lengths = Vec::new();
    for case in sources("fail") {
        let text = read("fail", &case.replace(".rs", ".stderr"));
        assert!(!text.contains("__private") && !text.contains("__rt"), "{case}: {text}");
        lengths.push(text.lines().count());
    }
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    assert!(median <= 12, "the median of the lengths is {median} lines");
}

/// The compiler whose texts are kept.
fn pinned() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rust-toolchain.toml");
    let text = fs::read_to_string(file).expect("the toolchain is pinned");
    let line = text.lines().find_map(|line| line.strip_prefix("channel = ")).expect("a channel");
    line.trim_matches('"').to_owned()
}

fn sources(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = BTreeSet::new();
    for kind in KINDS {
        for entry in fs::read_dir(folder.join(kind)).expect("a folder for each kind of mistake") {
            let name = entry.expect("an entry").file_name().into_string().expect("a name");
            if name.ends_with(".rs") {
                found.insert(format!("{kind}/{name}"));
            }
        }
    }
    found
}

fn read(folder: &str, case: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(case);
    fs::read_to_string(file).expect("a case")
}
