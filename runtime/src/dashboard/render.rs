//! Draws pages from templates. Everything that is put into one is escaped; the
//! filters here return text, but for one that marks JSON and escapes it itself.

use crate::admin::Visit;
use crate::admin::answer::{Answer, Problem, respond};
use axum::response::Response;
use http::StatusCode;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::OnceLock;

const TEMPLATES: [(&str, &str); 20] = [
    ("base.html", include_str!("templates/base.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("stream.html", include_str!("templates/stream.html")),
    ("endpoints.html", include_str!("templates/endpoints.html")),
    ("console.html", include_str!("templates/console.html")),
    ("endpoint.html", include_str!("templates/endpoint.html")),
    ("request.html", include_str!("templates/request.html")),
    ("edit.html", include_str!("templates/edit.html")),
    ("compare.html", include_str!("templates/compare.html")),
    ("text.html", include_str!("templates/text.html")),
    ("runs.html", include_str!("templates/runs.html")),
    ("run.html", include_str!("templates/run.html")),
    ("events.html", include_str!("templates/events.html")),
    ("event.html", include_str!("templates/event.html")),
    ("schedules.html", include_str!("templates/schedules.html")),
    ("sources.html", include_str!("templates/sources.html")),
    ("source.html", include_str!("templates/source.html")),
    ("map.html", include_str!("templates/map.html")),
    ("problems.html", include_str!("templates/problems.html")),
    ("plan.html", include_str!("templates/plan.html")),
];

/// The same for every page.
#[derive(Serialize)]
struct Frame<'a, T: Serialize> {
    root: &'a str,
    csrf: Option<&'a str>,
    may_act: bool,
    version: &'static str,
    /// The entry of the menu where this page is.
    here: &'a str,
    #[serde(flatten)]
    page: T,
}

/// Draws a page.
pub(super) fn page(visit: &Visit, template: &str, here: &str, page: impl Serialize) -> Answer {
    let html = drawn(template, &frame(visit, here, page))?;
    Ok(respond(StatusCode::OK, "text/html; charset=utf-8", html))
}

/// Draws a problem as a page.
pub(super) fn problem(visit: &Visit, problem: &Problem) -> Response {
    #[derive(Serialize)]
    struct Shown<'a> {
        status: String,
        text: &'a str,
    }
    let shown = Shown { status: problem.status.to_string(), text: &problem.text };
    let html = drawn("error.html", &frame(visit, "-", shown)).unwrap_or_default();
    respond(problem.status, "text/html; charset=utf-8", html)
}

/// Draws one row of the stream.
pub(super) fn row(root: &str, row: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct One<'a, T> {
        root: &'a str,
        r: &'a T,
    }
    drawn("row.html", &One { root, r: row }).unwrap_or_default()
}

fn frame<'a, T: Serialize>(visit: &'a Visit, here: &'a str, page: T) -> Frame<'a, T> {
    Frame {
        root: &visit.root,
        csrf: visit.csrf.as_deref(),
        may_act: visit.may_act,
        version: env!("CARGO_PKG_VERSION"),
        here,
        page,
    }
}

fn drawn(template: &str, context: &impl Serialize) -> Answer<String> {
    let broken = |error: minijinja::Error| Problem {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        text: format!("the page cannot be drawn: {error}"),
    };
    let template = environment().get_template(template).map_err(broken)?;
    template.render(Serde(context)).map_err(broken)
}

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, source) in TEMPLATES.into_iter().chain([
            ("error.html", include_str!("templates/error.html")),
            ("row.html", "{% from \"parts.html\" import row %}{{ row(root, r, fresh=true) }}"),
        ]) {
            // A template that does not compile is missing, and its page says so; a test draws them all.
            let _ = environment.add_template(name, source);
        }
        environment.add_filter("clock", |at: &str| at.get(11..19).unwrap_or(at).to_owned());
        environment.add_filter("day", |at: &str| at.get(..16).unwrap_or(at).replace('T', " "));
        environment.add_filter("words", |name: &str| name.replace('_', " "));
        environment.add_filter("took", took);
        environment.add_filter("bytes", bytes);
        environment.add_filter("count", count);
        environment.add_filter("seg", segment);
        environment.add_filter("hue", |text: &str| {
            text.bytes().fold(7_u32, |hash, byte| hash * 31 % 9973 + u32::from(byte)) % 8
        });
        environment.add_filter("initials", initials);
        environment.add_filter("cut", |text: &str, most: usize| match text.char_indices().nth(most) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text.to_owned(),
        });
        environment.add_filter("bars", bars);
        environment.add_filter("json_marked", json_marked);
        environment
    })
}

