//! The filters of a set in little memory: what is verified when an index brings a filter up.

use std::cmp::Ordering;

use super::paths::Paths;
use super::trie::Trie;
use crate::{Field, Item, Number, Test, Tree};

/// Filters, one after the other.
#[derive(Debug, Default)]
pub(super) struct Program {
    steps: Vec<Step>,
    tests: Vec<Test<Text, Num>>,
    texts: String,
}

/// What must hold at one node.
#[derive(Clone, Copy, Debug)]
struct Step {
    node: u32,
    wants: Wants,
}

#[derive(Clone, Copy, Debug)]
enum Wants {
    Tests {
        first: u32,
        count: u32,
    },
    /// The steps up to this one, for its fields.
    Fields {
        end: u32,
    },
}

/// Some of the steps, side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Steps {
    start: u32,
    end: u32,
}

/// How much there is of a program.
#[derive(Clone, Copy)]
pub(super) struct End {
    steps: usize,
    tests: usize,
    texts: usize,
}

/// What must hold at a node, to be looked at.
pub(super) enum View<'p> {
    List(&'p [Test<Text, Num>]),
    Object(Steps),
}

/// A range of the texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    start: u32,
    end: u32,
}

/// A number in half the room, in the one form that equal numbers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Num {
    Int(i64),
    Large(u64),
    /// The bits of a double that is neither.
    Float(u64),
}

impl Program {
    /// Adds a filter. Until [`number`](Self::number) its nodes are those of `paths`.
    pub(super) fn add(&mut self, fields: &[Field], above: u32, paths: &mut Paths) -> Steps {
        let start = self.steps.len() as u32;
        for field in fields {
            let node = paths.below(above, &field.name);
            let at = self.steps.len();
            let (first, count) = (self.tests.len() as u32, 0);
            self.steps.push(Step { node, wants: Wants::Tests { first, count } });
            let wants = match &field.tree {
                Tree::List(items) => {
                    if items.iter().any(|item| matches!(item.test, Test::Includes(_) | Test::Not(_))) {
                        paths.want_elements(node);
                    }
                    items.iter().for_each(|item| self.add_test(item));
                    Wants::Tests { first, count: items.len() as u32 }
                }
                Tree::Object(fields) => {
                    paths.want_elements(node);
                    Wants::Fields { end: self.add(fields, node, paths).end }
                }
            };
            self.steps[at].wants = wants;
        }
        Steps { start, end: self.steps.len() as u32 }
    }

    fn add_test(&mut self, item: &Item) {
        let texts = &mut self.texts;
        let mut keep = |text: &_| {
            let start = texts.len() as u32;
            texts.push_str(Box::as_ref(text));
            Text { start, end: texts.len() as u32 }
        };
        self.tests.push(item.test.map(&mut keep, |number| Num::new(*number)));
    }

    /// Where the next filter begins.
    pub(super) fn end(&self) -> End {
        End { steps: self.steps.len(), tests: self.tests.len(), texts: self.texts.len() }
    }

    /// Forgets what was added since.
    pub(super) fn cut(&mut self, end: End) {
        self.steps.truncate(end.steps);
        self.tests.truncate(end.tests);
        self.texts.truncate(end.texts);
    }

    /// After the last filter: gives each path the number that it has as a node, and back the memory that is
    /// not needed.
    pub(super) fn number(&mut self, numbers: &[u32]) {
        for step in &mut self.steps {
            step.node = numbers[step.node as usize];
        }
        self.steps.shrink_to_fit();
        self.tests.shrink_to_fit();
        self.texts.shrink_to_fit();
    }

    /// The nodes that `steps` look at, and what they want there.
    pub(super) fn look(&self, steps: Steps) -> impl Iterator<Item = (u32, View<'_>)> {
        let mut at = steps.start;
        std::iter::from_fn(move || {
            let step = *self.steps.get(at as usize).filter(|_| at < steps.end)?;
            at += 1;
            let view = match step.wants {
                Wants::Tests { first, count } => View::List(self.tests(first as usize, count as usize)),
                Wants::Fields { end } => {
                    let fields = Steps { start: at, end };
                    at = end;
                    View::Object(fields)
                }
            };
            Some((step.node, view))
        })
    }

