//! Requests as they arrive.

use crate::app::{App, command};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A command that goes on; killed when it is dropped.
struct Following {
    child: Child,
    lines: UnboundedReceiver<String>,
}

impl Following {
    fn start(app: &App, args: &[&str]) -> Self {
        let mut command = command(app.directory(), &[&["requests", "--follow"], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (to, lines) = unbounded_channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| to.send(line)));
        Following { child, lines }
    }

    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(std::time::Duration::from_secs(60), self.lines.recv()).await;
        line.expect("a line").expect("a line before the end")
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_was_comes_first_and_what_comes_follows() {
    let app = App::start().await;
    let before = [app.order(3).await, app.order(4).await];
    let mut following = Following::start(&app, &[]);
    // The oldest first, as a log is read.
    for id in &before {
        let line = following.line().await;
        assert!(line.contains(" 200 filtered   desk  ") && line.contains(id), "{line}");
    }
    let new = app.order(30).await;
    let line = following.line().await;
    assert!(line.contains(" 200 accepted   desk  ") && line.contains(&new), "{line}");
    assert!(line.contains("desk/charge"), "{line}");
}

#[tokio::test]
async fn only_what_is_asked_for_follows_as_json() {
    let app = App::start().await;
    let before = app.order(3).await;
    let mut following = Following::start(&app, &["--json", "--outcome", "filtered", "--endpoint", "desk"]);
    assert!(following.line().await.contains(&before));
    app.order(30).await;
    let after = app.order(5).await;
    let row: serde_json::Value = serde_json::from_str(&following.line().await).unwrap();
    assert_eq!((&row["id"], &row["outcome"]), (&after.into(), &"filtered".into()));
}

#[tokio::test]
async fn the_end_of_the_program_is_told() {
    let mut app = App::start().await;
    let before = app.order(3).await;
    let mut following = Following::start(&app, &[]);
    assert!(following.line().await.contains(&before));
    app.stop();
    assert_eq!(following.lines.recv().await, None);
    let mut error = String::new();
    std::io::Read::read_to_string(&mut following.child.stderr.take().unwrap(), &mut error).unwrap();
    assert!(error.starts_with("error: the program has ended"), "{error}");
    assert!(!following.child.wait().unwrap().success());
}
