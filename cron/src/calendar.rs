//! Minutes, days and months as a calendar on a wall has them.

/// A minute that a clock shows, in no particular time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

impl Minute {
    pub(crate) fn next(self) -> Self {
        if self.minute < 59 { Minute { minute: self.minute + 1, ..self } } else { self.next_hour() }
    }

    pub(crate) fn next_hour(self) -> Self {
        if self.hour < 23 { Minute { hour: self.hour + 1, minute: 0, ..self } } else { self.next_day() }
    }

    pub(crate) fn next_day(self) -> Self {
        if self.day < days_in_month(self.year, self.month) {
            Minute { day: self.day + 1, hour: 0, minute: 0, ..self }
        } else {
            self.next_month()
        }
    }

    pub(crate) fn next_month(self) -> Self {
        let (year, month) =
            if self.month < 12 { (self.year, self.month + 1) } else { (self.year.saturating_add(1), 1) };
        Minute { year, month, day: 1, hour: 0, minute: 0 }
    }
}

pub(crate) fn days_in_month(year: i32, month: u8) -> u8 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// The day of the week, 0 for Sunday: days since a Sunday, by the months from
/// March on, so that a leap day is a year's last.
pub(crate) fn weekday(year: i32, month: u8, day: u8) -> u8 {
    let (year, month) = if month > 2 {
        (i64::from(year), i64::from(month))
    } else {
        (i64::from(year) - 1, i64::from(month) + 12)
    };
    let months = (13 * (month + 1)) / 5;
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let since_saturday = i64::from(day) + months + year + leaps;
    (since_saturday + 6).rem_euclid(7) as u8
}
