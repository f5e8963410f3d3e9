//! Puts mistakes into the engine, one at a time, and expects the other tests to notice each.
//!
//! Takes minutes: `cargo test --features eval --test faults -- --ignored --nocapture`, for some of them with
//! `TRIGGERFISH_FAULT="part of the name"`. The mistakes are made in a copy of the sources, so there is
//! nothing of them in the crate.

#![allow(clippy::unwrap_used, reason = "what is wrong with a test's own data may stop the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mistake: what goes wrong, in which file, what is there, what to write instead.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    (
        "the first of repeated keys leaves its subtree",
        "read.rs",
        "self.slots.forget(frame, kid, self.trie);",
        "",
    ),
    ("repeated keys inside elements leave theirs", "slots.rs", "if below.contains(&entry.node)", "if false"),
    ("names are not unescaped", "read.rs", "if !name.escaped {", "if true {"),
    ("texts are not unescaped", "read.rs", "if escaped {", "if false {"),
    (
        "surrogate pairs are put together wrongly",
        "scan.rs",
        "((high - 0xD800) << 10)",
        "((high - 0xD800) << 9)",
    ),
    ("null elements count as objects", "verify.rs", "element.value != Slot::Null && ", ""),
    (
        "conditions may be met by different elements",
        "verify.rs",
        "all_hold(program, fields, event, Frame::Element(at))",
        "program.look(fields).count() > 0 && all_hold(program, fields, event, Frame::Element(at)) || all_hold(program, fields, event, frame)",
    ),
    (
        "arrays inside arrays are flattened",
        "read.rs",
        "let Target::Field(frame, node) = target else {",
        "if let Target::Element(..) = target {
            self.scanner.expect(b'[')?;
            if !self.scanner.eat(b']') {
                loop {
                    self.value(target, depth + 1)?;
                    if !self.scanner.more(b']')? { break }
                }
            }
            return Ok(());
        }
        let Target::Field(frame, node) = target else {",
    ),
    (
        "an interval loses its upper end",
        "ranges.rs",
        "if root.high.compare(number).is_ge() {",
        "if root.high.compare(number).is_gt() {",
    ),
    (
        "an interval loses its lower end",
        "ranges.rs",
        "if root.low.compare(number).is_le() {",
        "if root.low.compare(number).is_lt() {",
    ),
    (
        "the search for intervals stops too early",
        "ranges.rs",
        "if root.highest.compare(number).is_lt() {",
        "if root.high.compare(number).is_lt() {",
    ),
    (
        "only one interval of a list is kept",
        "pivot.rs",
        "if high < highest { high } else { highest }",
        "if high < highest { highest } else { low }",
    ),
    (
        "only the first literal is indexed",
        "pivot.rs",
        "Some(key @ Key::Equal(_)) => any_of.push(key),",
        "Some(key @ Key::Equal(_)) => if any_of.is_empty() { any_of.push(key) },",
    ),
    (
        "texts are looked up without folding",
        "index.rs",
        "folded.extend(fold::text(text));",
        "folded.push_str(text);",
    ),
    (
        "suffixes are taken from the start",
        "index.rs",
        "text.get(text.len().checked_sub(*length)?..)",
        "text.get(..*length)",
    ),
    (
        "the longest prefix is forgotten",
        "index.rs",
        "kinds.prefixes.iter().filter_map",
        "kinds.prefixes.iter().skip(1).filter_map",
    ),
    ("filters that only exclude are forgotten", "set.rs", "None => self.always.push(at),", "None => {}"),
    (
        "values inside elements bring nothing up",
        "set.rs",
        ".chain(slots.entries.iter().map(|entry| (entry.node, entry.slot)))",
        "",
    ),
    ("elements bring nothing up", "index.rs", "look_up(true, Key::Includes(scalar));", ""),
    (
        "`$not` forgets arrays",
        "index.rs",
        "!matches!(seen, Seen::Null | Seen::Object)",
        "!matches!(seen, Seen::Null | Seen::Object | Seen::Array(_))",
    ),
    (
        "null does not exist",
        "index.rs",
        "look_up(kinds.present, Key::Present);",
        "look_up(kinds.present && !matches!(seen, Seen::Null), Key::Present);",
    ),
    (
        "only the last value of a parameter counts",
        "read.rs",
        "Slot::Several { first } => first,",
        "Slot::Several { .. } => END,",
    ),
    ("twins are forgotten", "set.rs", "given = self.given[index as usize].next;", "given = None;"),
    (
        "what the last event had is null in the next",
        "slots.rs",
        "self.event[*node as usize] = Slot::Missing;",
        "self.event[*node as usize] = Slot::Null;",
    ),
    (
        "what the last event had is not looked at in the next",
        "slots.rs",
        "self.is_filled[*node as usize] = false;",
        "",
    ),
    (
        "a filter is verified for one event only",
        "set.rs",
        "*stamp = stamp.checked_add(1)",
        "*stamp = stamp.checked_add(0)",
    ),
    (
        "integers become doubles",
        "program.rs",
        "Num::Int(int) => Number::Int(int.into()),",
        "Num::Int(int) => Number::Float(int as f64),",
    ),
    ("1.0 is not 1", "program.rs", "if fits && number == Number::Int(whole) {", "if false {"),
    (
        "one level too many",
        "scan.rs",
        "pub(super) const DEPTH: u32 = 127;",
        "pub(super) const DEPTH: u32 = 128;",
    ),
    ("numbers may overflow", "scan.rs", "if may_overflow {", "if false {"),
    ("numbers may start with 0", "scan.rs", "if leading_zero && whole > 1 {", "if false {"),
    (
        "control characters pass",
        "scan.rs",
        "let control = word.wrapping_sub(ONES * 0x20);",
        "let control = 0;",
    ),
    ("text may follow the value", "read.rs", "reader.scanner.end()", "Ok(())"),
    ("a broken body keeps what was read", "set.rs", "slots.forget(Frame::Event, node, &self.trie);", ""),
    (
        "an array at the root is searched",
        "read.rs",
        "Target::Root(node) if matches!(slot, Slot::Array { .. }) => {",
        "Target::Root(node) if false => {",
    ),
    (
        "`implies` forgets that bounds may be left out",
        "implied.rs",
        "Test::Gt(bound) => above(|low, bound| low > bound, bound),",
        "Test::Gt(bound) => above(|low, bound| low >= bound, bound),",
    ),
];