/// Microseconds as a person reads them.
fn took(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        1_000_000..60_000_000 => format!("{:.1} s", micros as f64 / 1e6),
        60_000_000..3_600_000_000 => format!("{} min {} s", micros / 60_000_000, micros / 1_000_000 % 60),
        _ => format!("{} h {} min", micros / 3_600_000_000, micros / 60_000_000 % 60),
    }
}

fn bytes(length: u64) -> String {
    match length {
        0..1024 => format!("{length} B"),
        1024..1_048_576 => format!("{:.1} KB", length as f64 / 1024.0),
        _ => format!("{:.1} MB", length as f64 / 1_048_576.0),
    }
}

/// A number with spaces between its thousands.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// Text as one segment of a path, or as a value of a query.
pub(super) fn segment(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Two letters that stand for an endpoint.
fn initials(text: &str) -> String {
    let words: Vec<_> =
        text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let letters: String = match words.as_slice() {
        [] => "?".to_owned(),
        [one] => one.chars().take(2).collect(),
        [first, .., last] => first.chars().take(1).chain(last.chars().take(1)).collect(),
    };
    letters.to_uppercase()
}

#[derive(Serialize)]
struct Bar {
    x: usize,
    y: u64,
    height: u64,
}

/// The bars of a sparkline of 180 by 24.
#[expect(clippy::needless_pass_by_value, reason = "templates hand over what they have")]
fn bars(minutes: Vec<u64>) -> Value {
    let most = minutes.iter().copied().max().unwrap_or_default().max(1);
    let bars = minutes.iter().enumerate().filter(|(_, count)| **count > 0).map(|(n, count)| {
        let height = (count * 22 / most).max(2);
        Bar { x: n * 3, y: 24 - height, height }
    });
    Value::from(Serde(bars.collect::<Vec<_>>()))
}

/// JSON with its keys and texts marked. Every piece is escaped.
fn json_marked(json: &str) -> Value {
    let mut out = String::with_capacity(json.len() * 2);
    let mut rest = json;
    while let Some(start) = rest.find('"') {
        let (before, text) = rest.split_at(start);
        escape(&mut out, before);
        let end = end_of_text(text);
        let (text, after) = text.split_at(end);
        let class = if after.starts_with(':') { "key" } else { "str" };
        let _ = write!(out, "<span class=\"j-{class}\">");
        escape(&mut out, text);
        out.push_str("</span>");
        rest = after;
    }
    escape(&mut out, rest);
    Value::from_safe_string(out)
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

fn escape(out: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_compiles() {
        for (name, source) in TEMPLATES {
            let mut environment = Environment::new();
            environment.add_template(name, source).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        }
        assert!(environment().get_template("row.html").is_ok());
    }

    #[test]
    fn marked_json_is_escaped_to_the_last_letter() {
        let marked = json_marked(r#"{"<a>": "</script>\"<b>", "n": 1}<"#).to_string();
        assert!(
            !marked.contains("<a>") && !marked.contains("<b>") && !marked.contains("</script"),
            "{marked}"
        );
        assert!(marked.contains(r#"<span class="j-key">&quot;&lt;a&gt;&quot;</span>"#), "{marked}");
        assert!(json_marked("\"open <").to_string().ends_with("&quot;open &lt;</span>"));
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            [took(7), took(1_596), took(61_000_000), took(7_261_000_000)],
            ["7 µs", "1.6 ms", "1 min 1 s", "2 h 1 min"]
        );
        assert_eq!([count(7), count(1234567)], ["7", "1\u{202f}234\u{202f}567"]);
        assert_eq!(bytes(1536), "1.5 KB");
        assert_eq!([initials("cal.com"), initials("github"), initials("--")], ["CC", "GI", "?"]);
        assert_eq!(segment("a/b c"), "a%2Fb%20c");
    }
}
