//! Whether a value of a filter can ever hold at a place of this shape.

use super::steps::{Value, ends_with, is_same, starts_with};
use super::walk::Spot;
use super::{Schema, Variant};
use triggerfish_filter::{Number, Scalar, Test};

/// What was found at the place of a value.
#[derive(Clone, Copy)]
pub(super) struct Verdict {
    pub(super) fault: Fault,
    /// The shape that the fault is about.
    pub(super) at: Spot,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing.
    None,
    /// The operator looks at values of another type.
    Operator,
    /// The value to compare with has another type.
    Type,
    /// A number with a fraction, for an integer.
    Fraction,
    /// A number that the integer type does not hold.
    Range,
    /// A comparison that holds for no number of the integer type.
    Never,
    /// A comparison that leaves no whole number together with others of its list.
    Together,
    /// A string that no variant of the enum has.
    Variant,
    /// `$isNull: true` where nothing is null.
    Null,
    /// `$exists: false` where something always is.
    Absence,
}

impl Verdict {
    pub(super) const fn fine(at: Spot) -> Self {
        Verdict { fault: Fault::None, at }
    }

    const fn new(fault: Fault, at: Spot) -> Self {
        Verdict { fault, at }
    }

    /// How much is right: what of several shapes tells most about the mistake.
    pub(super) const fn rank(&self) -> u8 {
        match self.fault {
            Fault::None => 3,
            Fault::Operator => 0,
            Fault::Type => 1,
            _ => 2,
        }
    }

    const fn or(self, other: Verdict) -> Verdict {
        if self.rank() >= other.rank() { self } else { other }
    }
}

/// Judges a value at a place that its keys lead to.
pub(super) const fn judge(at: Spot, value: &Value, may_be_absent: bool) -> Verdict {
    match value.test() {
        None | Some(Test::Exists(true) | Test::IsNull(false)) => Verdict::fine(at),
        Some(Test::Exists(false)) => {
            let fault = if may_be_absent { Fault::None } else { Fault::Absence };
            Verdict::new(fault, at)
        }
        Some(test) => judge_shape(at, test, value),
    }
}

const fn judge_shape(at: Spot, test: &'static Test<&'static str>, value: &Value) -> Verdict {
    match (at.shape, test) {
        (Schema::Any, _) | (Schema::Option(_) | Schema::Null, Test::IsNull(_)) => Verdict::fine(at),
        (Schema::Option(inner), _) => judge_shape(at.to(inner), test, value),
        (Schema::Union { tag: None, of, .. }, _) => {
            let mut best = Verdict::new(Fault::Operator, at);
            let mut rest = *of;
            while let [Variant { schema, .. }, others @ ..] = rest {
                best = best.or(judge_shape(at.seen_as(schema), test, value));
                rest = others;
            }
            // Where nothing fits, it is told of the enum as a whole.
            match best.fault {
                Fault::Operator | Fault::Type | Fault::Null => Verdict::new(best.fault, at),
                _ => best,
            }
        }
        (_, Test::IsNull(_)) => Verdict::new(Fault::Null, at),
        (_, Test::Exists(_)) => Verdict::fine(at),
        (_, Test::Literal(scalar) | Test::AnythingBut(scalar)) => judge_scalar(at, scalar),
        (Schema::Seq(_) | Schema::Tuple { .. }, Test::Includes(scalar) | Test::Not(scalar)) => {
            judge_items(at, scalar)
        }
        (_, Test::Includes(_)) => Verdict::new(Fault::Operator, at),
        // Of an object it never holds.
        (Schema::Struct { .. } | Schema::Map(_) | Schema::Union { .. } | Schema::Null, Test::Not(_)) => {
            Verdict::new(Fault::Operator, at)
        }
        (_, Test::Not(scalar)) => judge_scalar(at, scalar),
        (Schema::Str, Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_)) => {
            Verdict::fine(at)
        }
        (
            Schema::Enum { variants, .. },
            Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_),
        ) => Verdict::new(if has_one(variants, test) { Fault::None } else { Fault::Variant }, at),
        (_, Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_)) => {
            Verdict::new(Fault::Operator, at)
        }
        (Schema::Float { .. }, _) => Verdict::fine(at),
        (Schema::Int { min, max, .. }, _) => Verdict::new(compared(*min, *max, test, value), at),
        _ => Verdict::new(Fault::Operator, at),
    }
}

/// A value that must equal, or must not.
const fn judge_scalar(at: Spot, scalar: &Scalar<&'static str>) -> Verdict {
    let fault = match (at.shape, scalar) {
        (Schema::Option(inner), _) => return judge_scalar(at.to(inner), scalar),
        (Schema::Union { tag: None, of, .. }, _) => {
            let mut best = Verdict::new(Fault::Type, at);
            let mut rest = *of;
            while let [Variant { schema, .. }, others @ ..] = rest {
                let verdict = judge_scalar(at.seen_as(schema), scalar);
                if verdict.rank() > best.rank() {
                    best = verdict;
                }
                rest = others;
            }
            return best;
        }
        (Schema::Any, _)
        | (Schema::Str, Scalar::Str(_))
        | (Schema::Bool, Scalar::Bool(_))
        | (Schema::Float { .. }, Scalar::Num(_)) => Fault::None,
        (Schema::Enum { variants, .. }, Scalar::Str(text)) => {
            if is_variant(variants, text) {
                Fault::None
            } else {
                Fault::Variant
            }
        }
        (Schema::Int { min, max, .. }, Scalar::Num(number)) => match whole(*number) {
            Some(int) if *min <= int && int <= *max => Fault::None,
            Some(_) => Fault::Range,
            None => Fault::Fraction,
        },
        _ => Fault::Type,
    };
    Verdict::new(fault, at)
}

