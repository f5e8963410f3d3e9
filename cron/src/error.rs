//! What is wrong with an expression, and where in it.

use std::fmt;
use std::ops::Range;

/// A mistake in a cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronError {
    /// The expression.
    pub text: String,
    /// Which bytes of it are wrong; empty, at its end, where something is missing.
    pub at: Range<usize>,
    /// The field in which they stand.
    pub field: Option<Field>,
    /// Why.
    pub reason: Reason,
}

/// A field of an expression, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31, or `L` for the last.
    Day,
    /// 1 to 12, or a name.
    Month,
    /// 0 to 7, or a name.
    Weekday,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There are more or fewer than five fields.
    Count(usize),
    /// It is one of the short names that some crons have.
    Nickname(Option<&'static str>),
    /// It is neither a number nor a name that the field has.
    NotAValue,
    /// It is not within the bounds of the field.
    OutOfBounds,
    /// The range ends before it begins.
    Backwards,
    /// The step is zero, or larger than the range.
    Step,
    /// There is no such date in any year.
    NeverComes,
}

impl Field {
    pub(crate) const ALL: [Field; 5] = [Field::Minute, Field::Hour, Field::Day, Field::Month, Field::Weekday];

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Field::Minute => "minute",
            Field::Hour => "hour",
            Field::Day => "day of the month",
            Field::Month => "month",
            Field::Weekday => "day of the week",
        }
    }

    /// The least and the greatest number.
    pub(crate) fn bounds(self) -> (u8, u8) {
        match self {
            Field::Minute => (0, 59),
            Field::Hour => (0, 23),
            Field::Day => (1, 31),
            Field::Month => (1, 12),
            Field::Weekday => (0, 7),
        }
    }

    pub(crate) fn names(self) -> &'static [&'static str] {
        match self {
            Field::Minute | Field::Hour | Field::Day => &[],
            Field::Month => {
                &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            }
            Field::Weekday => &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
        }
    }

    /// What may stand in it.
    fn allowed(self) -> &'static str {
        match self {
            Field::Minute => "0 to 59",
            Field::Hour => "0 to 23",
            Field::Day => "1 to 31, or `L` for the last",
            Field::Month => "1 to 12, or `jan` to `dec`",
            Field::Weekday => "0 to 7, where 0 and 7 are Sunday, or `sun` to `sat`",
        }
    }
}

impl fmt::Display for CronError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong = self.text.get(self.at.clone()).unwrap_or_default();
        if let Some(field) = self.field {
            let column = self.text.get(..self.at.start).map_or(0, |before| before.chars().count()) + 1;
            write!(f, "the {} of {:?}, at character {column}: ", field.name(), self.text)?;
            let allowed = field.allowed();
            return match self.reason {
                Reason::NotAValue if wrong.is_empty() => write!(f, "a value is missing; it is {allowed}"),
                Reason::NotAValue => write!(f, "`{wrong}` is no value; it is {allowed}"),
                Reason::OutOfBounds => write!(f, "`{wrong}` is out of bounds; it is {allowed}"),
                Reason::Backwards => {
                    write!(f, "`{wrong}` ends before it begins; write it as two ranges, with a comma")
                }
                Reason::Step => {
                    write!(f, "a step is a number from 1 to the length of the range, not `{wrong}`")
                }
                _ => f.write_str("it is wrong"),
            };
        }
        match self.reason {
            Reason::Count(count) => write!(
                f,
                "a cron expression has five fields, not {count}: minute, hour, day of the month, month, \
                 day of the week; for example \"0 3 * * *\", every day at three"
            ),
            Reason::Nickname(Some(meant)) => write!(f, "`{wrong}` has no short name here: write {meant:?}"),
            Reason::Nickname(None) => write!(f, "`{wrong}` is not a time; for example \"0 3 * * *\""),
            _ => write!(f, "{:?} never comes: no month that it names has such a day", self.text),
        }
    }
}

impl std::error::Error for CronError {}
