//! A body as a person reads it: pretty, raw and in hexadecimal.

use super::super::redact::{Redaction, Shown};
use serde::Serialize;
use std::fmt::Write as _;

/// More of a body than this is not put into a page; the API has all of it.
const MOST_SHOWN: usize = 256 * 1024;
/// The same in hexadecimal, which is four times as long.
const MOST_HEX: usize = 16 * 1024;

/// A body.
#[derive(Debug, Serialize)]
pub(crate) struct BodyView {
    /// The length of the whole body.
    pub(crate) length: usize,
    /// How many bytes of it are kept.
    pub(crate) kept: usize,
    /// The text, where it is text and not too long.
    pub(crate) text: Option<String>,
    /// The same with line breaks, where it is JSON.
    pub(crate) pretty: Option<String>,
    /// The exact bytes, sixteen a line.
    pub(crate) hex: Option<String>,
    /// Why it is not shown as it is.
    pub(crate) note: Option<String>,
}

impl BodyView {
    pub(crate) fn new(redaction: &Redaction, body: &[u8], length: usize) -> Self {
        let empty = BodyView { length, kept: body.len(), text: None, pretty: None, hex: None, note: None };
        let cut = (body.len() < length).then(|| format!("only the first {} bytes are kept", body.len()));
        let (bytes, note) = match redaction.body(body) {
            Shown::Exact(bytes) => (bytes.into_owned(), cut),
            Shown::Redacted(bytes) => (bytes, Some("some values are hidden".to_owned())),
            Shown::Nothing => {
                let note = "not shown: a part of it must be hidden, and it is no whole JSON".to_owned();
                return BodyView { note: Some(note), ..empty };
            }
        };
        if bytes.len() > MOST_SHOWN {
            let note = format!("{} bytes are too many for a page", bytes.len());
            return BodyView { note: Some(note), hex: Some(hex(&bytes)), ..empty };
        }
        let hex = Some(hex(&bytes));
        let text = String::from_utf8(bytes).ok();
        let is_json = |text: &&String| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let pretty = text.as_ref().filter(is_json).map(|text| pretty(text));
        BodyView { text, pretty, hex, note, ..empty }
    }
}

/// JSON with line breaks; numbers, keys and their order stay exactly as they are.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut chars = json.chars().peekable();
    while let Some(char) = chars.next() {
        if in_text {
            out.push(char);
            match char {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match char {
            ' ' | '\n' | '\r' | '\t' => {}
            '"' => {
                in_text = true;
                out.push(char);
            }
            '{' | '[' => {
                out.push(char);
                while chars.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(end) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(char);
            }
            ',' => {
                out.push(char);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            other => out.push(other),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    // What is nested deeper would be nothing but spaces.
    out.extend(std::iter::repeat_n("  ", depth.min(64)));
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (n, row) in bytes.chunks(16).take(MOST_HEX / 16).enumerate() {
        // Writing to a string does not fail.
        let _ = write!(out, "{:08x} ", n * 16);
        for column in 0..16 {
            let _ = match row.get(column) {
                Some(byte) => write!(out, " {byte:02x}"),
                None => write!(out, "   "),
            };
        }
        out.push_str("  ");
        out.extend(row.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }));
        out.push('\n');
    }
    if bytes.len() > MOST_HEX {
        let _ = write!(out, ".. and {} bytes more", bytes.len() - MOST_HEX);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_json_changes_nothing_but_white_space() {
        let json = r#"{"b":1.0,"a":[ ],"t":"a, {b}: \"c\" \\","n":[{"x":null},12345678901234567890]}"#;
        let pretty = pretty(json);
        assert_eq!(
            pretty,
            "{\n  \"b\": 1.0,\n  \"a\": [],\n  \"t\": \"a, {b}: \\\"c\\\" \\\\\",\n  \"n\": [\n    {\n      \"x\": null\n    },\n    12345678901234567890\n  ]\n}"
        );
    }

    #[test]
    fn hexadecimal_shows_places_bytes_and_letters() {
        let gap = " ".repeat(9 * 3);
        assert_eq!(hex(b"GET /\x00\xff"), format!("00000000  47 45 54 20 2f 00 ff{gap}  GET /..\n"));
    }
}
