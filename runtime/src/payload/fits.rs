//! Whether a value of a filter can ever hold at a place of this shape.

use super::steps::{Value, ends_with, is_same, starts_with};
use super::walk::Spot;
use super::{Schema, Variant};
use triggerfish_filter::{Number, Scalar, Test};

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

impl Fault {
    /// How much is right: what of several shapes tells most about the mistake.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Fault::None => 3,
            Fault::Operator => 0,
            Fault::Type => 1,
            _ => 2,
        }
    }

    const fn or(self, other: Fault) -> Fault {
        if self.rank() >= other.rank() { self } else { other }
    }
}

/// Judges a value at a place that its keys lead to.
pub(super) const fn judge(at: &Spot, value: &Value, may_be_absent: bool) -> Fault {
    match value.test() {
        None | Some(Test::Exists(true) | Test::IsNull(false)) => Fault::None,
        Some(Test::Exists(false)) if may_be_absent => Fault::None,
        Some(Test::Exists(false)) => match at.shape {
            Schema::Any => Fault::None,
            _ => Fault::Absence,
        },
        Some(test) => judge_shape(at, test, value),
    }
}

const fn judge_shape(at: &Spot, test: &'static Test<&'static str>, value: &Value) -> Fault {
    match (at.shape, test) {
        (Schema::Any, _) | (Schema::Option(_) | Schema::Null, Test::IsNull(_)) => Fault::None,
        (Schema::Option(inner), _) => judge_shape(&at.to(inner), test, value),
        (Schema::Union { tag: None, of, .. }, _) => {
            let mut best = Fault::Operator;
            let mut rest = *of;
            while let [Variant { schema, .. }, others @ ..] = rest {
                best = best.or(judge_shape(&at.seen_as(schema), test, value));
                rest = others;
            }
            best
        }
        (_, Test::IsNull(_)) => Fault::Null,
        (_, Test::Exists(_)) => Fault::None,
        (_, Test::Literal(scalar) | Test::AnythingBut(scalar)) => judge_scalar(at, scalar),
        (Schema::Seq(item), Test::Includes(scalar) | Test::Not(scalar)) => judge_scalar(&at.to(item), scalar),
        (Schema::Tuple { items, .. }, Test::Includes(scalar) | Test::Not(scalar)) => {
            let mut best = Fault::Type;
            let mut rest = *items;
            while let [item, others @ ..] = rest {
                best = best.or(judge_scalar(&at.to(item), scalar));
                rest = others;
            }
            best
        }
        (_, Test::Includes(_)) => Fault::Operator,
        // Of an object it never holds.
        (Schema::Struct { .. } | Schema::Map(_) | Schema::Union { .. } | Schema::Null, Test::Not(_)) => {
            Fault::Operator
        }
        (_, Test::Not(scalar)) => judge_scalar(at, scalar),
        (Schema::Str, Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_)) => Fault::None,
        (
            Schema::Enum { variants, .. },
            Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_),
        ) => {
            if has_one(variants, test) {
                Fault::None
            } else {
                Fault::Variant
            }
        }
        (_, Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_)) => Fault::Operator,
        (Schema::Float { .. }, _) => Fault::None,
        (Schema::Int { min, max, .. }, _) => compared(*min, *max, test, value),
        _ => Fault::Operator,
    }
}

/// A value that must equal, or must not.
const fn judge_scalar(at: &Spot, scalar: &Scalar<&'static str>) -> Fault {
    match (at.shape, scalar) {
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
        (Schema::Option(inner), _) => judge_scalar(&at.to(inner), scalar),
        (Schema::Union { tag: None, of, .. }, _) => {
            let mut best = Fault::Type;
            let mut rest = *of;
            while let [Variant { schema, .. }, others @ ..] = rest {
                best = best.or(judge_scalar(&at.seen_as(schema), scalar));
                rest = others;
            }
            best
        }
        _ => Fault::Type,
    }
}

/// The shape within `at` that a fault is about.
pub(super) const fn blamed(at: Spot, value: &Value, fault: Fault) -> Spot {
    let Some(test) = value.test() else { return at };
    match (at.shape, test) {
        (_, Test::Exists(_)) => at,
        (Schema::Option(inner), _) => blamed(at.to(inner), value, fault),
        // Where nothing fits, it is told of the enum as a whole.
        (Schema::Union { tag: None, .. }, _)
            if matches!(fault, Fault::Operator | Fault::Type | Fault::Null) =>
        {
            at
        }
        (Schema::Union { tag: None, of, .. }, _) => {
            let mut rest = *of;
            while let [Variant { schema, .. }, others @ ..] = rest {
                let spot = at.seen_as(schema);
                if judge_shape(&spot, test, value) as u8 == fault as u8 {
                    return blamed(spot, value, fault);
                }
                rest = others;
            }
            at
        }
        (Schema::Seq(item), Test::Includes(scalar) | Test::Not(scalar)) => {
            in_items(at.to(item), scalar, fault)
        }
        (Schema::Tuple { items, .. }, Test::Includes(scalar) | Test::Not(scalar)) => {
            let mut rest = *items;
            while let [item, others @ ..] = rest {
                let spot = at.to(item);
                if judge_scalar(&spot, scalar) as u8 == fault as u8 {
                    return in_items(spot, scalar, fault);
                }
                rest = others;
            }
            at
        }
        _ => at,
    }
}

/// The same for what a list holds, where the value is compared with an item.
const fn in_items(at: Spot, scalar: &Scalar<&'static str>, fault: Fault) -> Spot {
    match at.shape {
        Schema::Option(inner) => in_items(at.to(inner), scalar, fault),
        Schema::Union { tag: None, of, .. } if !matches!(fault, Fault::Type) => {
            let mut rest = *of;
            while let [Variant { schema, .. }, others @ ..] = rest {
                let spot = at.seen_as(schema);
                if judge_scalar(&spot, scalar) as u8 == fault as u8 {
                    return in_items(spot, scalar, fault);
                }
                rest = others;
            }
            at
        }
        _ => at,
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
    let mut n = 0;
    while n < value.index {
        (low, high) = within(&value.list[n], low, high);
        n += 1;
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
