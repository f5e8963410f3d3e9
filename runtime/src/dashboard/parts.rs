//! Parts of pages that stand in many places. Each is drawn by a function of its
//! own, where a macro would be written out wherever it is used.

use super::{parts, text};
use crate::admin::Visit;
use crate::admin::view::body::BodyView;
use crate::admin::view::event::EventView;
use crate::admin::view::request::{RequestView, RunRef};
use crate::admin::view::sample::SampleView;
use crate::admin::view::verdict::ClauseView;
use crate::time::Timestamp;
use askama::filters::{Escaper as _, Html, HtmlSafe};
use askama::{FastWritable, Template, Values};
use std::fmt;

/// Parts are not escaped once more: their own templates do it.
macro_rules! parts {
    ($($part:ident),+) => { $(impl HtmlSafe for $part<'_> {})+ };
}

parts!(Badge, Body, Chip, Clauses, Console, Csrf, Marked, Options, Origin, Requests, Row, RunLink, Since);
impl HtmlSafe for Day {}
impl HtmlSafe for Signature {}
impl HtmlSafe for Spark {}
impl HtmlSafe for When {}

/// A point in time of today.
#[derive(Template)]
#[template(
    source = r#"<time datetime="{{ at }}" title="{{ at }}">{{ text::clock(at) }}</time>"#,
    ext = "html"
)]
pub(super) struct When {
    at: String,
}

pub(super) fn when(at: &Timestamp) -> When {
    When { at: at.to_string() }
}

/// A point in time of any day.
#[derive(Template)]
#[template(source = r#"<time datetime="{{ at }}" title="{{ at }}">{{ text::day(at) }}</time>"#, ext = "html")]
pub(super) struct Day {
    at: String,
}

pub(super) fn day(at: &Timestamp) -> Day {
    Day { at: at.to_string() }
}

/// An outcome or a state.
#[derive(Template)]
#[template(source = r#"<span class="chip {{ state }}">{{ text::words(state) }}</span>"#, ext = "html")]
pub(super) struct Chip<'a> {
    state: &'a str,
}

pub(super) fn chip(state: &str) -> Chip<'_> {
    Chip { state }
}

/// Two letters in a colour, by which an endpoint is found again.
#[derive(Template)]
#[template(
    source = r#"<span class="badge h{{ text::hue(id) }}" aria-hidden="true">{{ text::initials(id) }}</span>"#,
    ext = "html"
)]
pub(super) struct Badge<'a> {
    id: &'a str,
}

pub(super) fn badge(id: &str) -> Badge<'_> {
    Badge { id }
}

/// What a form brings along against forgery.
#[derive(Template)]
#[template(
    source = r#"{% if let Some(csrf) = csrf %}<input type="hidden" name="csrf" value="{{ csrf }}">{% endif %}"#,
    ext = "html"
)]
pub(super) struct Csrf<'a> {
    csrf: Option<&'a str>,
}

pub(super) fn csrf(visit: &Visit) -> Csrf<'_> {
    Csrf { csrf: visit.csrf.as_deref() }
}

/// The entries of a menu, of which one may be chosen.
#[derive(Template)]
#[template(
    source = r#"{% for value in all %}<option value="{{ value }}"{% if *value == chosen %} selected{% endif %}>{% if in_words %}{{ text::words(value) }}{% else %}{{ value }}{% endif %}</option>{% endfor %}"#,
    ext = "html"
)]
pub(super) struct Options<'a> {
    all: &'a [&'a str],
    chosen: &'a str,
    in_words: bool,
}

/// Ids, as they are.
pub(super) fn ids<'a>(all: &'a [&'a str], chosen: &'a str) -> Options<'a> {
    Options { all, chosen, in_words: false }
}

/// Names of the API, in words.
pub(super) fn names<'a>(all: &'a [&'a str], chosen: &'a str) -> Options<'a> {
    Options { all, chosen, in_words: true }
}

/// The menu of how far back a list goes.
#[derive(Template)]
#[template(path = "parts/since.html")]
pub(super) struct Since<'a> {
    chosen: &'a str,
}

pub(super) fn since(chosen: &str) -> Since<'_> {
    Since { chosen }
}

/// A row of the stream.
#[derive(Template)]
#[template(path = "parts/row.html")]
pub(super) struct Row<'a> {
    root: &'a str,
    r: &'a RequestView,
    /// Whether it has just arrived.
    fresh: bool,
}

pub(super) fn row<'a>(root: &'a str, r: &'a RequestView) -> Row<'a> {
    Row { root, r, fresh: false }
}

pub(super) fn fresh_row<'a>(root: &'a str, r: &'a RequestView) -> Row<'a> {
    Row { root, r, fresh: true }
}

