//! What is to be measured, from the command line.

use crate::server::Rival;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use triggerfish_benches::Result;
use triggerfish_benches::args::Args;

/// What is to be measured.
pub(crate) struct Plan {
    /// The first one is what the others are compared with.
    pub(crate) rivals: Vec<Rival>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) connections: Vec<usize>,
    pub(crate) rounds: usize,
    pub(crate) warm: Duration,
    pub(crate) measure: Duration,
    /// The cores of the servers, as `taskset` names them.
    pub(crate) server_cores: String,
    /// The cores of the load generator.
    pub(crate) load_cores: String,
    /// Worker threads of the Rust servers; with none, one thread does it all.
    pub(crate) threads: usize,
    /// The priority of servers and load, as `nice` names it. Below 0, which only
    /// root may ask for, the rest of the machine disturbs less.
    pub(crate) nice: i32,
    /// Where stores and the probe of the disk write.
    pub(crate) directory: PathBuf,
    /// Where every single figure goes.
    pub(crate) json: Option<PathBuf>,
}

/// What a request carries.
pub(crate) struct Body {
    pub(crate) name: &'static str,
    pub(crate) file: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

impl Plan {
    pub(crate) fn read(mut args: Args) -> Result<Self> {
        let suite = args.word().unwrap_or_else(|| "acknowledge".to_owned());
        let (rivals, connections) = match suite.as_str() {
            "acknowledge" => (
                "axum_request,axum_extractors,triggerfish,triggerfish_logging,triggerfish_memory,\
                 express_quiet,express",
                "64",
            ),
            "durable" => ("triggerfish,triggerfish_memory,triggerfish_sqlite", "64,256"),
            other => return Err(format!("`{other}` is no suite: it is `acknowledge` or `durable`").into()),
        };
        let bodies: Vec<String> = args.list("--bodies", "small,large")?;
        let plan = Plan {
            rivals: args.list("--servers", rivals)?,
            bodies: bodies.iter().map(|name| Body::named(name)).collect::<Result<_>>()?,
            connections: args.list("--conns", connections)?,
            rounds: args.get("--rounds", 9)?,
            warm: Duration::from_secs_f64(args.get("--warm", 0.3)?),
            measure: Duration::from_secs_f64(args.get("--seconds", 1.0)?),
            server_cores: args.get("--server-cores", "0".to_owned())?,
            load_cores: args.get("--load-cores", "1".to_owned())?,
            threads: args.get("--threads", 0)?,
            nice: args.get("--nice", 0)?,
            directory: args.get("--dir", std::env::temp_dir().display().to_string())?.into(),
            json: args.all("--json")?.pop().map(PathBuf::from),
        };
        args.finish()?;
        if plan.rivals.is_empty() || plan.rounds == 0 {
            return Err("there is nothing to measure".into());
        }
        Ok(plan)
    }
}

impl Body {
    fn named(name: &str) -> Result<Self> {
        let (name, file) = match name {
            "small" => ("small", "test_completed.json"),
            "large" => ("large", "transcript_completed.json"),
            other => return Err(format!("`{other}` is no body: it is `small` or `large`").into()),
        };
        let file = package().join("bodies").join(file);
        let bytes = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Body { name, file, bytes })
    }
}

impl Plan {
    /// A command for `program` on `cores`.
    pub(crate) fn command(&self, program: PathBuf, cores: &str) -> Command {
        let mut command = Command::new("nice");
        command.args(["-n", &self.nice.to_string(), "taskset", "-c", cores]).arg(program);
        command
    }
}

/// Where this package's sources are.
pub(crate) fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
