//! What can be asked for.

use clap::{Args as Group, Parser, Subcommand};
use std::path::PathBuf;

/// Looks at a running Triggerfish program, and acts on it.
///
/// The program is found by the file that it writes beside its store, such as
/// triggerfish.db.dashboard in this directory, or by `--url` with its token.
#[derive(Debug, Parser)]
#[command(name = "triggerfish", version)]
pub(crate) struct Args {
    /// The URL of the dashboard, with or without its token
    #[arg(long, global = true, env = "TRIGGERFISH_DASHBOARD_URL", hide_env_values = true)]
    pub(crate) url: Option<String>,
    /// The token of the dashboard
    #[arg(long, global = true, env = "TRIGGERFISH_DASHBOARD_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// The directory or the store of the program
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) program: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List endpoints: where they are and how they are verified
    Endpoints,
    /// Send a test event to an endpoint, signed by the program
    Send {
        /// The endpoint's id
        endpoint: String,
        /// The body: a file, or - for the standard input; the provider's sample where none is given
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// The body as text
        #[arg(long, conflicts_with = "file")]
        body: Option<String>,
        /// A sample that the endpoint has, by its id
        #[arg(long, value_name = "ID", conflicts_with_all = ["file", "body"])]
        sample: Option<String>,
        /// A header, `name: value`; may be repeated
        #[arg(long, short = 'H', value_name = "HEADER")]
        header: Vec<String>,
        /// How it is verified: `anew`, which is usual, `as_received` or `skip`
        #[arg(long)]
        signature: Option<String>,
    },
    /// List requests, the newest first
    Requests {
        #[command(flatten)]
        which: WhichRequests,
        /// Go on with new ones, until interrupted
        #[arg(long, short)]
        follow: bool,
        /// How many
        #[arg(long, short = 'n', default_value_t = 20)]
        limit: usize,
    },
    /// List runs, the newest first; or show some with their open waits and their outputs
    Runs {
        /// Their ids; or those that the filters select
        #[arg(conflicts_with_all = ["WhichRuns", "limit"])]
        ids: Vec<String>,
        #[command(flatten)]
        which: WhichRuns,
        /// How many
        #[arg(long, short = 'n', default_value_t = 20)]
        limit: usize,
    },
    /// Send stored requests again
    Replay {
        /// Their ids; or those that the filters select
        ids: Vec<String>,
        #[command(flatten)]
        which: WhichRequests,
        /// How they are verified: `as_received`, `anew` or `skip`
        #[arg(long)]
        signature: Option<String>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Queue failed runs again; finished steps are kept
    Retry {
        /// Their ids; or those that the filters select
        ids: Vec<String>,
        #[command(flatten)]
        which: WhichRuns,
        /// The step from which one run is executed again
        #[arg(long, value_name = "STEP")]
        from: Option<String>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// End a wait of a run, in place of what it is for
    Complete {
        /// The run's id
        run: String,
        /// The key of the wait
        key: String,
        /// What the run gets: a file of JSON, or - for the standard input; nothing for a wait by time
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// What the run gets, as JSON
        #[arg(long, value_name = "JSON", conflicts_with = "file")]
        body: Option<String>,
    },
    /// Show what went wrong lately
    Problems {
        /// Since when: a time, or how long ago, such as 24h
        #[arg(long, default_value = "7d")]
        since: String,
    },
}

/// Which requests.
#[derive(Debug, Group)]
pub(crate) struct WhichRequests {
    /// Those of an endpoint
    #[arg(long)]
    pub(crate) endpoint: Option<String>,
    /// Those with an outcome, such as rejected; several apart by commas
    #[arg(long)]
    pub(crate) outcome: Option<String>,
    /// Those since a time, or since so long ago, such as 24h
    #[arg(long)]
    pub(crate) since: Option<String>,
    /// Those that hold a text
    #[arg(long)]
    pub(crate) text: Option<String>,
}

/// Which runs.
#[derive(Debug, Group)]
pub(crate) struct WhichRuns {
    /// Those of a job
    #[arg(long)]
    pub(crate) job: Option<String>,
    /// Those in a state, such as failed; several apart by commas
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Those since a time, or since so long ago, such as 24h
    #[arg(long)]
    pub(crate) since: Option<String>,
}

impl WhichRequests {
    pub(crate) fn fields(&self) -> Vec<(&'static str, &str)> {
        given([
            ("endpoint", &self.endpoint),
            ("outcome", &self.outcome),
            ("since", &self.since),
            ("text", &self.text),
        ])
    }
}

impl WhichRuns {
    pub(crate) fn fields(&self) -> Vec<(&'static str, &str)> {
        given([("job", &self.job), ("state", &self.state), ("since", &self.since)])
    }
}

fn given<'a, const N: usize>(all: [(&'static str, &'a Option<String>); N]) -> Vec<(&'static str, &'a str)> {
    all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_fit_together() {
        Args::command().debug_assert();
    }
}