    /// The filter as it was written.
    pub(super) fn fields(&self, steps: Steps, trie: &Trie) -> Vec<Field> {
        let owned = |test: Test<&str, Num>| test.map(&mut |text| Box::from(*text), |number| number.number());
        let mut fields = Vec::new();
        for (node, view) in self.look(steps) {
            let tree = match view {
                View::Object(steps) => Tree::Object(self.fields(steps, trie)),
                View::List(tests) => {
                    let tests = self.with_texts(tests);
                    Tree::List(tests.map(|test| Item { test: owned(test), at: (), operand: () }).collect())
                }
            };
            fields.push(Field { name: trie.name(node).into(), tree, at: () });
        }
        fields
    }

    /// How much memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        self.steps.capacity() * size_of::<Step>()
            + self.tests.capacity() * size_of::<Test<Text, Num>>()
            + self.texts.capacity()
    }

    /// The same tests with their texts.
    pub(super) fn with_texts(&self, tests: &[Test<Text, Num>]) -> impl Iterator<Item = Test<&str, Num>> {
        tests.iter().map(|test| test.map(&mut |text| self.text(text), |number| *number))
    }

    pub(super) fn text(&self, text: &Text) -> &str {
        self.texts.get(text.start as usize..text.end as usize).unwrap_or_default()
    }

    fn tests(&self, first: usize, count: usize) -> &[Test<Text, Num>] {
        self.tests.get(first..first + count).unwrap_or_default()
    }
}

impl Steps {
    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl Num {
    pub(super) const INFINITE: Num = Num::Float(f64::INFINITY.to_bits());
    pub(super) const NEGATIVE_INFINITE: Num = Num::Float(f64::NEG_INFINITY.to_bits());

    /// Filters hold no other numbers than those that events can hold, and neither holds NaN.
    pub(super) fn new(number: Number) -> Num {
        match number {
            Number::Int(int) => match (i64::try_from(int), u64::try_from(int)) {
                (Ok(int), _) => Num::Int(int),
                (_, Ok(int)) => Num::Large(int),
                _ => Num::Float((int as f64).to_bits()),
            },
            Number::Float(float) => {
                let whole = float as i128;
                let fits = (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&whole);
                if fits && number == Number::Int(whole) {
                    Num::new(Number::Int(whole))
                } else {
                    Num::Float(float.to_bits())
                }
            }
        }
    }

    pub(super) fn compare(self, other: Num) -> Ordering {
        match (self, other) {
            (Num::Int(a), Num::Int(b)) => a.cmp(&b),
            (a, b) => a.number().partial_cmp(&b.number()).unwrap_or(Ordering::Equal),
        }
    }

    pub(super) fn number(self) -> Number {
        match self {
            Num::Int(int) => Number::Int(int.into()),
            Num::Large(int) => Number::Int(int.into()),
            Num::Float(bits) => Number::Float(f64::from_bits(bits)),
        }
    }
}

impl PartialOrd for Num {
    fn partial_cmp(&self, other: &Num) -> Option<Ordering> {
        Some(self.compare(*other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_have_one_form() {
        let forms = [
            (Number::Float(1.0), Num::Int(1)),
            (Number::Float(-0.0), Num::Int(0)),
            (Number::Float(2f64.powi(63)), Num::Large(1 << 63)),
            (Number::Float(-(2f64.powi(63))), Num::Int(i64::MIN)),
            (Number::Int(u64::MAX.into()), Num::Large(u64::MAX)),
            (Number::Int(1 << 64), Num::Float(2f64.powi(64).to_bits())),
            (Number::Float(2f64.powi(64)), Num::Float(2f64.powi(64).to_bits())),
            (Number::Float(1e300), Num::Float(1e300f64.to_bits())),
            (Number::Float(0.5), Num::Float(0.5f64.to_bits())),
        ];
        for (number, form) in forms {
            assert_eq!(Num::new(number), form);
            assert_eq!(form.number(), number);
        }
        assert!(size_of::<Test<Text, Num>>() <= 40 && size_of::<Step>() <= 16);
    }
}
