//! Cron expressions: `0 3 * * *`, five fields, read into constant data.
//!
//! The attribute `#[job]` reads an expression while the user's program is
//! compiled, and the program follows what was read: so what is checked and what
//! happens cannot differ. Nothing here knows time zones; a [`Minute`] is what a
//! clock on a wall shows.
//!
//! ```
//! use triggerfish_cron::{Cron, Minute};
//!
//! let weekdays_at_nine: Cron = "0 9 * * mon-fri".parse().expect("a right expression");
//! let friday = Minute { year: 2025, month: 11, day: 21, hour: 9, minute: 0 };
//! let monday = Minute { year: 2025, month: 11, day: 24, hour: 9, minute: 0 };
//! assert_eq!(weekdays_at_nine.after(friday), Some(monday));
//! ```

mod calendar;
mod error;
mod parse;

pub use calendar::Minute;
pub use error::{CronError, Field, Reason};

use calendar::{days_in_month, weekday};

/// A cron expression, as the sets of values that its fields allow.
///
/// A day counts if its day of the month and its day of the week are allowed;
/// where neither field begins with `*`, one of the two is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cron {
    /// Bit `n`: minute `n`.
    pub minutes: u64,
    /// Bit `n`: hour `n`.
    pub hours: u32,
    /// Bit `n`: day `n` of the month.
    pub days: u32,
    /// Whether the last day of the month is allowed, whichever it is: `L`.
    pub last_day: bool,
    /// Bit `n`: month `n`.
    pub months: u16,
    /// Bit `n`: day `n` of the week; 0 is Sunday.
    pub weekdays: u8,
    /// Whether one of the fields for days begins with `*`, so that both must allow a day.
    pub both_days: bool,
    /// Whether the field for hours begins with `*`: it then means an interval
    /// more than a time of day.
    pub every_hour: bool,
}

/// After so many years the calendar repeats itself, days of the week included.
const CYCLE: i32 = 400;

impl Cron {
    /// The first minute after this one that the expression means; `None` where
    /// there is none.
    pub fn after(&self, minute: Minute) -> Option<Minute> {
        let last_year = minute.year.checked_add(CYCLE)?;
        let mut at = minute.next();
        while at.year <= last_year {
            if self.months >> at.month & 1 == 0 {
                at = at.next_month();
            } else if !self.allows_day(at) {
                at = at.next_day();
            } else if self.hours >> at.hour & 1 == 0 {
                at = at.next_hour();
            } else if self.minutes >> at.minute & 1 == 0 {
                at = at.next();
            } else {
                return Some(at);
            }
        }
        None
    }

    fn allows_day(&self, at: Minute) -> bool {
        let is_last = self.last_day && at.day == days_in_month(at.year, at.month);
        let of_month = is_last || self.days >> at.day & 1 == 1;
        let of_week = self.weekdays >> weekday(at.year, at.month, at.day) & 1 == 1;
        if self.both_days { of_month && of_week } else { of_month || of_week }
    }

    /// Whether there is any such date: `0 0 31 2 *` has none.
    fn ever_comes(&self) -> bool {
        if !self.both_days && self.weekdays != 0 {
            return true;
        }
        let longest = |month| days_in_month(2024, month);
        let possible = |month: u8| (1..=longest(month)).any(|day| self.days >> day & 1 == 1);
        self.last_day || (1..=12).any(|month| self.months >> month & 1 == 1 && possible(month))
    }
}

impl std::str::FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        parse::parse(text)
    }
}