/// The last requests of an endpoint.
#[derive(Template)]
#[template(path = "parts/requests.html")]
pub(super) struct Requests<'a> {
    root: &'a str,
    requests: &'a [RequestView],
}

pub(super) fn requests<'a>(root: &'a str, requests: &'a [RequestView]) -> Requests<'a> {
    Requests { root, requests }
}

/// A run by the name of its job.
#[derive(Template)]
#[template(path = "parts/run.html")]
pub(super) struct RunLink<'a> {
    root: &'a str,
    run: &'a RunRef,
}

pub(super) fn run<'a>(root: &'a str, run: &'a RunRef) -> RunLink<'a> {
    RunLink { root, run }
}

/// Where an event comes from.
#[derive(Template)]
#[template(path = "parts/origin.html")]
pub(super) struct Origin<'a> {
    root: &'a str,
    e: &'a EventView,
}

pub(super) fn origin<'a>(root: &'a str, e: &'a EventView) -> Origin<'a> {
    Origin { root, e }
}

/// The clauses of a filter, and what they met.
#[derive(Template)]
#[template(path = "parts/clauses.html")]
pub(super) struct Clauses<'a> {
    clauses: &'a [ClauseView],
}

pub(super) fn clauses(clauses: &[ClauseView]) -> Clauses<'_> {
    Clauses { clauses }
}

/// A body in tabs; the name tells apart those of one page.
#[derive(Template)]
#[template(path = "parts/body.html")]
pub(super) struct Body<'a> {
    name: &'a str,
    body: &'a BodyView,
}

pub(super) fn body<'a>(name: &'a str, body: &'a BodyView) -> Body<'a> {
    Body { name, body }
}

/// How what a person sends is signed.
#[derive(Template)]
#[template(path = "parts/signature.html")]
pub(super) struct Signature {
    can_sign: bool,
}

pub(super) fn signature(can_sign: &bool) -> Signature {
    Signature { can_sign: *can_sign }
}

/// What an endpoint can be tried with.
#[derive(Template)]
#[template(path = "parts/console.html")]
pub(super) struct Console<'a> {
    pub(super) visit: &'a Visit,
    pub(super) id: &'a str,
    pub(super) samples: &'a [SampleView],
    /// Whether the program can sign as the provider does.
    pub(super) can_sign: bool,
    pub(super) cannot_sign: Option<&'static str>,
}

/// How many requests came in each of the last minutes.
#[derive(Template)]
#[template(path = "parts/spark.html")]
pub(super) struct Spark {
    total: u64,
    bars: Vec<SparkBar>,
}

struct SparkBar {
    x: usize,
    y: u64,
    height: u64,
}

pub(super) fn spark(minutes: &[u64]) -> Spark {
    let most = minutes.iter().copied().max().unwrap_or_default().max(1);
    let bars = minutes.iter().enumerate().filter(|(_, count)| **count > 0).map(|(n, count)| {
        let height = (count * 22 / most).max(2);
        SparkBar { x: n * 3, y: 24 - height, height }
    });
    Spark { total: minutes.iter().sum(), bars: bars.collect() }
}

/// JSON with its keys and texts marked. Every piece is escaped.
pub(super) struct Marked<'a>(&'a str);

pub(super) fn marked(json: &str) -> Marked<'_> {
    Marked(json)
}

impl fmt::Display for Marked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_marked(f, self.0)
    }
}

impl FastWritable for Marked<'_> {
    fn write_into(&self, out: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        Ok(write_marked(out, self.0)?)
    }
}

fn write_marked(out: &mut dyn fmt::Write, json: &str) -> fmt::Result {
    let mut rest = json;
    while let Some(start) = rest.find('"') {
        let (before, text) = rest.split_at(start);
        Html.write_escaped_str(&mut *out, before)?;
        let (text, after) = text.split_at(end_of_text(text));
        out.write_str(if after.starts_with(':') {
            "<span class=\"j-key\">"
        } else {
            "<span class=\"j-str\">"
        })?;
        Html.write_escaped_str(&mut *out, text)?;
        out.write_str("</span>")?;
        rest = after;
    }
    Html.write_escaped_str(out, rest)
}

/// Where a text in quotes that begins here ends.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_json_is_escaped_to_the_last_letter() {
        let marked = marked(r#"{"<a>": "</script>\"<b>", "n": 1}<"#).to_string();
        assert!(
            !marked.contains("<a>") && !marked.contains("<b>") && !marked.contains("</script"),
            "{marked}"
        );
        assert!(marked.contains(r#"<span class="j-key">&#34;&#60;a&#62;&#34;</span>"#), "{marked}");
        assert!(super::marked("\"open <").to_string().ends_with("&#34;open &#60;</span>"));
    }
}
