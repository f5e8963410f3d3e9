//! A program that runs, and the command line beside it.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use triggerfish::config::{Config, Database, Durability};
use triggerfish::dashboard::Dashboard;
use triggerfish::event::Properties;
use triggerfish::prelude::*;
use triggerfish::runtime::{self, Runtime};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

#[http_endpoint(id = "desk", title = "The desk", source = "desk.example")]
fn desk() -> Verifier {
    Verifier::hmac_sha256().header("X-Desk-Signature").secret(env("DESK_SECRET"))
}

/// Whether charges are declined.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bank(Arc<AtomicBool>);

impl Bank {
    pub(crate) fn decline(&self, declines: bool) {
        self.0.store(declines, Ordering::SeqCst);
    }
}

#[derive(Serialize, Deserialize)]
struct Order {
    amount: u32,
}

#[event(
    name = "ordered",
    source = "desk.example",
    example(id = "large", name = "Large", json = r#"{ "amount": 500 }"#),
    example(id = "small", name = "Small", json = r#"{ "amount": 5 }"#)
)]
fn on_ordered(order: &Order) -> Properties {
    Properties::new().text("Amount", order.amount)
}

#[job(
    id = "desk/charge",
    version = "1.0.0",
    trigger = desk,
    filter = { body: { amount: [{ $gt: 10 }] } },
    retry(limit = 1),
)]
async fn charge(Json(order): Json<Order>, io: Io, State(bank): State<Bank>) -> Result<()> {
    io.run_task("price", || async { done(order.amount * 100) }).await?;
    io.run_task("charge", || async {
        match bank.0.load(Ordering::SeqCst) {
            true => Err(Error::msg(format!("the charge of {} was declined", order.amount))),
            false => Ok(()),
        }
    })
    .await?;
    Ok(())
}

/// A program that serves, until it is dropped.
pub(crate) struct App {
    pub(crate) bank: Bank,
    directory: TempDir,
    served: JoinHandle<Result<(), runtime::Error>>,
    /// Of its own, so that its end takes everything along that it has begun.
    threads: Option<tokio::runtime::Runtime>,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) ok: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl App {
    pub(crate) async fn start() -> Self {
        App::with(Dashboard::default()).await
    }

    pub(crate) async fn with(dashboard: Dashboard) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.address = ([127, 0, 0, 1], 0).into();
        config.database = Database::Sqlite(directory.path().join("app.db"));
        config.durability = Durability::Normal;
        config.dev = false;
        config.worker_threads = 1;
        let bank = Bank::default();
        let builder = Runtime::builder()
            .config(config)
            .dashboard(dashboard)
            .state(bank.clone())
            .secrets(|_: &'static str| Some(Secret::from("the secret of the desk")));
        let threads = tokio::runtime::Runtime::new().unwrap();
        let served = threads.spawn(async move { builder.build()?.serve().await });
        let app = App { bank, directory, served, threads: Some(threads) };
        let note = app.directory.path().join("app.db.dashboard");
        let noted = || std::fs::read_to_string(&note).is_ok_and(|text| text.ends_with('\n'));
        app.until("the note of the dashboard's URL", async || noted()).await;
        app
    }

    /// The directory of the program.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The URL of its dashboard, with the token.
    pub(crate) fn url(&self) -> String {
        let note = self.directory().join("app.db.dashboard");
        std::fs::read_to_string(note).unwrap().trim().to_owned()
    }

    /// Runs a command in the directory of the program.
    pub(crate) async fn run(&self, args: &[&str]) -> Ran {
        run(self.directory(), args).await
    }

    /// What a command prints that must succeed.
    pub(crate) async fn out(&self, args: &[&str]) -> String {
        let ran = self.run(args).await;
        assert!(ran.ok, "{args:?}: {ran:?}");
        assert_eq!(ran.err, "", "{args:?}");
        ran.out
    }

    /// The JSON values that a command prints, one a line.
    pub(crate) async fn json(&self, args: &[&str]) -> Vec<serde_json::Value> {
        let out = self.out(&[args, &["--json"]].concat()).await;
        out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Sends an order to the desk; the id of the request.
    pub(crate) async fn order(&self, amount: u32) -> String {
        let sent = self.json(&["send", "desk", "--body", &format!(r#"{{"amount":{amount}}}"#)]).await;
        text(&sent[0], "id")
    }

    /// The id of the only run, when it is in a state.
    pub(crate) async fn run_that_is(&self, state: &str) -> String {
        let mut found = None;
        self.until(state, async || {
            found = self.json(&["runs", "--state", state]).await.first().map(|run| text(run, "id"));
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// Asks again and again until it holds.
    pub(crate) async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let begun = Instant::now();
        while !holds().await {
            assert!(!self.served.is_finished(), "the program has ended");
            assert!(begun.elapsed() < PATIENCE, "waited for {PATIENCE:?} and it did not come: {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends the program, as its death would.
    pub(crate) fn stop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The command line in a directory, without the environment of whoever runs the tests.
pub(crate) fn command(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triggerfish"));
    command.args(args).current_dir(directory).stdin(Stdio::null());
    command.env_remove("TRIGGERFISH_DASHBOARD_URL").env_remove("TRIGGERFISH_DASHBOARD_TOKEN");
    command
}

/// Runs a command to its end.
pub(crate) async fn run(directory: &Path, args: &[&str]) -> Ran {
    let mut command = command(directory, args);
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { ok: status.success(), out: text(stdout), err: text(stderr) }
}

/// A text of a JSON object.
pub(crate) fn text(value: &serde_json::Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name} in {value}")).to_owned()
}

/// The lines of a table, each split into its cells where two or more spaces are.
pub(crate) fn cells(table: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        cells.map(str::to_owned).collect()
    };
    table.lines().map(cells).collect()
}
