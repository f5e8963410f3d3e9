//! Prints tables for people, JSON for scripts.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde_json::Value;

/// A table of rows of text.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(head.iter().map(|name| name.to_uppercase()));
    for row in rows {
        table.add_row(row.into_iter().map(|cell| plain(&cell)));
    }
    println!("{}", table.trim_fmt());
}

/// A line.
pub(crate) fn line(text: &str) {
    println!("{}", plain(text));
}

/// JSON, a value a line.
pub(crate) fn json(value: &Value) {
    println!("{value}");
}

/// Why a command came to nothing.
#[allow(clippy::print_stderr, reason = "it is where errors go")]
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("error: {}", plain(&format!("{error:#}")));
}

/// The text of a field; nothing where it is missing.
pub(crate) fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

/// The entries of a list.
pub(crate) fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// A time of the API without its date and its fractions.
pub(crate) fn clock(value: &Value, name: &str) -> String {
    let at = text(value, name);
    match at.split_once('T') {
        Some((day, time)) => format!("{day} {}", time.get(..8).unwrap_or(time)),
        None => at,
    }
}

/// Microseconds as a person reads them.
pub(crate) fn took(value: &Value) -> String {
    match value.get("took").and_then(Value::as_u64) {
        None => String::new(),
        Some(micros @ 0..1_000) => format!("{micros} µs"),
        Some(micros @ 1_000..1_000_000) => format!("{:.1} ms", micros as f64 / 1e3),
        Some(micros) => format!("{:.1} s", micros as f64 / 1e6),
    }
}

/// What a stranger sent must not move the cursor or colour the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|char| if char.is_control() && char != '\n' { '\u{fffd}' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_taken_out() {
        assert_eq!(plain("a\u{1b}[31mred\r\u{7}"), "a\u{fffd}[31mred\u{fffd}\u{fffd}");
    }
}
