//! Checks of lists: what their entries are, and whether they go together.

use super::{Checker, conflict};
use crate::operator::{self, Make, Operator};
use crate::syntax::{Entry, Node, Value};
use crate::{Item, Number, ProblemKind, Scalar, Test};

impl<S: Clone> Checker<S> {
    /// The items that are right; nothing if the list as a whole has no meaning.
    pub(super) fn list(&mut self, key: &str, items: &[Node<S>], at: &S) -> Option<Vec<Item<S>>> {
        if items.is_empty() {
            return self.refuse(at, ProblemKind::EmptyList { key: key.into() });
        }
        self.mixed(items);
        let mut checked = Vec::new();
        for item in items {
            match item {
                Node::Bad => self.whole = false,
                Node::List { at, .. } => self.report(at, ProblemKind::ListInList),
                Node::Object { entries, at } => checked.extend(self.operator(entries, at)),
                Node::Value { value, at } => checked.extend(self.scalar(value, at).map(|scalar| Item {
                    test: Test::Literal(scalar),
                    at: at.clone(),
                    operand: at.clone(),
                })),
            }
        }
        self.problems.extend(conflict::find(&checked));
        Some(checked)
    }

    /// Literals beside operators, or beside literals of another type.
    fn mixed(&mut self, items: &[Node<S>]) {
        let is_operator = |item: &&Node<S>| matches!(item, Node::Object { .. });
        let is_literal = |item: &&Node<S>| matches!(item, Node::Value { .. });
        let (first_operator, first_literal) =
            (items.iter().position(|i| is_operator(&i)), items.iter().position(|i| is_literal(&i)));
        if let (Some(operator), Some(literal)) = (first_operator, first_literal)
            && let Some(at) = items[operator.max(literal)].at()
        {
            self.report(at, ProblemKind::MixedList);
        }
        self.mixed_literals(items);
    }

    fn mixed_literals(&mut self, items: &[Node<S>]) {
        let mut first = None;
        for item in items {
            if let Node::Value { value, at } = item
                && *value != Value::Null
            {
                let found = value.what();
                let first = *first.get_or_insert(found);
                if first != found {
                    self.report(at, ProblemKind::MixedLiterals { first, found });
                }
            }
        }
    }

    /// `{ $operator: operand }`, which is more than one item for a list of values.
    fn operator(&mut self, entries: &[Entry<S>], at: &S) -> Vec<Item<S>> {
        let mut first = None;
        let mut items = Vec::new();
        for entry in entries {
            let Entry::Field { key, at: key_at, value } = entry else {
                self.whole = false;
                continue;
            };
            if let Some(first) = first {
                self.report(key_at, ProblemKind::SeveralOperators { first, second: key.clone() });
                return Vec::new();
            }
            first = Some(key.clone());
            match operator::find(key) {
                Ok(operator) => {
                    let tests = self.operand(operator, value).unwrap_or_default();
                    items.extend(tests.into_iter().map(|(test, operand)| Item {
                        test,
                        at: at.clone(),
                        operand,
                    }));
                }
                Err(ProblemKind::UnknownOperator { nearest, .. })
                    if !key.starts_with('$') && has_fields(value, nearest.is_some()) =>
                {
                    self.report(key_at, ProblemKind::FieldsInList { key: key.clone() });
                    return Vec::new();
                }
                Err(unknown) => self.report(key_at, unknown),
            }
        }
        if entries.is_empty() {
            self.report(at, ProblemKind::NoOperator);
        }
        items
    }

