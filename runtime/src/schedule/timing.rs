//! When something is due, as it is written, stored and followed.

use super::TimingSpec;
use super::next::{self, Zone};
use crate::time::Timestamp;
use std::fmt;
use std::time::Duration;
use triggerfish_cron::{Cron, CronError};

/// When something is due again and again.
///
/// ```
/// use std::time::Duration;
/// use triggerfish::schedule::Timing;
///
/// let nightly = Timing::cron("0 3 * * *")?.tz("Europe/London")?;
/// let often = Timing::every(Duration::from_secs(15 * 60))?;
/// # Ok::<_, triggerfish::schedule::TimingError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Timing(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Cron { text: String, cron: Cron, zone: Zone },
    Every(Duration),
}

/// What is wrong with a [`Timing`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimingError {
    /// The expression is wrong.
    #[error(transparent)]
    Cron(#[from] CronError),
    /// There is no such time zone.
    #[error("there is no time zone {0:?}: it is the name of a place, such as \"Europe/London\", or \"UTC\"")]
    Zone(String),
    /// An interval has no clock.
    #[error("a time zone means nothing to an interval, which is the same everywhere")]
    ZoneOfInterval,
    /// The interval is too short.
    #[error("an interval is at least a second, not {0:?}")]
    TooShort(Duration),
    /// It was stored by another version.
    #[error("{0:?} is no timing")]
    Unreadable(String),
}

impl Timing {
    /// By a cron expression of five fields, in UTC.
    ///
    /// # Errors
    ///
    /// The field that is wrong, and where; an expression that never comes.
    pub fn cron(text: &str) -> Result<Self, TimingError> {
        Ok(Timing(Kind::Cron { text: text.to_owned(), cron: text.parse()?, zone: Zone::utc() }))
    }

    /// By the clock of this time zone, in place of UTC.
    ///
    /// # Errors
    ///
    /// A time zone that there is none of; an interval, which has no clock.
    pub fn tz(self, name: &str) -> Result<Self, TimingError> {
        match self.0 {
            Kind::Cron { text, cron, .. } => Ok(Timing(Kind::Cron { text, cron, zone: Zone::named(name)? })),
            Kind::Every(_) => Err(TimingError::ZoneOfInterval),
        }
    }

    /// Each time that so much has passed.
    ///
    /// # Errors
    ///
    /// Less than a second.
    pub fn every(interval: Duration) -> Result<Self, TimingError> {
        if interval < Duration::from_secs(1) {
            return Err(TimingError::TooShort(interval));
        }
        Ok(Timing(Kind::Every(interval)))
    }

    /// The first time after this one at which it is due.
    pub(crate) fn after(&self, time: Timestamp) -> Option<Timestamp> {
        match &self.0 {
            Kind::Cron { cron, zone, .. } => next::after(cron, zone, time),
            Kind::Every(interval) => Some(time.plus(*interval)),
        }
    }

    /// The name of the time zone, where it is by a clock.
    pub(crate) fn zone(&self) -> Option<&str> {
        match &self.0 {
            Kind::Cron { zone, .. } => Some(zone.name()),
            Kind::Every(_) => None,
        }
    }

    /// The expression, or the interval.
    #[cfg_attr(not(feature = "dashboard"), allow(dead_code, reason = "nobody looks on"))]
    pub(crate) fn rule(&self) -> String {
        match &self.0 {
            Kind::Cron { text, .. } => text.clone(),
            Kind::Every(interval) => format!("{interval:?}"),
        }
    }

    /// As [`Timing::stored`] wrote it.
    pub(crate) fn read(stored: &str) -> Result<Self, TimingError> {
        let unreadable = || TimingError::Unreadable(stored.to_owned());
        match stored.split_once(": ").ok_or_else(unreadable)? {
            ("every", micros) => {
                Timing::every(Duration::from_micros(micros.parse().map_err(|_| unreadable())?))
            }
            ("cron", rest) => {
                let (zone, text) = rest.split_once(' ').ok_or_else(unreadable)?;
                Timing::cron(text)?.tz(zone)
            }
            _ => Err(unreadable()),
        }
    }

    /// As a text that says all of it.
    pub(crate) fn stored(&self) -> String {
        match &self.0 {
            Kind::Cron { text, zone, .. } => format!("cron: {} {text}", zone.name()),
            Kind::Every(interval) => format!("every: {}", interval.as_micros()),
        }
    }
}

impl TryFrom<TimingSpec> for Timing {
    type Error = TimingError;

    fn try_from(spec: TimingSpec) -> Result<Self, TimingError> {
        match spec {
            TimingSpec::Cron { text, cron, tz } => {
                let zone = tz.map_or_else(|| Ok(Zone::utc()), Zone::named)?;
                Ok(Timing(Kind::Cron { text: text.to_owned(), cron, zone }))
            }
            TimingSpec::Every(interval) => Timing::every(interval),
        }
    }
}

/// As a person says it: `0 3 * * * Europe/London`, `every 900s`.
impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Cron { text, zone, .. } => write!(f, "{text} {}", zone.name()),
            Kind::Every(interval) => write!(f, "every {interval:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_again() -> Result<(), TimingError> {
        let all = [
            Timing::cron("*/5  9-17 * * mon-fri")?.tz("America/New_York")?,
            Timing::cron("0 3 * * *")?,
            Timing::every(Duration::from_millis(1500))?,
        ];
        for timing in all {
            assert_eq!(Timing::read(&timing.stored())?, timing);
        }
        assert!(matches!(Timing::read("daily"), Err(TimingError::Unreadable(_))));
        Ok(())
    }

    #[test]
    fn what_is_wrong_is_named() -> Result<(), TimingError> {
        let zone = Timing::cron("0 3 * * *")?.tz("Europe/Londn").unwrap_err();
        assert!(zone.to_string().contains("\"Europe/Londn\""), "{zone}");
        assert!(matches!(Timing::every(Duration::from_millis(5)), Err(TimingError::TooShort(_))));
        let every = Timing::every(Duration::from_secs(5))?;
        assert!(matches!(every.tz("UTC"), Err(TimingError::ZoneOfInterval)));
        assert!(matches!(Timing::cron("0 25 * * *"), Err(TimingError::Cron(_))));
        Ok(())
    }
}
