//! Finds the program, and asks its API.

use crate::args::Args;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use ureq::http::StatusCode;

const API: &str = "/api/v1";

/// A running program.
pub(crate) struct Client {
    agent: ureq::Agent,
    /// The URL of the dashboard.
    url: String,
    token: String,
}

impl Client {
    pub(crate) fn find(args: &Args) -> Result<Self> {
        let noted = match &args.url {
            Some(url) => url.clone(),
            None => noted(args.program.as_deref())?,
        };
        let (url, in_url) = match noted.split_once("?token=") {
            Some((url, token)) => (url, Some(token.to_owned())),
            None => (noted.as_str(), None),
        };
        let token = args.token.clone().filter(|_| in_url.is_none() || args.url.is_some()).or(in_url);
        let token = token.ok_or_else(|| {
            anyhow!("the URL has no token: give it with `--token`, as the program printed it at its start")
        })?;
        let url = url.trim_end_matches('/');
        let url = if url.ends_with("/_triggerfish") { url.to_owned() } else { format!("{url}/_triggerfish") };
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        Ok(Client { agent: config.into(), url, token })
    }

    /// The page of something.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub(crate) fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        let mut request =
            self.agent.get(format!("{}{API}{path}", self.url)).header("authorization", self.bearer());
        for (name, value) in query {
            request = request.query(name, value);
        }
        self.answer(request.call())
    }

    pub(crate) fn post(&self, path: &str, fields: &Value) -> Result<Value> {
        let request = self.agent.post(format!("{}{API}{path}", self.url));
        let request =
            request.header("authorization", self.bearer()).header("content-type", "application/json");
        self.answer(request.send(fields.to_string()))
    }

    /// The data of each event of a list that goes on: a row, or how many were `missed`.
    pub(crate) fn follow(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<impl Iterator<Item = Result<Value>> + use<>> {
        let mut request =
            self.agent.get(format!("{}{API}{path}", self.url)).header("authorization", self.bearer());
        for (name, value) in query {
            request = request.query(name, value);
        }
        let mut response = request.call().map_err(|error| self.unreachable(&error))?;
        if !response.status().is_success() {
            let text = response.body_mut().read_to_string().unwrap_or_default();
            return Err(self.refusal(response.status(), serde_json::from_str(&text).ok().as_ref()));
        }
        let lines = BufReader::new(response.into_body().into_reader()).lines();
        Ok(lines.filter_map(|line| {
            let line = match line {
                Ok(line) => line,
                Err(error) => return Some(Err(anyhow!("the program has ended: {error}"))),
            };
            Some(serde_json::from_str(line.strip_prefix("data:")?.trim()).map_err(Into::into))
        }))
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn answer(&self, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value> {
        let mut response = answer.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let text = response.body_mut().read_to_string().context("the answer did not arrive whole")?;
        match serde_json::from_str(&text) {
            Ok(value) if status.is_success() => Ok(value),
            value => Err(self.refusal(status, value.ok().as_ref())),
        }
    }

    /// Why there is no answer: what the program says of it, where that is JSON.
    fn refusal(&self, status: StatusCode, told: Option<&Value>) -> anyhow::Error {
        let url = &self.url;
        let Some(told) = told else {
            return anyhow!("{url} is no dashboard of Triggerfish: it answers {status} and no JSON");
        };
        match told.get("error").and_then(Value::as_str) {
            Some("no such endpoint") => anyhow!(
                "the program at {url} does not let you in: its token changes with each start, \
                 and this one is of another; take the URL that it prints"
            ),
            Some(error) => anyhow!("{error}"),
            None => anyhow!("{url} answers {status}"),
        }
    }

    fn unreachable(&self, error: &ureq::Error) -> anyhow::Error {
        anyhow!("no program listens at {}: {error}; start it, or name another with `--url`", self.url)
    }
}

/// Text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The URL that a running program noted beside its store.
fn noted(program: Option<&Path>) -> Result<String> {
    let at = program.unwrap_or(Path::new("."));
    let found = if at.is_dir() { in_directory(at)? } else { vec![beside(at)] };
    match found.as_slice() {
        [one] => {
            let text = std::fs::read_to_string(one).with_context(|| nothing(at))?;
            Ok(text.trim().to_owned())
        }
        [] => Err(anyhow!(nothing(at))),
        several => {
            let names: Vec<_> = several.iter().map(|path| path.display().to_string()).collect();
            bail!("several programs run here: {}; name one with `--program`", names.join(", "))
        }
    }
}

fn nothing(at: &Path) -> String {
    format!(
        "no program runs in {}: start it there, or say where it is with `--program` or `--url`",
        at.display()
    )
}

fn in_directory(at: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(at).with_context(|| format!("{} cannot be read", at.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| path.extension().is_some_and(|extension| extension == "dashboard")).collect())
}

fn beside(store: &Path) -> PathBuf {
    if store.extension().is_some_and(|extension| extension == "dashboard") {
        return store.to_owned();
    }
    let mut name = store.as_os_str().to_owned();
    name.push(".dashboard");
    PathBuf::from(name)
}
