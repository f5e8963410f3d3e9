//! Points in time as the store keeps them, and the clock that tells them.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Microseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The end of time: what is due then never is.
    pub const NEVER: Timestamp = Timestamp(i64::MAX);

    /// The point `by` later; stops at the end of time instead of wrapping.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Timestamp(self.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The point `by` earlier.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Timestamp(self.0.saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero where it is not after it.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Timestamp(0).plus(after),
            Err(before) => Timestamp(0).minus(before.duration()),
        }
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        let distance = Duration::from_micros(time.0.unsigned_abs());
        if time.0 < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
    }
}

/// RFC 3339 in UTC, to the microsecond.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(time) => write!(f, "{time:.6}"),
            Err(_) => write!(f, "{} us", self.0),
        }
    }
}

/// The same as a text.
impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

/// The machine's time may be set forward while a timer sleeps; a long sleep
/// looks at it again after so much.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Tells the time; a test sets it.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands still until it is moved.
    Manual(ManualClock),
}

/// The time of a clock that is moved by hand. Clones show the same time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<watch::Sender<Timestamp>>);

impl Clock {
    /// A clock that shows `time` until [`Clock::advance`] moves it.
    pub fn manual(time: Timestamp) -> Self {
        Clock::Manual(ManualClock(Arc::new(watch::Sender::new(time))))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => SystemTime::now().into(),
            Clock::Manual(time) => *time.0.borrow(),
        }
    }

    /// Moves a manual clock; the machine's clock stays as it is.
    pub fn advance(&self, by: Duration) {
        if let Clock::Manual(time) = self {
            time.0.send_modify(|time| *time = time.plus(by));
        }
    }

    /// Sets a manual clock back, as a correction of the machine's clock does.
    #[cfg(test)]
    pub(crate) fn set_back(&self, by: Duration) {
        if let Clock::Manual(time) = self {
            time.0.send_modify(|time| *time = time.minus(by));
        }
    }

    /// Resolves when the clock shows `at`.
    pub async fn sleep_until(&self, at: Timestamp) {
        match self {
            Clock::System => loop {
                let left = at.since(Timestamp::from(SystemTime::now()));
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
            },
            Clock::Manual(time) => {
                let mut time = time.0.subscribe();
                // The sender lives as long as this clock, so there is no error.
                let _ = time.wait_for(|time| *time >= at).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::pin::pin;

    #[test]
    fn a_sleep_by_a_manual_clock_ends_when_it_is_moved_far_enough() {
        let clock = Clock::manual(Timestamp(0));
        let mut sleep = pin!(clock.sleep_until(Timestamp(10)));
        for (by, ended) in [(0, None), (9, None), (1, Some(()))] {
            clock.advance(Duration::from_micros(by));
            assert_eq!(sleep.as_mut().now_or_never(), ended, "at {}", clock.now().0);
        }
        assert_eq!(clock.sleep_until(Timestamp(3)).now_or_never(), Some(()), "what is past has come");
    }
}