#[test]
#[ignore = "builds the crate once for each fault"]
fn every_fault_is_noticed() {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("faults");
    let _ = fs::remove_dir_all(copy.join("filter"));
    let workspace = crate_root.parent().unwrap();
    copy_folder(&crate_root.join("src"), &copy.join("filter/src"));
    copy_folder(&crate_root.join("tests"), &copy.join("filter/tests"));
    copy_folder(&crate_root.join("benches"), &copy.join("filter/benches"));
    copy_folder(&workspace.join("tests/vectors"), &copy.join("tests/vectors"));
    fs::copy(crate_root.join("Cargo.toml"), copy.join("filter/Cargo.toml")).unwrap();
    fs::copy(workspace.join("Cargo.lock"), copy.join("Cargo.lock")).unwrap();
    let manifest = fs::read_to_string(workspace.join("Cargo.toml")).unwrap();
    let members = manifest
        .lines()
        .map(|line| if line.starts_with("members") { "members = [\"filter\"]" } else { line });
    fs::write(copy.join("Cargo.toml"), members.collect::<Vec<_>>().join("\n")).unwrap();

    assert!(passes(&copy), "without a fault the copy must pass");
    let only = std::env::var("TRIGGERFISH_FAULT").ok();
    let mut survivors: Vec<&str> = Vec::new();
    for (name, file, right, wrong) in
        FAULTS.iter().filter(|fault| only.as_ref().is_none_or(|only| fault.0.contains(only)))
    {
        let path = copy.join("filter/src/eval").join(file);
        let source = fs::read_to_string(&path).unwrap();
        assert_eq!(
            source.matches(right).count(),
            1,
            "{name}: {file} has changed; say where the fault is now"
        );
        fs::write(&path, source.replace(right, wrong)).unwrap();
        let survives = passes(&copy);
        println!("{}: {name}", if survives { "SURVIVES" } else { "noticed" });
        survivors.extend(survives.then_some(*name));
        fs::write(&path, source).unwrap();
    }
    assert_eq!(survivors, [""; 0]);
}

/// Whether the faulty crate passes; one that does not compile is not a fault but a mistake in the table.
fn passes(copy: &Path) -> bool {
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(copy).env("CARGO_TARGET_DIR", copy.join("target")).env("RUSTFLAGS", "-Awarnings");
        command.args(["test", "--offline", "--quiet", "-p", "triggerfish-filter", "--features", "eval"]);
        command.args(arguments).output().unwrap()
    };
    let built = cargo(&["--no-run", "--test", "semantics", "--test", "oracle"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    // The quick one first.
    ["semantics", "oracle"].iter().all(|test| cargo(&["--test", test]).status.success())
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
