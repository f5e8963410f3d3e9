//! No acknowledgement before the sync that covers it.
//!
//! To kill the process proves nothing: the page cache outlives it. So a child
//! process acknowledges deliveries under `strace`, and the order of its system
//! calls is read.

use super::Outcome;
use crate::store::Store;
use crate::store::conformance::fixture::delivery;
use crate::store::record::Accepted;
use crate::store::sqlite::{Durability, SqliteConfig, SqliteStore};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const ACCEPTS: usize = 25;
const DURABILITY: &str = "TRIGGERFISH_TEST_DURABILITY";
const FILE: &str = "TRIGGERFISH_TEST_FILE";
const CHILD: &str = "store::sqlite::tests::syncing::the_child_that_is_traced";

#[tokio::test]
#[ignore = "the tests of this file start it under strace"]
async fn the_child_that_is_traced() -> Outcome {
    let (Ok(durability), Ok(path)) = (std::env::var(DURABILITY), std::env::var(FILE)) else { return Ok(()) };
    let durability = if durability == "full" { Durability::Full } else { Durability::Normal };
    let store =
        SqliteStore::open(SqliteConfig { path: Some(path.into()), durability, ..SqliteConfig::default() })?;
    for n in 0..ACCEPTS {
        // One alone, whose sync is the writer's, then some that another thread syncs.
        let together: Vec<_> =
            (0..=n % 4).map(|_| store.accept(delivery().runs(1).body(vec![7; 7000]).build())).collect();
        for accepted in together {
            assert_eq!(accepted.await?, Accepted::Stored);
        }
        // One system call that the trace shows.
        std::io::stderr().write_all(format!("ACK {n}\n").as_bytes())?;
    }
    Ok(())
}

/// The trace of a child, or why there can be none here.
fn trace(durability: &str, folder: &Path) -> Outcome<Result<String, String>> {
    let works = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    match works {
        Err(error) => return Ok(Err(format!("strace cannot be started: {error}"))),
        Ok(status) if !status.success() => return Ok(Err("strace may not trace here".to_owned())),
        Ok(_) => {}
    }
    let output = folder.join("trace");
    let status = Command::new("strace")
        .args(["-f", "-y", "-s", "16", "-e", "trace=write,pwrite64,writev,pwritev,fsync,fdatasync", "-o"])
        .arg(&output)
        .arg(std::env::current_exe()?)
        .args([CHILD, "--exact", "--ignored", "--nocapture"])
        .env(DURABILITY, durability)
        .env(FILE, folder.join("store.db"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        return Err(format!("the child failed: {status}").into());
    }
    Ok(Ok(std::fs::read_to_string(output)?))
}

/// What a line of a trace says, as far as it matters.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    LogWritten,
    LogSynced,
    Acknowledged,
}

/// The events in the order in which the calls ended. A call of one thread may
/// be shown in two lines, with those of other threads between them.
fn events(trace: &str) -> Vec<Event> {
    let mut unfinished = HashMap::new();
    let mut events = Vec::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(char::is_whitespace) else { continue };
        let rest = rest.trim_start();
        let call = if let Some(begun) = rest.strip_suffix("<unfinished ...>") {
            // What is acknowledged is seen as soon as the call begins.
            if begun.contains("ACK ") {
                events.push(Event::Acknowledged);
            } else {
                unfinished.insert(thread, begun.to_owned());
            }
            continue;
        } else if rest.starts_with("<...") {
            let Some(begun) = unfinished.remove(thread) else { continue };
            begun + rest
        } else {
            rest.to_owned()
        };
        let of_log = call.contains("-wal>");
        if call.contains("sync(") && of_log && call.ends_with("= 0") {
            events.push(Event::LogSynced);
        } else if call.contains("write") && of_log {
            events.push(Event::LogWritten);
        } else if call.contains("\"ACK ") {
            events.push(Event::Acknowledged);
        }
    }
    events
}

/// Each acknowledgement comes after writes to the log, and after a sync that
/// comes after the last of them.
fn check(events: &[Event]) -> Result<usize, String> {
    let mut acknowledged = 0;
    let (mut written, mut synced) = (false, false);
    for event in events {
        match event {
            Event::LogWritten => (written, synced) = (true, false),
            Event::LogSynced => synced = true,
            Event::Acknowledged if !written => return Err(format!("{acknowledged}: nothing was written")),
            Event::Acknowledged if !synced => return Err(format!("{acknowledged}: written, but not synced")),
            Event::Acknowledged => {
                acknowledged += 1;
                (written, synced) = (false, false);
            }
        }
    }
    Ok(acknowledged)
}

#[test]
fn no_acknowledgement_precedes_the_sync_that_covers_it() -> Outcome {
    for (durability, holds) in [("full", true), ("normal", false)] {
        let folder = tempfile::tempdir()?;
        let trace = match trace(durability, folder.path())? {
            Ok(trace) => trace,
            Err(reason) => {
                eprintln!("SKIPPED, nothing was proved: {reason}");
                return Ok(());
            }
        };
        let events = events(&trace);
        let acks = events.iter().filter(|event| **event == Event::Acknowledged).count();
        assert_eq!(acks, ACCEPTS, "the trace shows every acknowledgement");
        let checked = check(&events);
        if holds {
            assert_eq!(checked, Ok(ACCEPTS));
        } else {
            assert!(checked.is_err(), "without a sync the check must fail, or it checks nothing");
        }
    }
    Ok(())
}

#[test]
fn the_check_sees_what_is_wrong() {
    use Event::{Acknowledged, LogSynced, LogWritten};
    let rows: [(&[Event], bool); 6] = [
        (&[LogWritten, LogSynced, Acknowledged], true),
        (&[LogWritten, Acknowledged, LogSynced], false),
        (&[LogSynced, LogWritten, Acknowledged], false),
        (&[LogWritten, LogSynced, LogWritten, Acknowledged], false),
        (&[LogWritten, LogSynced, Acknowledged, Acknowledged], false),
        (&[LogSynced, Acknowledged], false),
    ];
    for (events, fine) in rows {
        assert_eq!(check(events).is_ok(), fine, "{events:?}");
    }
}

#[test]
fn a_trace_is_read_in_the_order_in_which_calls_end() {
    use Event::{Acknowledged, LogSynced, LogWritten};
    let trace = "\
7 pwrite64(5</x/store.db-wal>, \"7\"..., 24, 0) = 24
7 fdatasync(5</x/store.db-wal> <unfinished ...>
8 write(2</dev/null>, \"other\", 5) = 5
7 <... fdatasync resumed>) = 0
8 write(2</dev/null>, \"ACK 1\\n\", 6) = 6
7 fdatasync(4</x/store.db>) = 0
7 fdatasync(5</x/store.db-wal>) = -1 EIO (Input/output error)
8 write(2</dev/null>, \"ACK 2\\n\", 6 <unfinished ...>
8 <... write resumed>) = 6
";
    assert_eq!(events(trace), [LogWritten, LogSynced, Acknowledged, Acknowledged]);
}
