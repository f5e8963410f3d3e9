//! Runs: a list of them, one with what it returned, and the ends of their waits.

use crate::client::{Client, segment};
use crate::show::{self, clock, list, text, took};
use anyhow::Result;
use serde_json::{Map, Value};

/// Those that the filters select.
pub(crate) fn all(client: &Client, fields: &[(&str, &str)], limit: usize, as_json: bool) -> Result<()> {
    let limit = limit.clamp(1, 500).to_string();
    let mut query = fields.to_vec();
    query.push(("limit", &limit));
    let found = client.get("/runs", &query)?;
    if as_json {
        list(&found, "runs").for_each(show::json);
        return Ok(());
    }
    let rows = list(&found, "runs").map(|run| {
        vec![
            clock(run, "created_at"),
            text(run, "state"),
            text(run, "job"),
            text(run, "attempt"),
            took(run),
            text(run, "error"),
            text(run, "id"),
        ]
    });
    show::table(&["made", "state", "job", "attempt", "took", "error", "id"], rows);
    Ok(())
}

/// Some, each with its open waits and its output.
pub(crate) fn each(client: &Client, ids: &[String], as_json: bool) -> Result<()> {
    for id in ids {
        let run = client.get(&format!("/runs/{}", segment(id)), &[])?;
        if as_json {
            show::json(&run);
        } else {
            one(client, &run);
        }
    }
    Ok(())
}

fn one(client: &Client, run: &Value) {
    let [state, job, version, attempt] = ["state", "job", "version", "attempt"].map(|name| text(run, name));
    let took = took(run);
    let took = if took.is_empty() { took } else { format!(", took {took}") };
    show::line(&format!("{state} {job} {version}, attempt {attempt}{took}"));
    show::line(&client.page(&format!("/runs/{}", text(run, "id"))));
    let error = text(run, "error");
    if !error.is_empty() {
        show::line(&format!("error: {error}"));
    }
    for wait in list(run, "waits") {
        show::line(&waiting(wait));
    }
    let output = text(run, "output");
    if !output.is_empty() {
        show::line(&format!("output: {output}"));
    }
}

/// What a run waits for.
fn waiting(wait: &Value) -> String {
    let what = match text(wait, "kind").as_str() {
        "wait" => String::new(),
        "event" => format!(" for event {}", text(wait, "event")),
        kind => format!(" for a {kind}"),
    };
    let filters: Vec<_> = list(wait, "filters").filter_map(Value::as_str).collect();
    let filters = if filters.is_empty() { String::new() } else { format!(" {}", filters.join(" ")) };
    let until = clock(wait, "due_at");
    let until = if until.is_empty() { until } else { format!(" until {until}") };
    format!("waits at `{}`{what}{filters}{until}", text(wait, "key"))
}

/// Ends a wait, with JSON where it takes some.
pub(crate) fn complete(
    client: &Client,
    run: &str,
    key: &str,
    body: Option<&str>,
    as_json: bool,
) -> Result<()> {
    let mut fields = Map::from_iter([("wait".to_owned(), key.into())]);
    fields.extend(body.map(|body| ("body".to_owned(), body.into())));
    let told = client.post(&format!("/runs/{}/complete", segment(run)), &Value::Object(fields))?;
    if as_json {
        show::json(&told);
    } else {
        show::line(&format!("the wait `{key}` has ended: {} goes on", text(&told, "job")));
    }
    Ok(())
}
