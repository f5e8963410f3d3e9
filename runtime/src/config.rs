//! Settings: from the environment, changed by the builder.

use crate::run::Level;
use crate::secret::Secret;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Reads one variable of the environment; a table in tests.
pub type ReadVariable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The settings of a [`Runtime`](crate::runtime::Runtime).
///
/// | variable | setting | default |
/// |---|---|---|
/// | `HOST` | address to listen on | `127.0.0.1` |
/// | `PORT` | port to listen on; 0 for any free one | `3000` |
/// | `TRIGGERFISH_DATABASE_URL` | where state lives: a file, `sqlite:FILE`, or `memory:` | `triggerfish.db` |
/// | `TRIGGERFISH_DURABILITY` | `full`: survives a power cut; `normal`: survives a crash of the process | `full` |
/// | `TRIGGERFISH_PUBLIC_URL` | scheme and host under which senders reach this program | none |
/// | `TRIGGERFISH_MAX_BODY` | largest body, in bytes | `2097152` |
/// | `TRIGGERFISH_HEAD_TIMEOUT` | how long the head of a request may take to arrive, and a connection may wait for the next | `30s` |
/// | `TRIGGERFISH_BODY_TIMEOUT` | how long a body may take to arrive | `10s` |
/// | `TRIGGERFISH_MAX_IN_FLIGHT` | requests in work at once; more get a 503 | `1024` |
/// | `TRIGGERFISH_CONCURRENCY` | runs that execute at once | `256` |
/// | `TRIGGERFISH_WORKER_THREADS` | threads that execute jobs | the number of cores |
/// | `TRIGGERFISH_SHORT_WAIT` | a run whose waits end so soon stays in memory | `2s` |
/// | `TRIGGERFISH_SHUTDOWN_GRACE` | how long runs may take to end at shutdown, for example `30s` | `30s` |
/// | `TRIGGERFISH_RETENTION` | how long deliveries and finished runs are kept, for example `30d` | `30d` |
/// | `TRIGGERFISH_JOB_LOG_LEVEL` | what jobs keep: `log`, `error`, `warn`, `info` or `debug` | `info` |
/// | `TRIGGERFISH_LOG` | what the terminal shows, in the notation of `RUST_LOG` | `info` |
/// | `TRIGGERFISH_DASHBOARD` | `0` closes the dashboard and its API | on, on loopback |
/// | `TRIGGERFISH_DASHBOARD_TOKEN` | the token that opens the dashboard; 16 characters or more | random for each start |
/// | `TRIGGERFISH_REDACT` | JSON pointers whose values the dashboard does not show, apart by commas | none |
/// | `TRIGGERFISH_DEV` | `0` turns development mode off | on in debug builds on loopback |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// Where to listen.
    pub address: SocketAddr,
    /// Where state lives.
    pub database: Database,
    /// What the store survives.
    pub durability: Durability,
    /// Scheme and host under which senders reach this program.
    pub public_url: Option<String>,
    /// The largest body, in bytes, where an endpoint says nothing else.
    pub max_body: usize,
    /// How long the head of a request may take to arrive, and how long a
    /// connection may wait for the next one.
    pub head_timeout: Duration,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// Requests in work at once; more are refused with a 503.
    pub max_in_flight: usize,
    /// Runs that execute at once.
    pub concurrency: usize,
    /// Threads that execute jobs.
    pub worker_threads: usize,
    /// A run whose waits end so soon stays in memory; it keeps its place among
    /// those that execute at once.
    pub short_wait: Duration,
    /// How long runs may take to end at shutdown before they are given back.
    pub shutdown_grace: Duration,
    /// How long deliveries and finished runs are kept.
    pub retention: Duration,
    /// What jobs keep of their logs, where a job says nothing else.
    pub job_log_level: Level,
    /// What the terminal shows.
    pub log: String,
    /// Development mode: secrets that are not set are made up, an unknown id is
    /// answered with the known ones.
    pub dev: bool,
    /// Whether the dashboard is there, on loopback or guarded by the app.
    pub dashboard: bool,
    /// The token that opens the dashboard; random for each start where there is none.
    pub dashboard_token: Option<DashboardToken>,
    /// JSON pointers whose values the dashboard does not show.
    pub redact: Vec<String>,
}

/// The token that opens the dashboard. It is printed nowhere but in its URL.
#[derive(Clone)]
pub struct DashboardToken(Secret);

impl DashboardToken {
    /// A token of 16 characters or more: letters, digits, `-` and `_`.
    pub fn new(text: &str) -> Option<Self> {
        let is_usable = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (text.len() >= 16 && text.bytes().all(is_usable)).then(|| DashboardToken(Secret::from(text)))
    }

    #[cfg(feature = "dashboard")]
    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }
}

impl PartialEq for DashboardToken {
    fn eq(&self, other: &Self) -> bool {
        self.0.matches(other.0.expose())
    }
}

