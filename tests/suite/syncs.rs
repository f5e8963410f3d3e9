//! No acknowledgement before the sync that covers it, as the kernel saw it.

use crate::harness::{Call, Server};
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use triggerfish::prelude::*;

const REQUESTS: usize = 20;

#[tokio::test]
async fn no_acknowledgement_is_sent_before_its_write_is_synced() {
    let strace = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !strace.is_ok_and(|status| status.success()) {
        println!("SKIPPED: `strace` is not installed, so that the order of writes and syncs cannot be seen");
        return;
    }
    let Some(full) = traced("full").await else {
        println!("SKIPPED: `strace` may not trace here");
        return;
    };
    assert_eq!(check(&full), Ok(REQUESTS));
    // The same check must be able to fail.
    let normal = check(&traced("normal").await.unwrap());
    assert!(normal.is_err(), "without syncs the check still holds: {normal:?}");
    println!(
        "{REQUESTS} requests: each answer after its write and its sync; at `normal`: {}",
        normal.unwrap_err()
    );
}

/// What the server did, while it took some requests one after the other.
async fn traced(durability: &str) -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    let trace = directory.path().join("trace");
    // `-D`: the server is our own child, and the tracer its companion.
    let calls =
        "trace=read,recvfrom,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync,sync_file_range";
    let below = ["strace", "-D", "-f", "-y", "-s", "48", "-e", calls, "-o", "trace"];
    let server = Server::spawn_with(directory.path(), &[("TRIGGERFISH_DURABILITY", durability)], &below);
    let address = server.address()?;
    let verifier = || Verifier::hmac_sha256().header("X-Sig").secret(env("KILL_SECRET"));
    for n in 0..REQUESTS {
        let call = Call::post("/hooks/sync", format!("{{\"n\":{n}}}")).sign(verifier());
        assert_eq!(call.send(address).await.status, 200);
    }
    assert!(server.terminate().success());
    Some(whole(&trace).await)
}

/// The trace, when the tracer has written its end.
async fn whole(trace: &Path) -> String {
    crate::harness::until("the end of the trace", async || {
        let text = std::fs::read_to_string(trace).ok()?;
        let ended = text.lines().last().is_some_and(|line| line.contains("+++ exited"));
        (ended && text.ends_with('\n')).then_some(text)
    })
    .await
}

/// Follows the trace: every answer 200 must come after a write to the
/// write-ahead log since its request, and after a sync that began after that
/// write and has ended. Gives the number of answers.
fn check(trace: &str) -> Result<usize, String> {
    #[derive(Debug, Default)]
    struct Since {
        requested: bool,
        written: bool,
        synced: bool,
    }
    let mut since = Since::default();
    // Calls that another thread's line interrupted, by thread.
    let mut open: HashMap<&str, &str> = HashMap::new();
    let mut answers = 0;
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        let resumed = rest.starts_with("<... ");
        let unfinished = rest.ends_with("<unfinished ...>");
        let begins = (!resumed).then_some(rest);
        let ends = match (resumed, unfinished) {
            (true, _) => open.remove(thread),
            (false, false) => Some(rest),
            (false, true) => None,
        };
        // A request is there when its bytes are: with a resumed call they stand in the resumption.
        if rest.contains("POST /hooks/sync") {
            since = Since { requested: true, ..Since::default() };
        }
        if let Some(call) = begins {
            let writes =
                call.starts_with("write(") || call.starts_with("writev(") || call.starts_with("send");
            if writes && call.contains("HTTP/1.1 200") {
                if !since.requested || !since.written || !since.synced {
                    return Err(format!("answer {} was sent with {since:?}", answers + 1));
                }
                answers += 1;
                since = Since::default();
            }
        }
        if let Some(call) = ends {
            if call.starts_with("pwrite") && call.contains("app.db-wal>") {
                // A write makes what was synced before insufficient.
                since.written = true;
                since.synced = false;
            }
            let syncs = call.starts_with("fsync(") || call.starts_with("fdatasync(");
            since.synced |= syncs && since.written && call.contains("app.db-wal>");
        }
        if unfinished && !resumed {
            open.insert(thread, rest);
        }
    }
    Ok(answers)
}

#[test]
fn the_check_tells_orders_apart() {
    let request = "1 recvfrom(9<TCP:[1]>, \"POST /hooks/sync HTTP\", 8192, 0) = 100\n";
    let write = "2 pwrite64(7</tmp/app.db-wal>, \"x\", 4096, 32) = 4096\n";
    let sync = "2 fdatasync(7</tmp/app.db-wal>) = 0\n";
    let answer = "1 writev(9<TCP:[1]>, [{\"HTTP/1.1 200 OK\"}], 1) = 100\n";
    let began = "2 fdatasync(7</tmp/app.db-wal> <unfinished ...>\n";
    let ended = "2 <... fdatasync resumed>) = 0\n";
    let good = [request, write, sync, answer].concat();
    assert_eq!(check(&good), Ok(1));
    assert_eq!(check(&[request, write, began, ended, answer].concat()), Ok(1));
    for bad in [
        [request, write, answer, sync].concat(),
        [request, sync, write, answer].concat(),
        [request, write, began, answer, ended].concat(),
        [write, sync, request, answer].concat(),
        [&good, request, answer].concat(),
    ] {
        assert!(check(&bad).is_err(), "{bad}");
    }
}
