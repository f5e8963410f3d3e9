//! Starts rivals, and refuses one that does not verify what it receives.

use crate::plan::{Plan, package};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use triggerfish_benches::message::Message;
use triggerfish_benches::{Result, processes, response};

/// What requests are signed with.
pub(crate) const SECRET: &str = "the-secret-of-the-benchmarks";

/// What every request carries, to whomever it goes.
pub(crate) fn headers() -> [String; 2] {
    ["x-connect-it-token: {sig}".to_owned(), "x-delivery-id: {id}".to_owned()]
}

/// How long a server may take to start.
const START: Duration = Duration::from_secs(20);

/// How long a server may work on after the load has ended.
const SETTLE: Duration = Duration::from_secs(30);

/// A server that takes part.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rival {
    AxumRequest,
    AxumExtractors,
    Express { quiet: bool },
    Triggerfish(Variant),
}

/// How the server under test is set up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Accepts and forgets.
    NoStore,
    /// The same, with a log line for each request.
    Logging,
    /// Keeps deliveries in memory, and runs the job.
    Memory,
    /// Answers when SQLite has synced, and runs the job.
    Sqlite,
    /// Answers when SQLite has written, which survives the process alone.
    SqliteNormal,
}

const NAMES: [(&str, Rival); 9] = [
    ("axum_request", Rival::AxumRequest),
    ("axum_extractors", Rival::AxumExtractors),
    ("express", Rival::Express { quiet: false }),
    ("express_quiet", Rival::Express { quiet: true }),
    ("triggerfish", Rival::Triggerfish(Variant::NoStore)),
    ("triggerfish_logging", Rival::Triggerfish(Variant::Logging)),
    ("triggerfish_memory", Rival::Triggerfish(Variant::Memory)),
    ("triggerfish_sqlite", Rival::Triggerfish(Variant::Sqlite)),
    ("triggerfish_sqlite_normal", Rival::Triggerfish(Variant::SqliteNormal)),
];

impl FromStr for Rival {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = NAMES.iter().find(|(name, _)| *name == text);
        known.map(|(_, rival)| *rival).ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            format!("no such server; there are {}", names.join(", "))
        })
    }
}

impl Rival {
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, rival)| *rival == self).map_or("", |(name, _)| name)
    }

    /// Whether its answers wait for the disk.
    pub(crate) fn syncs(self) -> bool {
        self == Rival::Triggerfish(Variant::Sqlite)
    }

    fn path(self) -> &'static str {
        match self {
            Rival::Triggerfish(_) => "/hooks/connect-it",
            _ => "/webhook",
        }
    }

    fn command(self, plan: &Plan, port: u16, home: &TempDir) -> Result<Command> {
        let (program, arguments) = match self {
            Rival::AxumRequest => (sibling("axum_request")?, vec!["--port".to_owned(), port.to_string()]),
            Rival::AxumExtractors => {
                (sibling("axum_extractors")?, vec!["--port".to_owned(), port.to_string()])
            }
            Rival::Express { .. } => ("node".into(), vec![express()?.display().to_string()]),
            Rival::Triggerfish(Variant::NoStore | Variant::Logging) => {
                (sibling("receiver")?, vec!["--store".to_owned(), "nothing".to_owned()])
            }
            Rival::Triggerfish(_) => (sibling("receiver")?, Vec::new()),
        };
        let mut command = plan.command(program, &plan.server_cores);
        command.args(arguments);
        if !matches!(self, Rival::Express { .. }) {
            command.args(["--threads", &plan.threads.to_string()]);
        }
        command.env("CONNECT_IT_SECRET", SECRET).env("PORT", port.to_string()).env("HOST", "127.0.0.1");
        if self == (Rival::Express { quiet: true }) {
            command.env("QUIET", "1");
        }
        if let Rival::Triggerfish(variant) = self {
            // The rivals do not log, so ours must not either, but where that is what is measured.
            command.env("TRIGGERFISH_LOG", if variant == Variant::Logging { "info" } else { "warn" });
            let file = home.path().join("triggerfish.db");
            let database = match variant {
                Variant::Sqlite | Variant::SqliteNormal => format!("sqlite:{}", file.display()),
                _ => "memory:".to_owned(),
            };
            command.env("TRIGGERFISH_DATABASE_URL", database);
            let normal = variant == Variant::SqliteNormal;
            command.env("TRIGGERFISH_DURABILITY", if normal { "normal" } else { "full" });
        }
        command.current_dir(home.path()).stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command)
    }
}

/// Another program of this package, built beside this one.
pub(crate) fn sibling(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(name);
    if program.exists() {
        return Ok(program);
    }
    let profile = if cfg!(debug_assertions) { "" } else { " --release" };
    Err(format!("`{name}` is not built: run `cargo build{profile} -p triggerfish-benches`").into())
}

fn express() -> Result<PathBuf> {
    let directory = package().join("node");
    if directory.join("node_modules").exists() {
        Ok(directory.join("express.js"))
    } else {
        Err(format!("Express is not installed: run `npm ci` in {}", directory.display()).into())
    }
}

/// A server that runs, until it is dropped.
pub(crate) struct Server {
    pub(crate) rival: Rival,
    pub(crate) address: SocketAddr,
    child: Child,
    _home: TempDir,
}

impl Server {
    /// Starts a server, and sees that it takes a genuine request and no forged one.
    pub(crate) fn start(rival: Rival, plan: &Plan, body: &[u8]) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("triggerfish-bench-").tempdir_in(&plan.directory)?;
        let address = free_address()?;
        let child = rival.command(plan, address.port(), &home)?.spawn()?;
        let mut server = Server { rival, address, child, _home: home };
        server.wait()?;
        let genuine = server.ask(SECRET, body)?;
        let forged = server.ask("another secret", body)?;
        if !(200..300).contains(&genuine) || !(400..500).contains(&forged) {
            let name = rival.name();
            return Err(format!(
                "{name} answers {genuine} to a genuine request and {forged} to a forged one"
            )
            .into());
        }
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn path(&self) -> &'static str {
        self.rival.path()
    }

    fn wait(&mut self) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("{} ended at its start: {status}", self.rival.name()).into());
            }
            if begun.elapsed() > START {
                return Err(format!("{} does not listen", self.rival.name()).into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn ask(&self, secret: &str, body: &[u8]) -> Result<u16> {
        let mut message = Message::new(&self.address.to_string(), self.path(), &headers(), secret, body);
        message.set_id(u64::from(self.address.port()));
        let mut stream = TcpStream::connect(self.address)?;
        stream.write_all(message.bytes())?;
        let mut received = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match stream.read(&mut buffer)? {
                0 => return Err(format!("{} hangs up", self.rival.name()).into()),
                count => received.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            }
            if let Some(answer) = response::whole(&received) {
                return Ok(answer.status);
            }
        }
    }

    /// Waits until the server has nothing left to do, so that it does not
    /// disturb the next one. Says how long that took.
    pub(crate) fn settle(&self) -> Result<Duration> {
        let begun = Instant::now();
        let mut last = processes::cpu_time(Some(self.pid()))?;
        let mut busy_until = Duration::ZERO;
        loop {
            std::thread::sleep(Duration::from_millis(20));
            let now = processes::cpu_time(Some(self.pid()))?;
            let elapsed = begun.elapsed();
            if now > last {
                busy_until = elapsed;
                last = now;
            }
            if elapsed - busy_until > Duration::from_millis(100) || elapsed > SETTLE {
                return Ok(busy_until);
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already where this fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
