//! Values as people read them. Templates hand over references, and escape what
//! comes back.

use askama::filters::HtmlSafe;
use askama::{FastWritable, Values};
use std::fmt;
use uuid::Uuid;

/// The time of day, of a point in time.
pub(super) fn clock(at: &str) -> &str {
    at.get(11..19).unwrap_or(at)
}

/// The day and the minute, of a point in time.
pub(super) fn day(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}

/// A name of the API in words.
pub(super) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// Microseconds as a person reads them.
pub(super) fn took(micros: &u64) -> String {
    let micros = *micros;
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        1_000_000..60_000_000 => format!("{:.1} s", micros as f64 / 1e6),
        60_000_000..3_600_000_000 => format!("{} min {} s", micros / 60_000_000, micros / 1_000_000 % 60),
        _ => format!("{} h {} min", micros / 3_600_000_000, micros / 60_000_000 % 60),
    }
}

/// The length of a body.
pub(super) fn bytes(length: &usize) -> String {
    let length = *length;
    match length {
        0..1024 => format!("{length} B"),
        1024..1_048_576 => format!("{:.1} KB", length as f64 / 1024.0),
        _ => format!("{:.1} MB", length as f64 / 1_048_576.0),
    }
}

/// A number with spaces between its thousands.
pub(super) fn count(number: &u64) -> String {
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

/// Text as one segment of a path, or as a value of a query; nothing is left in it to be escaped.
pub(super) struct Segment<'a>(&'a str);

pub(super) fn segment(text: &str) -> Segment<'_> {
    Segment(text)
}

impl HtmlSafe for Segment<'_> {}

impl fmt::Display for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_segment(f, self.0)
    }
}

impl FastWritable for Segment<'_> {
    fn write_into(&self, out: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        Ok(write_segment(out, self.0)?)
    }
}

fn write_segment(out: &mut dyn fmt::Write, text: &str) -> fmt::Result {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.write_char(char::from(byte))?;
        } else {
            write!(out, "%{byte:02X}")?;
        }
    }
    Ok(())
}

/// The first so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Two letters that stand for an endpoint.
pub(super) fn initials(text: &str) -> String {
    let mut words = text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let (first, last) = (words.next(), words.next_back());
    let letters: String = match (first, last) {
        (Some(first), Some(last)) => first.chars().take(1).chain(last.chars().take(1)).collect(),
        (Some(only), None) => only.chars().take(2).collect(),
        (None, _) => "?".to_owned(),
    };
    letters.to_uppercase()
}

/// One of eight colours for an endpoint.
pub(super) fn hue(text: &str) -> u32 {
    text.bytes().fold(7, |hash, byte| hash * 31 % 9973 + u32::from(byte)) % 8
}

/// A text that says something.
pub(super) fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// The newest of the ids of a group.
pub(super) fn first(ids: &[Uuid]) -> Uuid {
    ids.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            [took(&7), took(&1_596), took(&61_000_000), took(&7_261_000_000)],
            ["7 µs", "1.6 ms", "1 min 1 s", "2 h 1 min"]
        );
        assert_eq!([count(&7), count(&1234567)], ["7", "1\u{202f}234\u{202f}567"]);
        assert_eq!(bytes(&1536), "1.5 KB");
        assert_eq!([initials("cal.com"), initials("github"), initials("--")], ["CC", "GI", "?"]);
        assert_eq!(segment("a/b \"ü").to_string(), "a%2Fb%20%22%C3%BC");
    }
}