impl std::fmt::Debug for DashboardToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DashboardToken(***)")
    }
}

/// Where state lives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Database {
    /// In an SQLite file.
    Sqlite(PathBuf),
    /// In memory: lost with the process. For tests.
    Memory,
}

/// What an acknowledgement survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: every acknowledgement waits for the disk.
    #[default]
    Full,
    /// A crash of the process, not of the machine.
    Normal,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000),
            database: Database::Sqlite(PathBuf::from("triggerfish.db")),
            durability: Durability::Full,
            public_url: None,
            max_body: 2 << 20,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            max_in_flight: 1024,
            concurrency: 256,
            worker_threads: std::thread::available_parallelism().map_or(2, usize::from),
            short_wait: Duration::from_secs(2),
            shutdown_grace: Duration::from_secs(30),
            retention: Duration::from_secs(30 * 24 * 3600),
            job_log_level: Level::Info,
            log: "info".to_owned(),
            dev: cfg!(debug_assertions),
            dashboard: true,
            dashboard_token: None,
            redact: Vec::new(),
        }
    }
}

impl Config {
    /// The settings that the environment asks for. Every variable that cannot
    /// be read is one problem, named.
    pub fn from_env() -> Result<Self, Vec<String>> {
        Config::read(&|name| std::env::var(name).ok())
    }

    /// The settings that `variables` asks for.
    pub fn read(variables: ReadVariable<'_>) -> Result<Self, Vec<String>> {
        let mut config = Config::default();
        let mut problems = Vec::new();
        let mut reader = Reader { variables, problems: &mut problems };
        reader.set("HOST", "an IP address such as 0.0.0.0", &mut config.address, |address, text| {
            Some(SocketAddr::new(IpAddr::from_str(text).ok()?, address.port()))
        });
        reader.set("PORT", "a port such as 3000", &mut config.address, |address, text| {
            Some(SocketAddr::new(address.ip(), text.parse().ok()?))
        });
        reader.set(
            "TRIGGERFISH_DATABASE_URL",
            "a file such as triggerfish.db, `sqlite:FILE` or `memory:`",
            &mut config.database,
            |_, text| Database::parse(text),
        );
        reader.set("TRIGGERFISH_DURABILITY", "`full` or `normal`", &mut config.durability, |_, text| {
            match text {
                "full" => Some(Durability::Full),
                "normal" => Some(Durability::Normal),
                _ => None,
            }
        });
        reader.set(
            "TRIGGERFISH_PUBLIC_URL",
            "a URL such as https://hooks.example.com",
            &mut config.public_url,
            |_, text| {
                (text.starts_with("https://") || text.starts_with("http://")).then(|| Some(text.to_owned()))
            },
        );
        let count = "a whole number above 0";
        reader.set("TRIGGERFISH_MAX_BODY", "a number of bytes above 0", &mut config.max_body, positive);
        reader.set("TRIGGERFISH_MAX_IN_FLIGHT", count, &mut config.max_in_flight, positive);
        reader.set("TRIGGERFISH_CONCURRENCY", count, &mut config.concurrency, positive);
        reader.set("TRIGGERFISH_WORKER_THREADS", count, &mut config.worker_threads, positive);
        let duration = "a duration such as 30s, 15m or 30d";
        reader.set("TRIGGERFISH_HEAD_TIMEOUT", duration, &mut config.head_timeout, |_, text| span(text));
        reader.set("TRIGGERFISH_BODY_TIMEOUT", duration, &mut config.body_timeout, |_, text| span(text));
        reader.set("TRIGGERFISH_SHORT_WAIT", duration, &mut config.short_wait, |_, text| span(text));
        reader.set("TRIGGERFISH_SHUTDOWN_GRACE", duration, &mut config.shutdown_grace, |_, text| span(text));
        reader.set("TRIGGERFISH_RETENTION", duration, &mut config.retention, |_, text| span(text));
        reader.set(
            "TRIGGERFISH_JOB_LOG_LEVEL",
            "`log`, `error`, `warn`, `info` or `debug`",
            &mut config.job_log_level,
            |_, text| level(text),
        );
        reader.set("TRIGGERFISH_LOG", "a filter such as info", &mut config.log, |_, text| {
            Some(text.to_owned())
        });
        reader.set("TRIGGERFISH_DASHBOARD", "`0` or `1`", &mut config.dashboard, |_, text| match text {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        });
        // What was given is not repeated in the message: it is a secret.
        if let Some(text) = variables("TRIGGERFISH_DASHBOARD_TOKEN").filter(|text| !text.trim().is_empty()) {
            config.dashboard_token = DashboardToken::new(text.trim());
            if config.dashboard_token.is_none() {
                reader.problems.push(
                    "`TRIGGERFISH_DASHBOARD_TOKEN` must be 16 characters or more: letters, digits, `-` and `_`"
                        .to_owned(),
                );
            }
        }
        let pointers = "JSON pointers such as /card/number, apart by commas";
        reader.set("TRIGGERFISH_REDACT", pointers, &mut config.redact, |_, text| {
            let all: Vec<_> = text.split(',').map(|pointer| pointer.trim().to_owned()).collect();
            all.iter().all(|pointer| pointer.starts_with('/')).then_some(all)
        });
        config.dev = cfg!(debug_assertions) && config.address.ip().is_loopback();
        reader.set("TRIGGERFISH_DEV", "`0` or `1`", &mut config.dev, |on, text| match text {
            "0" => Some(false),
            "1" => Some(*on),
            _ => None,
        });
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }
}

