//! What a command says when it cannot do what it was asked.

use crate::app::{App, run};
use std::net::TcpListener;
use triggerfish::dashboard::Dashboard;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Every command, with what it needs.
const COMMANDS: [&[&str]; 10] = [
    &["endpoints"],
    &["send", "desk"],
    &["requests"],
    &["requests", "--follow"],
    &["runs"],
    &["runs", "01a2002a-b39a-73f2-aadb-fa204791d631"],
    &["complete", "01a2002a-b39a-73f2-aadb-fa204791d631", "paid"],
    &["replay", "--since", "1h"],
    &["retry", "--since", "1h"],
    &["problems"],
];

#[tokio::test]
async fn no_program_listens() {
    let directory = tempfile::tempdir().unwrap();
    // A port that was free a moment ago.
    let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let url = format!("http://{address}/_triggerfish?token={TOKEN}");
    for command in COMMANDS {
        let ran = run(directory.path(), &[command, &["--url", &url]].concat()).await;
        assert!(!ran.ok && ran.out.is_empty(), "{command:?}: {ran:?}");
        let expected = format!("error: no program listens at http://{address}/_triggerfish: ");
        assert!(ran.err.starts_with(&expected), "{command:?}: {ran:?}");
        assert!(ran.err.contains("start it, or name another with `--url`"), "{command:?}: {ran:?}");
        assert!(!ran.err.contains(TOKEN), "{command:?}: {ran:?}");
    }
}

#[tokio::test]
async fn a_directory_without_a_program_or_with_several() {
    let directory = tempfile::tempdir().unwrap();
    let ran = run(directory.path(), &["runs"]).await;
    let expected =
        "error: no program runs in .: start it there, or say where it is with `--program` or `--url`\n";
    assert_eq!((ran.ok, ran.err.as_str()), (false, expected));
    for name in ["a.db.dashboard", "b.db.dashboard"] {
        std::fs::write(directory.path().join(name), "http://127.0.0.1:1/_triggerfish?token=x\n").unwrap();
    }
    let ran = run(directory.path(), &["runs"]).await;
    assert!(ran.err.starts_with("error: several programs run here: "), "{ran:?}");
    assert!(ran.err.contains("name one with `--program`"), "{ran:?}");
    let ran = run(directory.path(), &["runs", "--program", "a.db"]).await;
    assert!(ran.err.starts_with("error: no program listens at http://127.0.0.1:1/_triggerfish"), "{ran:?}");
}

#[tokio::test]
async fn a_program_is_found_from_elsewhere() {
    let app = App::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let store = app.directory().join("app.db");
    for at in [app.directory(), &store, &app.directory().join("app.db.dashboard")] {
        let ran = run(elsewhere.path(), &["endpoints", "--program", at.to_str().unwrap()]).await;
        assert!(ran.ok && ran.out.contains("desk"), "{ran:?}");
    }
    let url = app.url();
    let (base, token) = url.split_once("?token=").unwrap();
    for args in [vec!["--url", &url], vec!["--url", base, "--token", token]] {
        let ran = run(elsewhere.path(), &[&["endpoints"], args.as_slice()].concat()).await;
        assert!(ran.ok && ran.out.contains("desk"), "{ran:?}");
    }
    let ran = run(elsewhere.path(), &["endpoints", "--url", base]).await;
    assert!(ran.err.starts_with("error: the URL has no token: give it with `--token`"), "{ran:?}");
}

#[tokio::test]
async fn a_wrong_token_lets_nobody_in() {
    let app = App::start().await;
    let url = app.url();
    let (base, _) = url.split_once("?token=").unwrap();
    for command in COMMANDS {
        let ran = app.run(&[command, &["--url", base, "--token", TOKEN]].concat()).await;
        assert!(!ran.ok && ran.out.is_empty(), "{command:?}: {ran:?}");
        assert!(
            ran.err.contains("does not let you in: its token changes with each start"),
            "{command:?}: {ran:?}"
        );
    }
}

#[tokio::test]
async fn who_may_only_look_does_not_act() {
    let app = App::with(Dashboard::default().read_only()).await;
    for command in [&["endpoints"][..], &["requests"], &["runs"], &["problems"]] {
        app.out(command).await;
    }
    for command in [
        &["send", "desk"][..],
        &["replay", "01a2002a-b39a-73f2-aadb-fa204791d631"],
        &["replay", "--since", "1h", "--yes"],
        &["retry", "01a2002a-b39a-73f2-aadb-fa204791d631"],
        &["retry", "--since", "1h", "--yes"],
    ] {
        let ran = app.run(command).await;
        assert!(!ran.ok && ran.err.contains("you may look, and not act"), "{command:?}: {ran:?}");
    }
    assert_eq!(app.json(&["requests"]).await.len(), 0);
}

#[tokio::test]
async fn what_listens_is_no_program_of_ours() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
    });
    let directory = tempfile::tempdir().unwrap();
    let url = format!("http://{address}?token={TOKEN}");
    let ran = run(directory.path(), &["runs", "--url", &url]).await;
    assert!(ran.err.contains("is no dashboard of Triggerfish: it answers 200 OK and no JSON"), "{ran:?}");
}
