//! The commands.

use crate::args::{Args, Command};
use crate::client::{Client, segment};
use crate::runs;
use crate::show::{self, clock, list, text, took};
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use std::io::{IsTerminal, Read, Write};
use std::path::Path;

pub(crate) fn run(args: &Args) -> Result<()> {
    let client = Client::find(args)?;
    match &args.command {
        Command::Endpoints => endpoints(&client, args.json),
        Command::Send { endpoint, file, body, sample, header, signature } => {
            let mut fields = Map::new();
            if let Some(body) = body_of(file.as_deref(), body.as_deref())? {
                fields.insert("body".to_owned(), body.into());
            }
            if !header.is_empty() {
                fields.insert("headers".to_owned(), header.join("\n").into());
            }
            for (name, value) in [("sample", sample), ("signature", signature)] {
                fields.extend(value.as_ref().map(|value| (name.to_owned(), value.as_str().into())));
            }
            send(&client, endpoint, fields, args.json)
        }
        Command::Requests { which, follow, limit } => {
            requests(&client, &which.fields(), *limit, *follow, args.json)
        }
        Command::Runs { ids, which, limit } => match ids.as_slice() {
            [] => runs::all(&client, &which.fields(), *limit, args.json),
            ids => runs::each(&client, ids, args.json),
        },
        Command::Replay { ids, which, signature, yes } => {
            let work =
                Work { list: "/requests/replay", each: "/requests", verb: "replay", done: "sent again" };
            let how = signature.as_ref().map_or(json!({}), |signature| json!({ "signature": signature }));
            bulk(&client, &work, ids, &which.fields(), &how, *yes, args.json)
        }
        Command::Retry { ids, which, from, yes } => {
            if from.is_some() && ids.len() != 1 {
                bail!("`--from` needs one run: give its id");
            }
            let work = Work { list: "/runs/retry", each: "/runs", verb: "retry", done: "queued again" };
            let how = from.as_ref().map_or(json!({}), |step| json!({ "from": step }));
            bulk(&client, &work, ids, &which.fields(), &how, *yes, args.json)
        }
        Command::Complete { run, key, file, body } => {
            let body = body_of(file.as_deref(), body.as_deref())?;
            runs::complete(&client, run, key, body.as_deref(), args.json)
        }
        Command::Problems { since } => problems(&client, since, args.json),
    }
}

fn endpoints(client: &Client, as_json: bool) -> Result<()> {
    let found = client.get("/endpoints", &[])?;
    if as_json {
        list(&found, "endpoints").for_each(show::json);
        return Ok(());
    }
    let rows = list(&found, "endpoints").map(|endpoint| {
        let jobs: Vec<_> = list(endpoint, "jobs").map(|job| text(job, "id")).collect();
        let off = endpoint["paused"] == true || endpoint["enabled"] == false;
        let id = if off { format!("{} (off)", text(endpoint, "id")) } else { text(endpoint, "id") };
        vec![id, text(endpoint, "url"), text(endpoint, "verified"), jobs.join(", ")]
    });
    show::table(&["id", "url", "verified", "jobs"], rows);
    Ok(())
}

/// What is to be sent; none where the program has a sample.
fn body_of(file: Option<&Path>, body: Option<&str>) -> Result<Option<String>> {
    match file {
        Some(file) if file == Path::new("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("the standard input is no text")?;
            Ok(Some(text))
        }
        Some(file) => {
            let text = std::fs::read_to_string(file);
            text.map(Some).with_context(|| format!("{} cannot be read", file.display()))
        }
        None => Ok(body.map(str::to_owned)),
    }
}

fn send(client: &Client, endpoint: &str, fields: Map<String, Value>, as_json: bool) -> Result<()> {
    let sent = client.post(&format!("/endpoints/{}/send", segment(endpoint)), &Value::Object(fields))?;
    if as_json {
        show::json(&sent);
    } else {
        landed(client, &sent);
    }
    Ok(())
}

fn landed(client: &Client, sent: &Value) {
    let jobs: Vec<_> = list(sent, "jobs").filter_map(Value::as_str).collect();
    let what = if jobs.is_empty() { text(sent, "reason") } else { format!("runs {}", jobs.join(", ")) };
    show::line(&format!("{} {}  {what}", text(sent, "status"), text(sent, "outcome")));
    show::line(&client.page(&format!("/requests/{}", text(sent, "id"))));
}

fn requests(
    client: &Client,
    fields: &[(&str, &str)],
    limit: usize,
    follow: bool,
    as_json: bool,
) -> Result<()> {
    // Listened to first, so that nothing falls between the two.
    let new = if follow { Some(client.follow("/requests/live", fields)?) } else { None };
    let limit = limit.clamp(1, 500).to_string();
    let mut query = fields.to_vec();
    query.push(("limit", &limit));
    let found = client.get("/requests", &query)?;
    let mut rows: Vec<_> = list(&found, "requests").collect();
    if follow {
        rows.reverse();
    }
    match as_json {
        true => rows.iter().for_each(|row| show::json(row)),
        false if follow => rows.iter().for_each(|row| show::line(&one_line(row))),
        false => show::table(
            &["time", "outcome", "endpoint", "status", "runs, or why none", "id"],
            rows.iter().map(|row| {
                let fields = ["outcome", "endpoint", "status"].map(|name| text(row, name));
                let mut cells = vec![clock(row, "at")];
                cells.extend(fields);
                cells.extend([why(row), text(row, "id")]);
                cells
            }),
        ),
    }
    let Some(new) = new else { return Ok(()) };
    for row in new {
        let row = row?;
        match row.get("missed") {
            _ if as_json => show::json(&row),
            Some(missed) => show::line(&format!("{missed} more came too fast to be told")),
            None => show::line(&one_line(&row)),
        }
    }
    bail!("the program has ended")
}