impl Database {
    fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("memory", "")) => Some(Database::Memory),
            Some(("sqlite", file)) => {
                let file = file.strip_prefix("//").unwrap_or(file);
                (!file.is_empty()).then(|| Database::Sqlite(PathBuf::from(file)))
            }
            // A drive letter is no scheme.
            Some((scheme, _)) if scheme.len() > 1 && !text.contains(['/', '\\']) => None,
            Some((scheme, rest)) if scheme.len() > 1 && rest.starts_with("//") => None,
            _ => Some(Database::Sqlite(PathBuf::from(text))),
        }
    }
}

struct Reader<'a> {
    variables: ReadVariable<'a>,
    problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn set<T>(&mut self, name: &str, wanted: &str, into: &mut T, parse: impl Fn(&T, &str) -> Option<T>) {
        let Some(text) = (self.variables)(name).filter(|text| !text.trim().is_empty()) else { return };
        match parse(into, text.trim()) {
            Some(value) => *into = value,
            None => self.problems.push(format!("`{name}` is {text:?}; it must be {wanted}")),
        }
    }
}

fn positive(_: &usize, text: &str) -> Option<usize> {
    text.parse().ok().filter(|number| *number > 0)
}

/// A duration such as `30s` or `7d`.
pub(crate) fn span(text: &str) -> Option<Duration> {
    let span: jiff::Span = text.parse().ok()?;
    let span = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(span).ok()
}

fn level(text: &str) -> Option<Level> {
    Some(match text {
        "log" => Level::Log,
        "error" => Level::Error,
        "warn" => Level::Warn,
        "info" => Level::Info,
        "debug" => Level::Debug,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        Config::read(&|name| table.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn nothing_set_gives_the_defaults() {
        assert_eq!(read(&[]), Ok(Config::default()));
        assert_eq!(read(&[("PORT", " ")]), Ok(Config::default()));
    }

    #[test]
    fn every_variable_is_read() {
        let config = read(&[
            ("HOST", "0.0.0.0"),
            ("PORT", "0"),
            ("TRIGGERFISH_DATABASE_URL", "sqlite:///var/lib/app.db"),
            ("TRIGGERFISH_DURABILITY", "normal"),
            ("TRIGGERFISH_RETENTION", "7d"),
            ("TRIGGERFISH_SHUTDOWN_GRACE", "1m30s"),
            ("TRIGGERFISH_JOB_LOG_LEVEL", "debug"),
        ]);
        let config = config.unwrap();
        assert_eq!(config.address, "0.0.0.0:0".parse().unwrap());
        assert_eq!(config.database, Database::Sqlite("/var/lib/app.db".into()));
        assert_eq!(config.durability, Durability::Normal);
        assert_eq!(config.retention, Duration::from_secs(7 * 24 * 3600));
        assert_eq!(config.shutdown_grace, Duration::from_secs(90));
        assert_eq!(config.job_log_level, Level::Debug);
        assert!(!config.dev, "development mode is for loopback");
    }

    #[test]
    fn every_mistake_is_named_with_its_cure() {
        let problems = read(&[
            ("PORT", "http"),
            ("TRIGGERFISH_MAX_BODY", "0"),
            ("TRIGGERFISH_DATABASE_URL", "mysql://x"),
        ]);
        let problems = problems.unwrap_err();
        assert_eq!(problems.len(), 3, "{problems:#?}");
        assert_eq!(problems[0], "`PORT` is \"http\"; it must be a port such as 3000");
    }

    #[test]
    fn a_database_is_a_file_a_url_or_memory() {
        for (text, expected) in [
            ("memory:", Some(Database::Memory)),
            ("a.db", Some(Database::Sqlite("a.db".into()))),
            ("/a/b.db", Some(Database::Sqlite("/a/b.db".into()))),
            ("sqlite:a.db", Some(Database::Sqlite("a.db".into()))),
            ("sqlite:", None),
            ("postgres://localhost/x", None),
        ] {
            assert_eq!(Database::parse(text), expected, "{text}");
        }
    }
}
