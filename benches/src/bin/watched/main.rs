//! What an open dashboard costs the acknowledgement of requests: the same
//! server is loaded with somebody looking on and without, in turn, and the
//! ratios within a round are told.
//!
//! `watched [--rounds 15] [--seconds 1] [--warm 0.3] [--conns 64] [--threads 0] [--reload 2]
//! [--server-cores 0] [--load-cores 1] [--store sqlite|memory] [--dir DIR] [--most 3]` fails where the
//! CPU time of a request rises by more than `--most` percent in the middle of the rounds.

mod viewer;

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use triggerfish_benches::args::Args;
use triggerfish_benches::load::{self, Load, Report};
use triggerfish_benches::message::Message;
use triggerfish_benches::stats::Spread;
use triggerfish_benches::{Result, processes};
use viewer::Viewer;

const SECRET: &str = "the-secret-of-the-benchmarks";
const BODY: &[u8] = include_bytes!("../../../bodies/test_completed.json");

/// How long the server may take to start, or to work on after a load.
const PATIENCE: Duration = Duration::from_secs(30);

struct Plan {
    rounds: usize,
    measure: Duration,
    warm: Duration,
    connections: usize,
    threads: usize,
    /// How often the viewer loads the page again.
    reload: Duration,
    server_cores: String,
    load_cores: String,
    store: String,
    directory: PathBuf,
    /// So many percent more are accepted.
    most: f64,
}

impl Plan {
    fn read(mut args: Args) -> Result<Self> {
        let plan = Plan {
            rounds: args.get("--rounds", 15)?,
            measure: Duration::from_secs_f64(args.get("--seconds", 1.0)?),
            warm: Duration::from_secs_f64(args.get("--warm", 0.3)?),
            connections: args.get("--conns", 64)?,
            threads: args.get("--threads", 0)?,
            reload: Duration::from_secs_f64(args.get("--reload", 2.0)?),
            server_cores: args.get("--server-cores", "0".to_owned())?,
            load_cores: args.get("--load-cores", "1".to_owned())?,
            store: args.get("--store", "sqlite".to_owned())?,
            directory: args.get("--dir", std::env::temp_dir().display().to_string())?.into(),
            most: args.get("--most", 3.0)?,
        };
        args.finish()?;
        Ok(plan)
    }
}

fn main() -> Result<()> {
    let plan = Plan::read(Args::from_env())?;
    let home = tempfile::Builder::new().prefix("triggerfish-watched-").tempdir_in(&plan.directory)?;
    // This process sends the load and looks on, so that the server has its cores for itself.
    let pid = std::process::id().to_string();
    let mut pin = Command::new("taskset");
    pin.args(["-a", "-p", "-c", &plan.load_cores, &pid]).stdout(Stdio::null());
    if !pin.status()?.success() {
        return Err(format!("`--load-cores {}`: there are no such cores", plan.load_cores).into());
    }
    let server = Server::start(&plan, home.path())?;
    let mut rounds = Vec::new();
    for round in 0..plan.rounds {
        let mut measured = [None, None];
        // Who follows whom must not decide.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for watched in order {
            let viewer = (watched == 1).then(|| Viewer::open(&server.pages, plan.reload)).transpose()?;
            let report = load::run(&server.load(&plan))?;
            let seen = viewer.map(Viewer::close).transpose()?;
            if report.not_ok > 0 {
                return Err(format!("{} requests were not taken", report.not_ok).into());
            }
            server.settle()?;
            if let Some(place) = measured.get_mut(watched) {
                *place = Some((report, seen));
            }
        }
        if let [Some((alone, _)), Some((watched, Some(seen)))] = measured {
            rounds.push(Round { alone, watched, rows: seen.rows, pages: seen.pages });
        }
    }
    let (text, rise) = told(&plan, &rounds);
    writeln!(std::io::stdout(), "{text}")?;
    if rise > plan.most { Err(format!("{rise:.1} % are more than {} %", plan.most).into()) } else { Ok(()) }
}

/// A figure of a report.
type Figure = fn(&Report) -> f64;

struct Round {
    alone: Report,
    watched: Report,
    /// Rows that the viewer was told.
    rows: usize,
    /// Pages that it loaded.
    pages: usize,
}