    /// The tests that an operator with its operand makes, each with the place of its value.
    fn operand(&mut self, operator: &Operator, node: &Node<S>) -> Option<Vec<(Test<Box<str>>, S)>> {
        let at = match node.at() {
            Some(at) => at.clone(),
            None => return self.unreadable(),
        };
        let test = match (operator.make, node) {
            (_, Node::Value { value: Value::NotANumber(text), .. }) => {
                return self.refuse(&at, ProblemKind::NotANumber { text: text.clone() });
            }
            (Make::Text(test), Node::Value { value: Value::Str(text), .. }) => test(text.as_str().into()),
            (Make::Bool(test), Node::Value { value: Value::Bool(wanted), .. }) => test(*wanted),
            (Make::Number(test), Node::Value { value: Value::Num(number), .. }) => {
                test(self.number(*number, &at)?)
            }
            (Make::Scalar(test) | Make::Scalars(test), Node::Value { value, .. }) => {
                test(self.scalar(value, &at)?)
            }
            (Make::Scalars(test), Node::List { items, .. }) => {
                return self.scalars(operator, test, items, &at);
            }
            (Make::Range(test), Node::List { items, .. }) => {
                let (low, high) = self.range(operator, items, &at)?;
                test(low, high)
            }
            (_, node) => return self.wrong(operator, &at, node.what().into()),
        };
        Some(vec![(test, at)])
    }

    fn scalars(
        &mut self,
        operator: &Operator,
        test: fn(Scalar<Box<str>>) -> Test<Box<str>>,
        items: &[Node<S>],
        at: &S,
    ) -> Option<Vec<(Test<Box<str>>, S)>> {
        if items.is_empty() {
            return self.refuse(at, ProblemKind::EmptyList { key: operator.name.into() });
        }
        self.mixed_literals(items);
        let mut tests = Vec::new();
        for item in items {
            match item {
                Node::Bad => self.whole = false,
                Node::Value { value, at } => {
                    tests.extend(self.scalar(value, at).map(|scalar| (test(scalar), at.clone())));
                }
                Node::Object { at, .. } | Node::List { at, .. } => {
                    self.wrong::<()>(operator, at, item.what().into());
                }
            }
        }
        Some(tests)
    }

    fn range(&mut self, operator: &Operator, items: &[Node<S>], at: &S) -> Option<(Number, Number)> {
        let [low, high] = items else {
            let found = format!("a list of {}", items.len());
            return self.wrong(operator, at, found);
        };
        let (low, high) = (self.bound(operator, low), self.bound(operator, high));
        let (low, high) = (low?, high?);
        if low > high {
            let (low, high) = (low.to_string(), high.to_string());
            return self.refuse(at, ProblemKind::ReversedBounds { low, high });
        }
        Some((low, high))
    }

    fn bound(&mut self, operator: &Operator, node: &Node<S>) -> Option<Number> {
        match node {
            Node::Bad => self.unreadable(),
            Node::Value { value: Value::Num(number), at } => self.number(*number, at),
            Node::Value { value: Value::NotANumber(text), at } => {
                self.refuse(at, ProblemKind::NotANumber { text: text.clone() })
            }
            Node::Value { at, .. } | Node::Object { at, .. } | Node::List { at, .. } => {
                self.wrong(operator, at, node.what().into())
            }
        }
    }

    fn scalar(&mut self, value: &Value, at: &S) -> Option<Scalar<Box<str>>> {
        match value {
            Value::Null => self.refuse(at, ProblemKind::NullLiteral),
            Value::NotANumber(text) => self.refuse(at, ProblemKind::NotANumber { text: text.clone() }),
            Value::Num(number) => self.number(*number, at).map(Scalar::Num),
            Value::Bool(bool) => Some(Scalar::Bool(*bool)),
            Value::Str(text) => Some(Scalar::Str(text.as_str().into())),
        }
    }

    fn number(&mut self, number: Number, at: &S) -> Option<Number> {
        if number.is_exact_in_json() {
            Some(number)
        } else {
            self.refuse(at, ProblemKind::NotANumber { text: number.to_string() })
        }
    }

    fn wrong<T>(&mut self, operator: &Operator, at: &S, found: String) -> Option<T> {
        self.refuse(
            at,
            ProblemKind::WrongOperand { operator: operator.name, wants: operator.operand(), found },
        )
    }
}

/// Whether an entry was meant as an object with fields: `{ name: ["x"] }`.
fn has_fields<S>(value: &Node<S>, like_an_operator: bool) -> bool {
    matches!(value, Node::Object { .. } | Node::List { .. }) && !like_an_operator
}