fn one_line(row: &Value) -> String {
    let fields = ["status", "outcome", "endpoint", "id"].map(|name| text(row, name));
    let [status, outcome, endpoint, id] = fields;
    format!("{} {status} {outcome:<10} {endpoint}  {id}  {}  {}", clock(row, "at"), why(row), took(row))
}

fn why(row: &Value) -> String {
    let runs: Vec<_> = list(row, "runs").map(|run| text(run, "job")).collect();
    if runs.is_empty() { text(row, "reason") } else { runs.join(", ") }
}

/// What is done to many.
struct Work {
    /// Where the plan is made.
    list: &'static str,
    /// Where one of them is.
    each: &'static str,
    verb: &'static str,
    done: &'static str,
}

fn bulk(
    client: &Client,
    work: &Work,
    ids: &[String],
    fields: &[(&str, &str)],
    how: &Value,
    yes: bool,
    as_json: bool,
) -> Result<()> {
    let ids = if ids.is_empty() { planned(client, work, fields, yes)? } else { ids.to_vec() };
    let bar = match ids.len() > 1 && std::io::stderr().is_terminal() {
        true => ProgressBar::new(u64::try_from(ids.len())?),
        false => ProgressBar::hidden(),
    };
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
    let mut failed = Vec::new();
    for id in &ids {
        match client.post(&format!("{}/{}/{}", work.each, segment(id), work.verb), how) {
            Ok(done) if as_json => show::json(&done),
            Ok(done) if ids.len() == 1 && work.verb == "replay" => landed(client, &done),
            Ok(_) => {}
            Err(error) => failed.push(format!("{id}: {error:#}")),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if !as_json && (ids.len() != 1 || work.verb != "replay") {
        show::line(&format!("{} of {} {}", ids.len() - failed.len(), ids.len(), work.done));
    }
    match failed.as_slice() {
        [] => Ok(()),
        failed => bail!("{} failed:\n  {}", failed.len(), failed.join("\n  ")),
    }
}

/// The ids that filters select, the oldest first, when a person agrees.
fn planned(client: &Client, work: &Work, fields: &[(&str, &str)], yes: bool) -> Result<Vec<String>> {
    if fields.is_empty() {
        bail!("give ids, or filters such as `--since 24h`: nothing is done to everything at once");
    }
    let mut query: Map<String, Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    query.insert("plan".to_owned(), true.into());
    let plan = client.post(work.list, &Value::Object(query))?;
    let mut ids: Vec<_> = list(&plan, "ids").filter_map(Value::as_str).map(str::to_owned).collect();
    ids.reverse();
    if ids.is_empty() {
        return Ok(ids);
    }
    if !yes {
        let more = if plan["more"] == true { " of them (there are more)" } else { "" };
        agreed(&format!("{} {}{more}?", work.verb, ids.len()))?;
    }
    Ok(ids)
}

#[allow(clippy::print_stderr, reason = "a question is no output")]
fn agreed(question: &str) -> Result<()> {
    if !std::io::stdin().is_terminal() {
        bail!("{question} Say so with `--yes`: nobody can be asked here");
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "yes" => Ok(()),
        _ => bail!("nothing was done"),
    }
}

fn problems(client: &Client, since: &str, as_json: bool) -> Result<()> {
    let found = client.get("/problems", &[("since", since)])?;
    if as_json {
        show::json(&found);
        return Ok(());
    }
    let mut any = false;
    for group in list(&found, "failures") {
        any = true;
        let [count, state, job, example] = ["count", "state", "job", "example"].map(|name| text(group, name));
        show::line(&format!("{count} runs of {job} {state}, last {}\n  {example}", clock(group, "last")));
        if let Some(run) = list(group, "runs").filter_map(Value::as_str).next() {
            show::line(&format!("  {}", client.page(&format!("/runs/{run}"))));
        }
    }
    for group in list(&found, "rejections") {
        any = true;
        let [count, endpoint, example] = ["count", "endpoint", "example"].map(|name| text(group, name));
        show::line(&format!(
            "{count} requests to {endpoint} rejected, last {}\n  {example}",
            clock(group, "last")
        ));
    }
    for secret in list(&found, "secrets") {
        any = true;
        let used = match text(secret, "last_used") {
            never if never.is_empty() => "not used by any request that is kept: it can go".to_owned(),
            _ => format!("last used {}", clock(secret, "last_used")),
        };
        show::line(&format!("old secret {} of {}: {used}", text(secret, "secret"), text(secret, "endpoint")));
    }
    for off in list(&found, "off") {
        any = true;
        show::line(&format!("{} {} is switched off", text(off, "kind"), text(off, "id")));
    }
    if !any {
        show::line("all is well");
    }
    Ok(())
}
