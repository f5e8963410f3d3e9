//! Starts every example and plays its sender: the shell lines of its head
//! comment are run as they stand there, but for the port.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test fails by them")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

#[test]
fn caldotcom_runs_a_job_for_a_signed_event() {
    play(
        "caldotcom",
        env!("CARGO_BIN_EXE_caldotcom"),
        &["HTTP/1.1 200 OK", r#"{"ok":true,"#],
        &["accepted: runs http-caldotcom", "3000 cents for booking b-1", "run done"],
    );
}

#[test]
fn whatsapp_answers_the_challenge_and_runs_a_job_for_a_message() {
    play(
        "whatsapp",
        env!("CARGO_BIN_EXE_whatsapp"),
        &["1158201444", "HTTP/1.1 200 OK"],
        &["handshake: answered without a run", "message from 447700900000", "run done"],
    );
}

#[test]
fn whatsapp_by_hand_answers_the_challenge_to_who_knows_the_token() {
    play(
        "whatsapp_by_hand",
        env!("CARGO_BIN_EXE_whatsapp_by_hand"),
        &["1158201444", "HTTP/1.1 401 Unauthorized"],
        &["handshake: answered without a run"],
    );
}

#[test]
fn connect_it_takes_its_two_events_and_refuses_the_rest() {
    play(
        "connect_it",
        env!("CARGO_BIN_EXE_connect_it"),
        &[
            r#"{"ok":true,"#,
            r#"{"error":"no job takes this request"}"#,
            "HTTP/1.1 400 Bad Request",
            r#"{"error":"Invalid signature"}"#,
        ],
        &["score of t-1: 87", "transcript of t-2: https://example.com/t-2.txt", "filtered:", "rejected:"],
    );
}

#[test]
fn axum_nested_shares_state_between_its_routes_and_its_jobs() {
    play(
        "axum_nested",
        env!("CARGO_BIN_EXE_axum_nested"),
        &["HTTP/1.1 200 OK", r#"{"ok":true,"#, "#7 It fails"],
        &["run done"],
    );
}

#[test]
fn stripe_price_starts_without_stripe_and_accepts_nothing_that_is_not_signed() {
    play(
        "stripe_price",
        env!("CARGO_BIN_EXE_stripe_price"),
        &["HTTP/1.1 401 Unauthorized"],
        &["is not registered", "external source stripe.webhook", "rejected:"],
    );
}

#[test]
fn events_start_jobs_at_once_later_by_call_and_by_the_clock() {
    play(
        "events",
        env!("CARGO_BIN_EXE_events"),
        &["HTTP/1.1 200 OK", r#"{"ok":true,"#],
        &[
            "mail to ada@example.com: thank you for order 15",
            "mail to grace@example.com: thank you for order 16",
            "order 15 gets a gift",
            "how was order 15?",
            "how was order 16?",
            "tidied up for",
        ],
    );
}

#[test]
fn order_flow_waits_for_an_approval_and_ships() {
    play(
        "order_flow",
        env!("CARGO_BIN_EXE_order_flow"),
        &["HTTP/1.1 200 OK", r#"{"ok":true}"#],
        &[
            "charging 2400 cents",
            "run waits: `approval`",
            "approved by ann",
            "packing cups",
            "o-1 shipped",
            "run done",
        ],
    );
}

#[test]
fn the_readme_shows_the_first_example_as_it_is() {
    let (readme, example) = (include_str!("../../README.md"), include_str!("../src/bin/caldotcom.rs"));
    let program: Vec<_> = example.lines().skip_while(|line| line.starts_with("//!")).collect();
    assert!(readme.contains(program.join("\n").trim()), "copy the program of caldotcom.rs into README.md");
}

/// Runs `program` and the lines of its head comment; all texts must turn up in
/// what the sender is told, and in what the program logs.
fn play(example: &str, program: &str, told: &[&str], logged: &[&str]) {
    if let Some(tool) = ["bash", "curl", "openssl"].into_iter().find(|tool| !is_there(tool)) {
        println!("skipped: without {tool} nobody can play the sender");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let variables = std::env::vars().filter(|(name, _)| matches!(name.as_str(), "PATH" | "SystemRoot"));
    let command = Command::new(program)
        .current_dir(&folder)
        .env_clear()
        .envs(variables)
        .env("PORT", "0")
        .stdout(Stdio::piped())
        .spawn();
    let mut running = Running(command.unwrap());
    let log = lines(&mut running.0);
    let mut seen = String::new();
    wait(&log, &mut seen, "http://");
    let port = seen.rsplit_once("http://127.0.0.1:").expect(&seen).1;
    let port: String = port.chars().take_while(char::is_ascii_digit).collect();

    let script = head_comment(example).replace("localhost:3000", &format!("127.0.0.1:{port}"));
    let sender = Command::new("bash").args(["-euc", &script]).current_dir(&folder).output().unwrap();
    let answers = String::from_utf8_lossy(&sender.stdout);
    assert!(sender.status.success(), "{script}\n{answers}\n{}", String::from_utf8_lossy(&sender.stderr));
    for text in told {
        assert!(answers.contains(text), "{text:?} is not in what the sender was told:\n{answers}\n{seen}");
    }
    for text in logged {
        wait(&log, &mut seen, text);
    }
}

fn is_there(tool: &str) -> bool {
    let asked = Command::new(tool).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok()
}

/// The shell lines in the head comment of an example, without the one that starts it.
fn head_comment(example: &str) -> String {
    let source = format!("{}/src/bin/{example}.rs", env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(source).unwrap();
    let comment = source.lines().map_while(|line| line.strip_prefix("//!"));
    let block =
        comment.map(|line| line.strip_prefix(' ').unwrap_or(line)).skip_while(|line| *line != "```sh");
    let commands = block.skip(1).take_while(|line| *line != "```");
    let start = format!("cargo run -p triggerfish-examples --bin {example}");
    let (starts, others): (Vec<_>, Vec<_>) = commands.partition(|line| *line == start);
    assert_eq!(starts.len(), 1, "the head comment says how to start the example: `{start}`");
    others.join("\n")
}

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn lines(child: &mut Child) -> Receiver<String> {
    let (put, take) = channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| put.send(line)));
    take
}

/// Reads the log until `text` has turned up.
fn wait(log: &Receiver<String>, seen: &mut String, text: &str) {
    let end = Instant::now() + Duration::from_secs(30);
    while !seen.contains(text) {
        let left = end.saturating_duration_since(Instant::now());
        let line = log.recv_timeout(left).unwrap_or_else(|_| panic!("{text:?} is not in the log:\n{seen}"));
        seen.push_str(&line);
        seen.push('\n');
    }
}
