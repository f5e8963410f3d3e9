//! From what a clock on a wall shows to points in time, over the nights in which clocks change.
//!
//! - A time of day that is left out (a clock goes forward over it) happens when
//!   as much time has passed since midnight as if it had not been: 02:30 at 03:30.
//! - A time of day that comes twice (a clock goes back) happens the first time.
//! - An expression whose field for hours begins with `*` means an interval: it
//!   follows the minutes that really are, twice where a clock shows them twice.

use super::TimingError;
use crate::time::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use triggerfish_cron::{Cron, Minute};

/// A time zone with its name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    pub(super) fn utc() -> Self {
        Zone { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    pub(super) fn named(name: &str) -> Result<Self, TimingError> {
        match TimeZone::get(name) {
            Ok(zone) => Ok(Zone { name: name.to_owned(), zone }),
            Err(_) => Err(TimingError::Zone(name.to_owned())),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// The first time after this one that an expression means in a time zone.
pub(super) fn after(cron: &Cron, Zone { zone, .. }: &Zone, time: Timestamp) -> Option<Timestamp> {
    let time = jiff::Timestamp::from_microsecond(time.0).ok()?;
    let next = if cron.every_hour { by_interval(cron, zone, time) } else { by_time_of_day(cron, zone, time) };
    next.map(|next| Timestamp(next.as_microsecond()))
}

/// No clock is ever changed by more.
const LARGEST_CHANGE: jiff::SignedDuration = jiff::SignedDuration::from_hours(26);

fn by_time_of_day(cron: &Cron, zone: &TimeZone, time: jiff::Timestamp) -> Option<jiff::Timestamp> {
    // From earlier on, because what was left out happens later than it says.
    let mut at = minute_of(zone.to_datetime(time.checked_sub(LARGEST_CHANGE).ok()?));
    loop {
        at = cron.after(at)?;
        let next = zone.to_ambiguous_timestamp(date_time_of(at)?).compatible().ok()?;
        if next > time {
            return Some(next);
        }
    }
}

/// Goes through the stretches of time within which the clock is not changed.
fn by_interval(cron: &Cron, zone: &TimeZone, time: jiff::Timestamp) -> Option<jiff::Timestamp> {
    let mut from = minute_of(zone.to_datetime(time));
    let mut inside = time;
    loop {
        let offset = zone.to_offset(inside);
        let change = zone.following(inside).next().map(|change| change.timestamp());
        let next = cron.after(from).and_then(date_time_of).and_then(|at| offset.to_timestamp(at).ok());
        match (next, change) {
            (Some(next), None) => return Some(next),
            (Some(next), Some(change)) if next < change => return Some(next),
            (_, None) => return None,
            (_, Some(change)) => {
                inside = change;
                // The minute of the change itself may be meant.
                let before = zone.to_offset(change).to_datetime(change);
                from = minute_of(before.checked_sub(jiff::SignedDuration::from_mins(1)).ok()?);
            }
        }
    }
}

fn minute_of(at: DateTime) -> Minute {
    let small = |number: i8| u8::try_from(number).unwrap_or_default();
    Minute {
        year: at.year().into(),
        month: small(at.month()),
        day: small(at.day()),
        hour: small(at.hour()),
        minute: small(at.minute()),
    }
}

fn date_time_of(at: Minute) -> Option<DateTime> {
    let small = |number: u8| i8::try_from(number).ok();
    let (month, day, hour, minute) = (small(at.month)?, small(at.day)?, small(at.hour)?, small(at.minute)?);
    DateTime::new(i16::try_from(at.year).ok()?, month, day, hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    fn following(cron: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let (cron, zone) = (cron.parse().unwrap(), Zone::named(zone).unwrap());
        let mut now = time(from);
        let mut all = Vec::new();
        for _ in 0..count {
            let next = after(&cron, &zone, now).unwrap();
            assert!(next > now);
            now = next;
            all.push(jiff::Timestamp::from_microsecond(now.0).unwrap().to_string());
        }
        all
    }

    /// In London clocks go forward at 01:00 UTC on 30 March 2025, and back at
    /// 01:00 UTC on 26 October.
    const LONDON: &str = "Europe/London";

    #[test]
    fn a_time_of_day_is_that_of_the_zone() {
        assert_eq!(
            following("0 3 * * *", LONDON, "2025-03-29T00:00:00Z", 3),
            ["2025-03-29T03:00:00Z", "2025-03-30T02:00:00Z", "2025-03-31T02:00:00Z"]
        );
        assert_eq!(
            following("0 9 * * mon", "Asia/Kolkata", "2025-11-21T00:00:00Z", 1),
            ["2025-11-24T03:30:00Z"]
        );
    }

    #[test]
    fn a_time_of_day_that_is_left_out_happens_as_late_as_the_clock_jumps() {
        assert_eq!(
            following("30 1 * * *", LONDON, "2025-03-29T12:00:00Z", 2),
            ["2025-03-30T01:30:00Z", "2025-03-31T00:30:00Z"]
        );
        // Asked for after the jump, and before it happens.
        assert_eq!(following("30 1 * * *", LONDON, "2025-03-30T01:10:00Z", 1), ["2025-03-30T01:30:00Z"]);
        assert_eq!(following("30 1 * * *", LONDON, "2025-03-30T01:30:00Z", 1), ["2025-03-31T00:30:00Z"]);
    }

    #[test]
    fn a_time_of_day_that_comes_twice_happens_once() {
        assert_eq!(
            following("30 1 * * *", LONDON, "2025-10-25T12:00:00Z", 2),
            ["2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"]
        );
        assert_eq!(following("30 1 * * *", LONDON, "2025-10-26T01:10:00Z", 1), ["2025-10-27T01:30:00Z"]);
    }

    #[test]
    fn an_interval_follows_the_minutes_that_really_are() {
        assert_eq!(
            following("30 * * * *", LONDON, "2025-10-25T23:45:00Z", 4),
            ["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2025-10-26T02:30:00Z", "2025-10-26T03:30:00Z"]
        );
        assert_eq!(
            following("*/20 * * * *", LONDON, "2025-03-30T00:30:00Z", 4),
            ["2025-03-30T00:40:00Z", "2025-03-30T01:00:00Z", "2025-03-30T01:20:00Z", "2025-03-30T01:40:00Z"]
        );
        // London's clocks show no hour from one to two that night; at two it is 01:00 UTC.
        assert_eq!(
            following("0 */2 * * *", LONDON, "2025-03-29T23:00:00Z", 3),
            ["2025-03-30T00:00:00Z", "2025-03-30T01:00:00Z", "2025-03-30T03:00:00Z"]
        );
    }

    #[test]
    fn a_rare_day_is_found() {
        assert_eq!(following("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1), ["2104-02-29T00:00:00Z"]);
    }
}
