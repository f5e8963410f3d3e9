//! The server of this package as a process of its own.

use super::PUBLIC_URL;
use crate::fakes::stripe::{KEY, Stripe};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A running server. Killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
}

impl Server {
    /// Starts it in a directory, where its store and its file of effects are.
    pub(crate) fn spawn(directory: &Path) -> Self {
        Server::spawn_with(directory, &[], &[])
    }

    /// Starts it with more of an environment, and below another program.
    pub(crate) fn spawn_with(directory: &Path, environment: &[(&str, &str)], below: &[&str]) -> Self {
        Server::spawn_program(env!("CARGO_BIN_EXE_triggerfish-tests-server"), directory, environment, below)
    }

    /// Starts the program that has external sources, with the Stripe that a test runs.
    pub(crate) fn spawn_source(directory: &Path, stripe: &Stripe) -> Self {
        let (base, key) = (stripe.url(), "5e".repeat(32));
        let environment = [
            ("STRIPE_API_BASE", base.as_str()),
            ("STRIPE_API_KEY", KEY),
            ("TRIGGERFISH_SECRET_KEY", key.as_str()),
            ("TRIGGERFISH_PUBLIC_URL", PUBLIC_URL),
        ];
        Server::spawn_program(env!("CARGO_BIN_EXE_triggerfish-tests-source"), directory, &environment, &[])
    }

    fn spawn_program(program: &str, directory: &Path, environment: &[(&str, &str)], below: &[&str]) -> Self {
        let mut command = match below {
            [] => Command::new(program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        let mut child = command
            .current_dir(directory)
            .env("PORT", "0")
            .env("TRIGGERFISH_DATABASE_URL", "app.db")
            .env("TRIGGERFISH_WORKER_THREADS", "2")
            // Nothing but the table with the address, and what is wrong.
            .env("TRIGGERFISH_LOG", "error,triggerfish::runtime=info")
            .env("KILL_SECRET", "sekrit-KILL_SECRET-0123456789abcdef")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (to, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Read on although nobody listens: a full pipe would stop the server.
                let _ = to.send(line);
            }
        });
        Server { child, lines }
    }

    /// Waits until it listens; `None` where it ended instead.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        loop {
            let line = match self.lines.recv_timeout(super::PATIENCE) {
                Ok(line) => line,
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => panic!("the server does not say where it listens"),
            };
            // The first line that it prints names its address.
            if let Some((_, rest)) = line.split_once("http://") {
                let end =
                    rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(rest.len());
                return Some(rest[..end].parse().unwrap());
            }
        }
    }

    /// SIGKILL: nothing of it runs any more when this returns.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub(crate) fn tell_to_stop(&self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// SIGTERM, and waits for its end.
    pub(crate) fn terminate(self) -> ExitStatus {
        self.tell_to_stop();
        self.wait()
    }

    /// Waits for a line that holds this text; false where the output ends without it.
    pub(crate) fn says(&self, text: &str) -> bool {
        while let Ok(line) = self.lines.recv_timeout(super::PATIENCE) {
            if line.contains(text) {
                return true;
            }
        }
        false
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for an end that comes by itself.
    pub(crate) fn wait(mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(begun.elapsed() < super::PATIENCE, "the server does not end");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
