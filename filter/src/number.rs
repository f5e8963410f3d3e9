//! Numbers as JSON has them: integers kept exact, the rest as doubles.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The first double that no `i128` reaches.
const LIMIT: f64 = (1u128 << 127) as f64;

/// A number in a filter or an event.
///
/// Comparisons are by value and exact: `Int(1)` equals `Float(1.0)`, `-0.0` equals `0`, and two integers
/// are never rounded before they are compared.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A whole number as written.
    Int(i128),
    /// Everything else; finite wherever a [`Filter`](crate::Filter) holds it.
    Float(f64),
}

impl Number {
    /// Reads a decimal number, sign and exponent included.
    ///
    /// `None` for what is not a number, overflows a double, or is a whole number beyond 128 bits.
    pub fn parse(text: &str) -> Option<Number> {
        if let Ok(int) = text.parse() {
            return Some(Number::Int(int));
        }
        let digits = text.trim_start_matches(['-', '+']);
        if digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let starts_as_number = digits.starts_with(|c: char| c.is_ascii_digit());
        text.parse().ok().filter(|f: &f64| starts_as_number && f.is_finite()).map(Number::Float)
    }

    /// Whether an event can hold exactly this number: readers of JSON keep integers of 64 bits,
    /// and round larger ones to a double.
    pub(crate) fn is_exact_in_json(self) -> bool {
        match self {
            Number::Float(float) => float.is_finite(),
            Number::Int(int) => {
                (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&int)
                    || Number::Int(int) == Number::Float(int as f64)
            }
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

/// Equal numbers have equal hashes.
impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match *self {
            Number::Int(int) => int.hash(state),
            Number::Float(float) if float == float.trunc() && float.abs() < LIMIT => {
                (float as i128).hash(state);
            }
            Number::Float(float) => float.to_bits().hash(state),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        match (*self, *other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Float(b)) => compare(a, b),
            (Number::Float(a), Number::Int(b)) => compare(b, a).map(Ordering::reverse),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(int) => int.fmt(f),
            Number::Float(float) => float.fmt(f),
        }
    }
}

/// Compares without rounding: a cast of `int` to `f64` would make 2^53 + 1 equal to 2^53.
fn compare(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        None
    } else if float >= LIMIT {
        Some(Ordering::Less)
    } else if float < -LIMIT {
        Some(Ordering::Greater)
    } else {
        let whole = float.trunc();
        int.cmp(&(whole as i128)).then(whole.partial_cmp(&float)?).into()
    }
}

#[cfg(test)]
mod tests {
    use super::Number::{Float, Int};
    use super::*;

    #[test]
    fn compares_by_value_and_exactly() {
        assert_eq!(Int(1), Float(1.0));
        assert_eq!(Int(0), Float(-0.0));
        assert_ne!(Int((1 << 53) + 1), Float((1u64 << 53) as f64));
        assert!(Int((1 << 53) + 1) > Float((1u64 << 53) as f64));
        assert!(Int(1) < Float(1.5) && Float(1.5) < Int(2));
        assert!(Int(-1) > Float(-1.5) && Float(-1.5) > Int(-2));
        assert!(Int(i128::MAX) < Float(1e300) && Int(i128::MIN) > Float(-1e300));
        assert_eq!(Int(i128::MIN), Float(-(2f64.powi(127))));
        assert!(Int(i128::MAX) < Float(2f64.powi(127)));
        assert_eq!(Int(0).partial_cmp(&Float(f64::NAN)), None);
    }

    #[test]
    fn reads_what_json_can_hold() {
        assert_eq!(Number::parse("-12"), Some(Int(-12)));
        assert_eq!(Number::parse("1.5e3"), Some(Float(1500.0)));
        for bad in
            ["1e400", "-1e400", "NaN", "inf", "-infinity", "", "x", "170141183460469231731687303715884105728"]
        {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
        assert!(Int(1 << 64).is_exact_in_json());
        assert!(!Int((1 << 64) + 1).is_exact_in_json());
    }
}
