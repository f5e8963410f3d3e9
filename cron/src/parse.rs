//! Reads an expression, field by field.

use crate::Cron;
use crate::error::{CronError, Field, Reason};
use std::ops::Range;

const NICKNAMES: &[(&str, &str)] = &[
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// The values of one field.
#[derive(Default)]
struct Values {
    bits: u64,
    last_day: bool,
}

pub(crate) fn parse(text: &str) -> Result<Cron, CronError> {
    let whole = |reason| CronError { text: text.to_owned(), at: 0..text.len(), field: None, reason };
    let parts = parts(text);
    if let Some(first) =
        parts.first().and_then(|at| text.get(at.clone())).filter(|first| first.starts_with('@'))
    {
        let meant = NICKNAMES.iter().find(|(name, _)| first.eq_ignore_ascii_case(name));
        return Err(whole(Reason::Nickname(meant.map(|(_, meant)| *meant))));
    }
    let Ok(parts) = <&[Range<usize>; 5]>::try_from(parts.as_slice()) else {
        return Err(whole(Reason::Count(parts.len())));
    };
    let begins_with_star =
        |part: &Range<usize>| text.get(part.clone()).is_some_and(|part| part.starts_with('*'));
    let [_, hour, day, _, weekday] = parts;
    let (every_hour, both_days) =
        (begins_with_star(hour), begins_with_star(day) || begins_with_star(weekday));
    let mut values = [const { Values { bits: 0, last_day: false } }; 5];
    for ((field, part), values) in Field::ALL.into_iter().zip(parts).zip(&mut values) {
        *values = Reader { text, field }.field(part.clone())?;
    }
    let [minutes, hours, days, months, weekdays] = values;
    // 7 is Sunday, as 0 is.
    let weekdays_bits = (weekdays.bits | weekdays.bits >> 7) & 0x7f;
    let cron = Cron {
        minutes: minutes.bits,
        hours: hours.bits as u32,
        days: days.bits as u32,
        last_day: days.last_day,
        months: months.bits as u16,
        weekdays: weekdays_bits as u8,
        both_days,
        every_hour,
    };
    if cron.ever_comes() { Ok(cron) } else { Err(whole(Reason::NeverComes)) }
}

/// Where the fields stand.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut from = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (from, c.is_whitespace()) {
            (None, false) => from = Some(at),
            (Some(start), true) => {
                parts.push(start..at);
                from = None;
            }
            _ => {}
        }
    }
    parts
}

struct Reader<'t> {
    text: &'t str,
    field: Field,
}

impl Reader<'_> {
    fn wrong<T>(&self, at: Range<usize>, reason: Reason) -> Result<T, CronError> {
        Err(CronError { text: self.text.to_owned(), at, field: Some(self.field), reason })
    }

    fn field(&self, at: Range<usize>) -> Result<Values, CronError> {
        let mut all = Values::default();
        for item in split(self.text, at, ',') {
            if self.field == Field::Day && self.is(&item, "L") {
                all.last_day = true;
                continue;
            }
            all.bits |= self.item(item)?;
        }
        Ok(all)
    }

    /// `*`, `5`, `1-5`, `*/15`, `1-31/2`.
    fn item(&self, item: Range<usize>) -> Result<u64, CronError> {
        let mut halves = split(self.text, item.clone(), '/').into_iter();
        let range = halves.next().unwrap_or(item.clone());
        let step = halves.next();
        if let Some(more) = halves.next() {
            return self.wrong(more, Reason::Step);
        }
        let (low, high) = self.range(range, step.is_some())?;
        let step = match step {
            None => 1,
            Some(at) => match self.number(&at) {
                Some(step) if step > 0 && step <= u64::from(high - low).max(1) => step as usize,
                _ => return self.wrong(at, Reason::Step),
            },
        };
        Ok((low..=high).step_by(step).fold(0, |bits, value| bits | 1 << value))
    }

    /// The least and the greatest value; one alone with a step means from there on.
    fn range(&self, at: Range<usize>, has_step: bool) -> Result<(u8, u8), CronError> {
        let (min, max) = self.field.bounds();
        // Sunday stands once in all days of the week.
        let max_of_all = if self.field == Field::Weekday { 6 } else { max };
        if self.is(&at, "*") {
            return Ok((min, max_of_all));
        }
        let mut ends = split(self.text, at.clone(), '-').into_iter();
        let low = self.value(ends.next().unwrap_or(at.clone()))?;
        let high = match ends.next() {
            Some(high) => self.value(high)?,
            None if has_step => max_of_all.max(low),
            None => low,
        };
        if let Some(more) = ends.next() {
            return self.wrong(more, Reason::NotAValue);
        }
        if high < low { self.wrong(at, Reason::Backwards) } else { Ok((low, high)) }
    }

    fn value(&self, at: Range<usize>) -> Result<u8, CronError> {
        let (min, max) = self.field.bounds();
        if let Some(number) = self.number(&at) {
            return match u8::try_from(number) {
                Ok(value) if (min..=max).contains(&value) => Ok(value),
                _ => self.wrong(at, Reason::OutOfBounds),
            };
        }
        let names = self.field.names();
        match names.iter().position(|name| self.is(&at, name)) {
            Some(index) => Ok(min.saturating_add(index as u8)),
            None => self.wrong(at, Reason::NotAValue),
        }
    }

    fn number(&self, at: &Range<usize>) -> Option<u64> {
        let digits = self.text.get(at.clone())?;
        // What is too long for a number is too large for every field.
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().unwrap_or(u64::MAX))
            .filter(|_| !digits.is_empty())
    }

    fn is(&self, at: &Range<usize>, word: &str) -> bool {
        self.text.get(at.clone()).is_some_and(|text| text.eq_ignore_ascii_case(word))
    }
}

/// Where the parts between separators stand.
fn split(text: &str, at: Range<usize>, separator: char) -> Vec<Range<usize>> {
    let mut start = at.start;
    let inside = text.get(at).unwrap_or_default();
    inside
        .split(separator)
        .map(|part| {
            let range = start..start + part.len();
            start = range.end + separator.len_utf8();
            range
        })
        .collect()
}
