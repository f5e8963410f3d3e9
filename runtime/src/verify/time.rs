//! Reads timestamps and compares them with the clock.

use super::layout::{TimeUnit, Window};
use super::outcome::Reason;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time that `text` says, or `None` where it is not read
/// ([`TimeUnit::Opaque`]).
pub(super) fn parse(text: &str, unit: TimeUnit) -> Result<Option<SystemTime>, Reason> {
    let since = match unit {
        TimeUnit::Seconds => Duration::from_secs(digits(text)?),
        TimeUnit::Milliseconds => Duration::from_millis(digits(text)?),
        TimeUnit::Rfc3339 => return rfc3339(text).map(Some),
        TimeUnit::Opaque => return Ok(None),
    };
    UNIX_EPOCH.checked_add(since).map(Some).ok_or(Reason::MalformedTimestamp)
}

/// Plain digits: a sign, a space or a fraction would be a second way to write
/// the same time, and readers differ on what they make of it.
fn digits(text: &str) -> Result<u64, Reason> {
    if text.is_empty() || text.len() > 15 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::MalformedTimestamp);
    }
    text.parse().map_err(|_| Reason::MalformedTimestamp)
}

fn rfc3339(text: &str) -> Result<SystemTime, Reason> {
    let shape = text.len() <= 40
        && text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't'))
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'T' | b't' | b'Z' | b'z' | b':' | b'.' | b'+' | b'-'));
    if !shape {
        return Err(Reason::MalformedTimestamp);
    }
    let time: jiff::Timestamp = text.parse().map_err(|_| Reason::MalformedTimestamp)?;
    Ok(time.into())
}

/// Whether `signed` is within `window` of `now`; the bounds are inside.
///
/// Where the provider counts in whole seconds, so does this: a request of
/// exactly the allowed age is accepted for the whole of that second.
pub(super) fn check(
    signed: SystemTime,
    now: SystemTime,
    unit: TimeUnit,
    window: Window,
) -> Result<(), Reason> {
    let now = match unit {
        TimeUnit::Seconds => whole_seconds(now),
        _ => now,
    };
    match now.duration_since(signed) {
        Ok(age) if age > Duration::from_secs(window.past.into()) => {
            Err(Reason::Stale { age: age.as_secs(), allowed: window.past })
        }
        Ok(_) => Ok(()),
        Err(ahead) if ahead.duration() > Duration::from_secs(window.future.into()) => {
            Err(Reason::Future { ahead: ahead.duration().as_secs(), allowed: window.future })
        }
        Err(_) => Ok(()),
    }
}

fn whole_seconds(time: SystemTime) -> SystemTime {
    time.duration_since(UNIX_EPOCH).map_or(time, |since| UNIX_EPOCH + Duration::from_secs(since.as_secs()))
}

/// Writes `time` in `unit`; as Unix seconds where the unit says nothing.
pub(super) fn format(time: SystemTime, unit: TimeUnit) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    match unit {
        TimeUnit::Seconds | TimeUnit::Opaque => since.as_secs().to_string(),
        TimeUnit::Milliseconds => since.as_millis().to_string(),
        TimeUnit::Rfc3339 => {
            jiff::Timestamp::try_from(UNIX_EPOCH + since).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_digits_and_nothing_else() {
        for text in ["", "+1", "-1", " 1", "1 ", "1.5", "1e3", "0x1", "1abc", "NaN", "１", "1234567890123456"]
        {
            assert_eq!(parse(text, TimeUnit::Seconds), Err(Reason::MalformedTimestamp), "{text}");
        }
        assert_eq!(parse("0012", TimeUnit::Seconds), Ok(Some(UNIX_EPOCH + Duration::from_secs(12))));
        assert_eq!(parse("anything", TimeUnit::Opaque), Ok(None));
    }

    #[test]
    fn rfc_3339_is_read_to_the_nanosecond() {
        let time = |nanos| Ok(Some(UNIX_EPOCH + Duration::new(1_763_752_000, nanos)));
        assert_eq!(parse("2025-11-21T19:06:40Z", TimeUnit::Rfc3339), time(0));
        assert_eq!(parse("2025-11-21T20:06:40.634234626+01:00", TimeUnit::Rfc3339), time(634_234_626));
        for text in ["2025-11-21", "2025-11-21 19:06:40Z", "2025-11-21T19:06:40", "1763752000", "now"] {
            assert_eq!(parse(text, TimeUnit::Rfc3339), Err(Reason::MalformedTimestamp), "{text}");
        }
    }

    #[test]
    fn the_bounds_of_the_window_are_inside() {
        let at = |millis| UNIX_EPOCH + Duration::from_millis(millis);
        let window = Window { past: 10, future: 5 };
        let verdict = |now, unit| check(at(100_000), at(now), unit, window).map_err(|reason| reason.code());
        for unit in [TimeUnit::Seconds, TimeUnit::Milliseconds] {
            assert_eq!(verdict(110_000, unit), Ok(()));
            assert_eq!(verdict(111_000, unit), Err("stale"));
            assert_eq!(verdict(95_000, unit), Ok(()));
            assert_eq!(verdict(94_000, unit), Err("future"));
        }
        assert_eq!(verdict(110_999, TimeUnit::Seconds), Ok(()));
        assert_eq!(verdict(110_001, TimeUnit::Milliseconds), Err("stale"));
    }
}
