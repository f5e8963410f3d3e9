//! Did you mean: the closest of many names, found while the user's program is compiled.
//!
//! The rules are those of `triggerfish_filter::nearest`, which gives suggestions for what the macros know.

/// What was typed, and the closest name so far.
pub(super) struct Nearest {
    typed: Letters,
    /// The closest name, and how far it is off.
    close: Option<(&'static str, usize)>,
    /// The name that begins like it, where none is close.
    begun: Option<(&'static str, usize)>,
}

impl Nearest {
    pub(super) const fn to(typed: &str) -> Self {
        Nearest { typed: Letters::of(typed), close: None, begun: None }
    }

    /// Looks at one more name.
    pub(super) const fn consider(&mut self, known: &'static str) {
        self.consider_as(known, known);
    }

    /// Looks at another name of what is `known`.
    pub(super) const fn consider_as(&mut self, alias: &str, known: &'static str) {
        let wanted = Letters::of(alias);
        let (shorter, longer) = ordered(self.typed.len, wanted.len);
        if shorter == 0 {
            return;
        }
        let allowed = if longer / 3 > 1 { longer / 3 } else { 1 };
        // The lengths alone say that most names are too far off.
        if longer - shorter <= allowed {
            let off = distance(&self.typed, &wanted);
            if off <= allowed && is_better(self.close, off) {
                self.close = Some((known, off));
            }
        }
        if shorter >= 3 && self.typed.begins_like(&wanted, shorter) && is_better(self.begun, longer - shorter)
        {
            self.begun = Some((known, longer - shorter));
        }
    }

    /// The name that was probably meant.
    pub(super) const fn found(&self) -> Option<&'static str> {
        match (self.close, self.begun) {
            (Some((name, _)), _) | (None, Some((name, _))) => Some(name),
            (None, None) => None,
        }
    }
}

const fn is_better(best: Option<(&'static str, usize)>, off: usize) -> bool {
    match best {
        Some((_, before)) => off < before,
        None => true,
    }
}

const fn ordered(a: usize, b: usize) -> (usize, usize) {
    if a < b { (a, b) } else { (b, a) }
}

/// A name without case and without the marks between its words.
struct Letters {
    bytes: [u8; Letters::MOST],
    len: usize,
}

impl Letters {
    const MOST: usize = 48;

    const fn of(name: &str) -> Self {
        let mut letters = Letters { bytes: [0; Letters::MOST], len: 0 };
        let mut rest = name.as_bytes();
        while let [first, after @ ..] = rest {
            if !matches!(first, b'_' | b'-' | b'$') && letters.len < Letters::MOST {
                letters.bytes[letters.len] = first.to_ascii_lowercase();
                letters.len += 1;
            }
            rest = after;
        }
        letters
    }

    const fn begins_like(&self, other: &Letters, len: usize) -> bool {
        let mut n = 0;
        while n < len {
            if self.bytes[n] != other.bytes[n] {
                return false;
            }
            n += 1;
        }
        true
    }
}

/// Edits between two names, where swapping neighbours is one.
const fn distance(a: &Letters, b: &Letters) -> usize {
    let mut before = [0; Letters::MOST + 1];
    let mut last = [0; Letters::MOST + 1];
    let mut row = [0; Letters::MOST + 1];
    let mut j = 0;
    while j <= b.len {
        last[j] = j;
        j += 1;
    }
    let mut i = 1;
    while i <= a.len {
        row[0] = i;
        let mut j = 1;
        while j <= b.len {
            let changed = if a.bytes[i - 1] == b.bytes[j - 1] { 0 } else { 1 };
            let mut least = last[j - 1] + changed;
            if last[j] + 1 < least {
                least = last[j] + 1;
            }
            if row[j - 1] + 1 < least {
                least = row[j - 1] + 1;
            }
            let swapped =
                i > 1 && j > 1 && a.bytes[i - 1] == b.bytes[j - 2] && a.bytes[i - 2] == b.bytes[j - 1];
            if swapped && before[j - 2] + 1 < least {
                least = before[j - 2] + 1;
            }
            row[j] = least;
            j += 1;
        }
        (before, last) = (last, row);
        i += 1;
    }
    last[b.len]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(typed: &str, known: &[&'static str]) -> Option<&'static str> {
        let mut nearest = Nearest::to(typed);
        known.iter().for_each(|name| nearest.consider(name));
        nearest.found()
    }

    #[test]
    fn finds_what_the_macros_find() {
        let known =
            ["triggerEvent", "length", "BOOKING_CANCELLED", "BOOKING_CREATED", "id", "createdAt", "created"];
        for typed in [
            "trigger_event",
            "lenght",
            "BOOKING_CANCELED",
            "booking-created",
            "di",
            "i",
            "",
            "$",
            "creatd",
            "create",
            "trigger",
            "zzz",
            "c",
            "lengthOfBooking",
        ] {
            assert_eq!(nearest(typed, &known), triggerfish_filter::nearest(typed, &known), "{typed}");
        }
        assert_eq!(nearest("lenght", &known), Some("length"));
    }
}