/// A value that an item of a list must equal, or none.
const fn judge_items(at: Spot, scalar: &Scalar<&'static str>) -> Verdict {
    match at.shape {
        Schema::Seq(item) => judge_scalar(at.to(item), scalar),
        Schema::Tuple { items, .. } => {
            let mut best = Verdict::new(Fault::Type, at);
            let mut rest = *items;
            while let [item, others @ ..] = rest {
                best = best.or(judge_scalar(at.to(item), scalar));
                rest = others;
            }
            best
        }
        _ => Verdict::new(Fault::Operator, at),
    }
}

/// Whether a variant, by its name or an alias, is this string.
pub(super) const fn is_variant(variants: &[Variant], text: &str) -> bool {
    let mut rest = variants;
    while let [variant, others @ ..] = rest {
        if is_same(variant.name, text) {
            return true;
        }
        let mut aliases = variant.aliases;
        while let [alias, more @ ..] = aliases {
            if is_same(alias, text) {
                return true;
            }
            aliases = more;
        }
        rest = others;
    }
    false
}

/// Whether an operator on strings holds for one of the variants.
const fn has_one(variants: &[Variant], test: &Test<&'static str>) -> bool {
    let mut rest = variants;
    while let [variant, others @ ..] = rest {
        if holds(test, variant.name) {
            return true;
        }
        let mut aliases = variant.aliases;
        while let [alias, more @ ..] = aliases {
            if holds(test, alias) {
                return true;
            }
            aliases = more;
        }
        rest = others;
    }
    false
}

const fn holds(test: &Test<&'static str>, name: &str) -> bool {
    match test {
        Test::StartsWith(text) => starts_with(name, text),
        Test::EndsWith(text) => ends_with(name, text),
        // Beyond ASCII, letters are folded by a table; no name is refused for it.
        Test::IgnoreCaseEquals(text) => {
            !text.is_ascii() || !name.is_ascii() || text.eq_ignore_ascii_case(name)
        }
        _ => true,
    }
}

/// A comparison with an integer type, alone and together with the others before it in the list.
const fn compared(min: i128, max: i128, test: &Test<&'static str>, value: &Value) -> Fault {
    let (mut low, mut high) = within(test, min, max);
    if low > high {
        return Fault::Never;
    }
    let mut rest = value.list.split_at(value.index).0;
    while let [before, others @ ..] = rest {
        (low, high) = within(before, low, high);
        rest = others;
    }
    if low > high { Fault::Together } else { Fault::None }
}

/// The whole numbers of `low` to `high` for which a comparison holds.
const fn within(test: &Test<&'static str>, low: i128, high: i128) -> (i128, i128) {
    match test {
        Test::Gt(number) => (larger(low, floor(*number).saturating_add(1)), high),
        Test::Gte(number) => (larger(low, ceil(*number)), high),
        Test::Lt(number) => (low, smaller(high, ceil(*number).saturating_sub(1))),
        Test::Lte(number) => (low, smaller(high, floor(*number))),
        Test::Between(from, to) => (larger(low, ceil(*from)), smaller(high, floor(*to))),
        _ => (low, high),
    }
}

const fn larger(a: i128, b: i128) -> i128 {
    if a > b { a } else { b }
}

const fn smaller(a: i128, b: i128) -> i128 {
    if a < b { a } else { b }
}

/// The number, if it has no fraction.
const fn whole(number: Number) -> Option<i128> {
    match number {
        Number::Int(int) => Some(int),
        Number::Float(float) if (float as i128) as f64 == float => Some(float as i128),
        Number::Float(float) if float.abs() >= i128::MAX as f64 => Some(float as i128),
        Number::Float(_) => None,
    }
}

const fn floor(number: Number) -> i128 {
    match number {
        Number::Int(int) => int,
        Number::Float(float) => {
            let towards_zero = float as i128;
            if (towards_zero as f64) > float { towards_zero.saturating_sub(1) } else { towards_zero }
        }
    }
}

const fn ceil(number: Number) -> i128 {
    match number {
        Number::Int(int) => int,
        Number::Float(float) => {
            let towards_zero = float as i128;
            if (towards_zero as f64) < float { towards_zero.saturating_add(1) } else { towards_zero }
        }
    }
}

/// Whether a whole number satisfies the comparison, of whatever type.
pub(super) const fn has_whole_number(test: &Test<&'static str>) -> bool {
    let (low, high) = within(test, i128::MIN, i128::MAX);
    low <= high
}

/// The comparison before this one in its list that leaves no whole number together with it.
pub(super) const fn ends_together(value: &Value) -> Option<&'static Test<&'static str>> {
    let Some(test) = value.test() else { return None };
    let (low, high) = within(test, i128::MIN, i128::MAX);
    let mut rest = value.list.split_at(value.index).0;
    while let [before, others @ ..] = rest {
        let (low, high) = within(before, low, high);
        if low > high {
            return Some(before);
        }
        rest = others;
    }
    None
}