/// The table, and by how many percent the CPU time of a request rises.
fn told(plan: &Plan, rounds: &[Round]) -> (String, f64) {
    let median = |of: fn(&Round) -> f64| Spread::of(rounds.iter().map(of)).median;
    let ratio = |of: Figure| Spread::of(rounds.iter().map(|round| of(&round.watched) / of(&round.alone)));
    let mut text = format!(
        "{} rounds of {:?}, {} connections, {}: medians; ratios within a round with quartiles\n\n\
         | | alone | watched | ratio |\n|---|---|---|---|\n",
        rounds.len(),
        plan.measure,
        plan.connections,
        plan.store
    );
    let rows: [(&str, Figure); 4] = [
        ("CPU us/request", |report| report.server_us),
        ("requests/s", |report| report.per_second),
        ("p50 us", |report| report.p50_us),
        ("p99 us", |report| report.p99_us),
    ];
    for (name, of) in rows {
        let alone = Spread::of(rounds.iter().map(|round| of(&round.alone))).median;
        let watched = Spread::of(rounds.iter().map(|round| of(&round.watched))).median;
        let Spread { q1, median, q3 } = ratio(of);
        text += &format!("| {name} | {alone:.1} | {watched:.1} | {median:.3} [{q1:.3} {q3:.3}] |\n");
    }
    text += &format!(
        "\nEach time {:.0} rows and {:.0} pages were shown; others' cores {:.2}",
        median(|round| round.rows as f64),
        median(|round| round.pages as f64),
        median(|round| round.watched.other_cores.max(round.alone.other_cores)),
    );
    (text, (ratio(|report| report.server_us).median - 1.0) * 100.0)
}

/// The server under load.
struct Server {
    child: Child,
    address: SocketAddr,
    /// The URL of its dashboard, with the token.
    pages: String,
}

impl Server {
    fn start(plan: &Plan, home: &Path) -> Result<Self> {
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let database = match plan.store.as_str() {
            "sqlite" => format!("sqlite:{}", home.join("triggerfish.db").display()),
            "memory" => "memory:".to_owned(),
            other => return Err(format!("`--store {other}`: it is `sqlite` or `memory`").into()),
        };
        let program = std::env::current_exe()?.with_file_name("receiver");
        let child = Command::new("taskset")
            .args(["-c", &plan.server_cores])
            .arg(program)
            .args(["--threads", &plan.threads.to_string()])
            .env("CONNECT_IT_SECRET", SECRET)
            .env("HOST", "127.0.0.1")
            .env("PORT", address.port().to_string())
            .env("TRIGGERFISH_LOG", "warn")
            .env("TRIGGERFISH_DATABASE_URL", database)
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let mut server = Server { child, address, pages: String::new() };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() || server.pages.is_empty() {
            // Written before it listens, and whole with its line feed.
            let note = std::fs::read_to_string(home.join("triggerfish.db.dashboard")).unwrap_or_default();
            server.pages = note.strip_suffix('\n').unwrap_or_default().to_owned();
            if begun.elapsed() > PATIENCE || server.child.try_wait()?.is_some() {
                return Err("the server does not listen: build all with `cargo build --release -p triggerfish-benches`".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(server)
    }

    fn load(&self, plan: &Plan) -> Load {
        let headers = ["x-connect-it-token: {sig}".to_owned(), "x-delivery-id: {id}".to_owned()];
        Load {
            address: self.address,
            message: Message::new(&self.address.to_string(), "/hooks/connect-it", &headers, SECRET, BODY),
            connections: plan.connections,
            warm: plan.warm,
            measure: plan.measure,
            server: Some(self.child.id()),
        }
    }

    /// Waits until it has nothing left to do.
    fn settle(&self) -> Result<()> {
        let begun = Instant::now();
        let mut last = processes::cpu_time(Some(self.child.id()))?;
        let mut quiet = Instant::now();
        while quiet.elapsed() < Duration::from_millis(100) && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
            let now = processes::cpu_time(Some(self.child.id()))?;
            if now > last {
                (last, quiet) = (now, Instant::now());
            }
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already where this fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
