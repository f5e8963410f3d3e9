//! What expressions mean, and what is said of those that are wrong.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use proptest::prelude::*;
use triggerfish_cron::{Cron, Minute};

fn at(text: &str) -> Minute {
    let number = |range: std::ops::Range<usize>| text[range].parse::<u16>().unwrap();
    Minute {
        year: number(0..4).into(),
        month: number(5..7) as u8,
        day: number(8..10) as u8,
        hour: number(11..13) as u8,
        minute: number(14..16) as u8,
    }
}

fn shown(minute: Minute) -> String {
    let Minute { year, month, day, hour, minute } = minute;
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
}

/// The next `count` after a time.
fn following(cron: &str, from: &str, count: usize) -> Vec<String> {
    let cron: Cron = cron.parse().unwrap_or_else(|error| panic!("{error}"));
    let mut now = at(from);
    let mut all = Vec::new();
    for _ in 0..count {
        let Some(next) = cron.after(now) else { break };
        assert!(next > now);
        all.push(shown(next));
        now = next;
    }
    all
}

#[test]
fn each_field_is_followed() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("0 3 * * *", "2025-11-21 02:59", &["2025-11-21 03:00", "2025-11-22 03:00"]),
        ("0 3 * * *", "2025-11-21 03:00", &["2025-11-22 03:00"]),
        ("*/15 * * * *", "2025-11-21 23:46", &["2025-11-22 00:00", "2025-11-22 00:15"]),
        ("5/20 * * * *", "2025-11-21 23:46", &["2025-11-22 00:05", "2025-11-22 00:25", "2025-11-22 00:45"]),
        ("0 9-17/4 * * *", "2025-11-21 10:00", &["2025-11-21 13:00", "2025-11-21 17:00", "2025-11-22 09:00"]),
        ("0 0 1,15 * *", "2025-12-16 00:00", &["2026-01-01 00:00", "2026-01-15 00:00"]),
        ("0 0 L * *", "2024-01-31 00:00", &["2024-02-29 00:00", "2024-03-31 00:00", "2024-04-30 00:00"]),
        ("0 0 1 jan,JUL *", "2025-01-01 00:00", &["2025-07-01 00:00", "2026-01-01 00:00"]),
        ("0 0 * * 0", "2025-11-21 00:00", &["2025-11-23 00:00", "2025-11-30 00:00"]),
        ("0 0 * * 7", "2025-11-21 00:00", &["2025-11-23 00:00"]),
        ("0 0 * * sat-7", "2025-11-21 00:00", &["2025-11-22 00:00", "2025-11-23 00:00", "2025-11-29 00:00"]),
        ("0 0 * * fri-sun", "2025-11-21 00:00", &[]),
        ("0 0 29 2 *", "2025-01-01 00:00", &["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 0 29 2 *", "2096-03-01 00:00", &["2104-02-29 00:00"]),
    ];
    for (cron, from, expected) in rows {
        if expected.is_empty() {
            assert!(cron.parse::<Cron>().is_err(), "{cron}");
            continue;
        }
        assert_eq!(following(cron, from, expected.len()), *expected, "{cron}");
    }
}

#[test]
fn two_fields_for_days_are_one_or_the_other_unless_one_begins_with_a_star() {
    // The 13th, or a Friday.
    assert_eq!(
        following("0 0 13 * 5", "2025-11-07 00:00", 3),
        ["2025-11-13 00:00", "2025-11-14 00:00", "2025-11-21 00:00"]
    );
    // An odd day that is a Sunday.
    assert_eq!(
        following("0 0 */2 * 0", "2025-11-01 00:00", 3),
        ["2025-11-09 00:00", "2025-11-23 00:00", "2025-12-07 00:00"]
    );
    // The last day of the month, or a Monday.
    assert_eq!(following("0 0 L * 1", "2025-11-24 00:00", 2), ["2025-11-30 00:00", "2025-12-01 00:00"]);
}

#[test]
fn what_is_wrong_is_named_with_its_field_and_place() {
    let rows = [
        ("", "a cron expression has five fields, not 0"),
        ("0 3 * *", "a cron expression has five fields, not 4"),
        ("0 0 3 * * *", "a cron expression has five fields, not 6"),
        ("60 3 * * *", "the minute of \"60 3 * * *\", at character 1: `60` is out of bounds; it is 0 to 59"),
        ("0 24 * * *", "the hour of \"0 24 * * *\", at character 3: `24` is out of bounds; it is 0 to 23"),
        ("0 3 0 * *", "the day of the month of \"0 3 0 * *\", at character 5: `0` is out of bounds"),
        ("0 3 * 13 *", "the month of \"0 3 * 13 *\", at character 7: `13` is out of bounds; it is 1 to 12"),
        ("0 3 * * 8", "the day of the week of \"0 3 * * 8\", at character 9: `8` is out of bounds"),
        ("0 3 * * mondy", "at character 9: `mondy` is no value; it is 0 to 7"),
        ("0 3 1,,2 * *", "at character 7: a value is missing; it is 1 to 31"),
        ("0 17-9 * * *", "the hour of \"0 17-9 * * *\", at character 3: `17-9` ends before it begins"),
        ("*/0 * * * *", "at character 3: a step is a number from 1 to the length of the range, not `0`"),
        ("*/90 * * * *", "at character 3: a step is a number from 1"),
        ("*/x * * * *", "at character 3: a step is a number from 1"),
        ("1/2/3 * * * *", "at character 5: a step"),
        ("1-2-3 * * * *", "at character 5: `3` is no value"),
        ("-1 * * * *", "at character 1: a value is missing"),
        ("99999999999999999999 * * * *", "is out of bounds"),
        ("0 3 L-2 * *", "`L` is no value"),
        ("é 3 * * *", "the minute of \"é 3 * * *\", at character 1: `é` is no value"),
        ("0 é * * *", "at character 3: `é` is no value"),
        ("@daily", "`@daily` has no short name here: write \"0 0 * * *\""),
        ("@reboot", "`@reboot` is not a time"),
        ("0 0 31 2 *", "\"0 0 31 2 *\" never comes: no month that it names has such a day"),
        ("0 0 30-31 feb *", "never comes"),
        ("0 0 31 4,6,9,11 *", "never comes"),
    ];
    for (cron, says) in rows {
        let error = cron.parse::<Cron>().unwrap_err().to_string();
        assert!(error.contains(says), "{cron:?}: {error}");
    }
    assert!("0 0 31 2 1".parse::<Cron>().is_ok(), "Mondays in February come");
    assert!("0 0 31 2,3 *".parse::<Cron>().is_ok());
}

proptest! {
    #[test]
    fn no_text_is_too_odd_to_be_read(text in ".{0,40}") {
        let _ = text.parse::<Cron>();
    }

    #[test]
    fn what_was_read_comes_again_and_again(
        fields in (0u8..60, 0u8..24, 1u8..29, 1u8..13),
        steps in (1u8..30, 1u8..12),
    ) {
        let ((minute, hour, day, month), (every_minute, every_hour)) = (fields, steps);
        for text in [
            format!("{minute} {hour} {day} {month} *"),
            format!("*/{every_minute} */{every_hour} {day} * *"),
        ] {
            let cron: Cron = text.parse().unwrap();
            let mut now = at("2023-12-31 23:59");
            for _ in 0..20 {
                let next = cron.after(now);
                prop_assert!(next > Some(now), "{text}");
                now = next.unwrap();
                prop_assert_eq!(now.day, day);
            }
        }
    }
}
