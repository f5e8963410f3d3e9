//! Puts mistakes into the engine, one at a time, and expects the other tests to notice each.
//!
//! `cargo test --features eval --test faults -- --ignored --nocapture`, for some of them with
//! `TRIGGERFISH_FAULTS="part of the name"`. All are built at once into a copy of the sources, where a variable
//! says which of them is made, so there is nothing of them in the crate.

#![allow(clippy::unwrap_used, reason = "what is wrong with a test's own data may stop the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// A mistake: what goes wrong, in which file, what is there, what is done instead. The last two are expressions
/// of one type, or statements; where that does not do, the last one is all of the new text, and `FAULT` in it
/// is whether the mistake is made.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    (
        "the first of repeated keys leaves its subtree",
        "read.rs",
        "self.slots.forget(frame, kid, self.trie);",
        "",
    ),
    ("repeated keys inside elements leave theirs", "slots.rs", "below.contains(&entry.node)", "false"),
    ("names are not unescaped", "read.rs", "!name.escaped", "true"),
    ("texts are not unescaped", "read.rs", "string.escaped", "false"),
    (
        "surrogate pairs are put together wrongly",
        "scan.rs",
        "((high - 0xD800) << 10)",
        "((high - 0xD800) << 9)",
    ),
    ("null elements count as objects", "verify.rs", "element.value != Slot::Null", "true"),
    (
        "conditions may be met by different elements",
        "verify.rs",
        "all_hold(program, fields, event, Frame::Element(at))",
        "program.look(fields).count() > 0 && all_hold(program, fields, event, Frame::Element(at)) || all_hold(program, fields, event, frame)",
    ),
    (
        "arrays inside arrays are flattened",
        "read.rs",
        "self.store(target, Slot::Array { first: END });",
        r#"if FAULT && matches!(target, Target::Element(..)) {
                    let mut rest = inside;
                    if let Some(rest) = scan::at_once(rest, b']') { return Ok(rest) }
                    loop {
                        rest = self.value(rest, target, depth + 1)?;
                        match scan::more(rest, b']')? {
                            (after, true) => rest = after,
                            (after, false) => return Ok(after),
                        }
                    }
                }
                self.store(target, Slot::Array { first: END });"#,
    ),
    (
        "an interval loses its upper end",
        "ranges.rs",
        "span.high.compare(number).is_ge()",
        "span.high.compare(number).is_gt()",
    ),
    (
        "an interval loses its lower end",
        "ranges.rs",
        "span.low.compare(number).is_le()",
        "span.low.compare(number).is_lt()",
    ),
    (
        "the search for intervals stops too early",
        "ranges.rs",
        "block.reach.compare(number).is_lt()",
        "block.highest.compare(number).is_lt()",
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
        "any_of.push(key)",
        "if any_of.is_empty() { any_of.push(key) }",
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
        "kinds.prefixes.iter().skip(usize::from(FAULT)).filter_map",
    ),
    ("filters that only exclude are forgotten", "set.rs", "self.always.push(at)", "()"),
    (
        "values inside elements bring nothing up",
        "set.rs",
        "slots.entries.iter()",
        "slots.entries[..0].iter()",
    ),
    (
        "elements bring nothing up",
        "index.rs",
        "Seen::Array(_) if kinds.includes",
        "Seen::Array(_) if kinds.includes && !FAULT",
    ),
    (
        "`$not` forgets arrays",
        "index.rs",
        "!matches!(seen, Seen::Null | Seen::Object)",
        "!matches!(seen, Seen::Null | Seen::Object | Seen::Array(_))",
    ),
    (
        "null does not exist",
        "index.rs",
        "kinds.present {",
        "kinds.present && !(FAULT && matches!(seen, Seen::Null)) {",
    ),
    (
        "only the last value of a parameter counts",
        "read.rs",
        "Slot::Several { first } => first,",
        "Slot::Several { first } if !FAULT => first,",
    ),
    (
        "paths keep the numbers in which they were found",
        "program.rs",
        "numbers[step.node as usize]",
        "step.node",
    ),
    (
        "keys are looked up in a list that is in no order",
        "trie.rs",
        "kids.sort_unstable_by(|a, b| paths[*a as usize].name.cmp(&paths[*b as usize].name));",
        "",
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
    ("a filter is verified for one event only", "set.rs", "stamp.checked_add(1)", "stamp.checked_add(0)"),
    (
        "the last of few filters is forgotten",
        "set.rs",
        "self.distinct.iter().for_each(|filter| self.verify(filter, event, indexes));",
        "self.distinct.iter().skip(usize::from(FAULT)).for_each(|filter| self.verify(filter, event, indexes));",
    ),
    (
        "integers become doubles",
        "program.rs",
        "Num::Int(int) => Number::Int(int.into()),",
        r#"Num::Int(int) if FAULT => Number::Float(int as f64),
            Num::Int(int) => Number::Int(int.into()),"#,
    ),
    (
        "integers are compared as doubles",
        "program.rs",
        "(Num::Int(a), Num::Int(b)) => a.cmp(&b),",
        r#"(Num::Int(a), Num::Int(b)) if FAULT => (a as f64).total_cmp(&(b as f64)),
            (Num::Int(a), Num::Int(b)) => a.cmp(&b),"#,
    ),
    ("1.0 is not 1", "program.rs", "fits && number == Number::Int(whole)", "false"),
    ("one level too many", "scan.rs", "level > DEPTH", "level > DEPTH + 1"),
    ("numbers may overflow", "scan.rs", "double(text)?;", ""),
    ("numbers may start with 0", "scan.rs", r#"whole > 1 && unsigned.starts_with(b"0")"#, "false"),
    ("control characters pass", "scan.rs", "word.wrapping_sub(ONES * 0x20)", "0"),
    ("text may follow the value", "read.rs", "scan::end(rest)", "Ok(())"),
    ("a broken body keeps what was read", "set.rs", "slots.forget(Frame::Event, node, &self.trie);", ""),
    ("an array at the root is searched", "read.rs", "matches!(slot, Slot::Array { .. })", "false"),
    (
        "a reason is sought in the element that satisfies least",
        "matches.rs",
        "elements.min_by_key(|(failing, _)| *failing)",
        "elements.max_by_key(|(failing, _)| *failing)",
    ),
    ("reasons count the clauses of objects wrongly", "matches.rs", "*clause += 1;", ""),
    (
        "`implies` forgets that bounds may be left out",
        "implied.rs",
        "Test::Gt(bound) => above(|low, bound| low > bound, bound),",
        r#"Test::Gt(bound) if FAULT => above(|low, bound| low >= bound, bound),
        Test::Gt(bound) => above(|low, bound| low > bound, bound),"#,
    ),
];

#[test]
#[ignore = "builds a copy of the crate, and runs its tests once for each fault"]
fn every_fault_is_noticed() {
    let copy = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("faults");
    make(&copy);
    let tests = build(&copy);
    assert!(passes(&tests, "none"), "without a fault the copy must pass");

    let only = std::env::var("TRIGGERFISH_FAULTS").ok();
    let chosen = |(_, fault): &(usize, &(&str, &str, &str, &str))| {
        only.as_ref().is_none_or(|only| fault.0.contains(only.as_str()))
    };
    let left = Mutex::new(FAULTS.iter().enumerate().filter(chosen));
    let survivors = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            threads.spawn(|| {
                loop {
                    let next = left.lock().unwrap().next();
                    let Some((number, (name, ..))) = next else { break };
                    let survives = passes(&tests, &number.to_string());
                    println!("{}: {name}", if survives { "SURVIVES" } else { "noticed" });
                    if survives {
                        survivors.lock().unwrap().push(*name);
                    }
                }
            });
        }
    });
    assert_eq!(survivors.into_inner().unwrap(), [""; 0]);
}

/// Copies the crate, with all faults in it.
fn make(copy: &Path) {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = crate_root.parent().unwrap();
    let _ = fs::remove_dir_all(copy.join("filter"));
    copy_folder(&crate_root.join("src"), &copy.join("filter/src"));
    copy_folder(&crate_root.join("tests"), &copy.join("filter/tests"));
    copy_folder(&workspace.join("tests/vectors"), &copy.join("tests/vectors"));
    fs::copy(workspace.join("Cargo.lock"), copy.join("Cargo.lock")).unwrap();

    // Only what the tests need: no benchmarks, and none of their dependencies.
    let manifest = fs::read_to_string(workspace.join("Cargo.toml")).unwrap();
    let (before, members) = manifest.split_once("members = [").unwrap();
    let (_, after) = members.split_once(']').unwrap();
    fs::write(copy.join("Cargo.toml"), format!("{before}members = [\"filter\"]{after}")).unwrap();
    let manifest = fs::read_to_string(crate_root.join("Cargo.toml")).unwrap();
    let (manifest, _) = manifest.split_once("[[bench]]").unwrap();
    let unused = |line: &&str| {
        !["allocation-counter", "divan", "hmac", "sha2"].iter().any(|name| line.starts_with(name))
    };
    let manifest: Vec<_> = manifest.lines().filter(unused).collect();
    fs::write(copy.join("filter/Cargo.toml"), manifest.join("\n")).unwrap();

    let root = copy.join("filter/src/lib.rs");
    let text = fs::read_to_string(&root).unwrap();
    fs::write(root, format!("{text}\nmod fault;\n")).unwrap();
    fs::write(
        copy.join("filter/src/fault.rs"),
        "pub(crate) fn is(number: usize) -> bool {
            static MADE: std::sync::LazyLock<usize> = std::sync::LazyLock::new(|| {
                std::env::var(\"TRIGGERFISH_FAULT\").ok().and_then(|n| n.parse().ok()).unwrap_or(usize::MAX)
            });
            *MADE == number
        }",
    )
    .unwrap();
    for (number, (name, file, right, wrong)) in FAULTS.iter().enumerate() {
        let path = copy.join("filter/src/eval").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(right).count(), 1, "{name}: {file} has changed; say where the fault is now");
        let made = format!("crate::fault::is({number})");
        let both = match () {
            () if wrong.contains("FAULT") => wrong.replace("FAULT", &made),
            () if right.ends_with(';') => format!("if {made} {{ {wrong} }} else {{ {right} }}"),
            () => format!("(if {made} {{ {wrong} }} else {{ {right} }})"),
        };
        fs::write(&path, text.replace(right, &both)).unwrap();
    }
}

/// Builds the tests of the copy, the quick one first.
fn build(copy: &Path) -> Vec<String> {
    let names = ["semantics", "oracle"];
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", copy.join("target"))
        .env("CARGO_PROFILE_TEST_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
        .args(["test", "--offline", "--no-run", "--message-format=json", "-p", "triggerfish-filter"])
        .args(["--features", "eval"])
        .args(names.iter().flat_map(|name| ["--test", name]));
    let built = command.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let messages = String::from_utf8(built.stdout).unwrap();
    let programs =
        messages.lines().filter_map(|line| line.split_once("\"executable\":\"")?.1.split_once('"'));
    let programs: Vec<_> = programs.map(|(program, _)| program.to_owned()).collect();
    let program = |name: &str| programs.iter().find(|program| program.contains(name)).unwrap().clone();
    names.map(program).into()
}

/// Whether the tests pass with a fault.
fn passes(tests: &[String], fault: &str) -> bool {
    tests.iter().all(|test| {
        // From its own folder, because it reads files.
        let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let output = Command::new(test).current_dir(crate_root).env("TRIGGERFISH_FAULT", fault).output();
        output.unwrap().status.success()
    })
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
