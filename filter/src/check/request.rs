//! What only filters of requests must keep to: their parts, methods, headers and parameters.

use super::Checker;
use crate::{Field, Item, ProblemKind, Scalar, Test, Tree, nearest};

const SECTIONS: [&str; 4] = ["method", "headers", "query", "body"];
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

impl<S: Clone> Checker<S> {
    pub(super) fn section_name(&mut self, name: &str, at: &S) {
        if !SECTIONS.contains(&name) {
            let nearest = nearest(name, &SECTIONS);
            self.report(at, ProblemKind::UnknownSection { name: name.into(), nearest });
        }
    }

    pub(super) fn header_name(&mut self, name: &str, at: &S) {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let bad = name.chars().find(|c| !is_token(*c));
        if bad.is_some() || name.is_empty() {
            self.report(at, ProblemKind::HeaderName { name: name.into(), bad });
        }
    }

    pub(super) fn section(&mut self, field: &Field<S>) {
        match (SECTIONS.iter().find(|name| **name == &*field.name).copied(), &field.tree) {
            (Some("method"), Tree::List(items)) => items.iter().for_each(|item| self.method(item)),
            (Some("method"), Tree::Object(_)) => self.report(&field.at, ProblemKind::MethodIsObject),
            (Some(section), Tree::List(_)) => {
                self.report(&field.at, ProblemKind::SectionIsList { section });
            }
            (Some(section @ ("headers" | "query")), Tree::Object(fields)) => {
                for field in fields {
                    match &field.tree {
                        Tree::List(items) => items.iter().for_each(|item| self.text(section, item)),
                        Tree::Object(_) => {
                            self.report(&field.at, ProblemKind::NestedText { section });
                        }
                    }
                }
            }
            (Some(_) | None, _) => {}
        }
    }

    fn method(&mut self, item: &Item<S>) {
        let problem = match &item.test {
            Test::Literal(Scalar::Str(given)) if METHODS.contains(&&**given) => return,
            Test::Literal(Scalar::Str(given)) => {
                ProblemKind::UnknownMethod { given: given.to_string(), nearest: nearest(given, &METHODS) }
            }
            Test::Literal(other) => ProblemKind::NotText { section: "method", value: other.to_string() },
            operator => ProblemKind::MethodOperator { operator: name(operator) },
        };
        self.report(&item.at, problem);
    }

    /// A test of what is always a string, or missing.
    fn text(&mut self, section: &'static str, item: &Item<S>) {
        match &item.test {
            Test::Literal(value) | Test::Not(value) | Test::AnythingBut(value) => {
                if !matches!(value, Scalar::Str(_)) {
                    let value = value.to_string();
                    self.report(&item.operand, ProblemKind::NotText { section, value });
                }
            }
            Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_) | Test::Exists(_) => {}
            operator => {
                let operator = name(operator);
                self.report(&item.at, ProblemKind::OperatorForText { section, operator });
            }
        }
    }
}

/// The operator's name, as in the table.
fn name(test: &Test<Box<str>>) -> &'static str {
    match test {
        Test::Literal(_) => "a literal",
        Test::StartsWith(_) => "$startsWith",
        Test::EndsWith(_) => "$endsWith",
        Test::IgnoreCaseEquals(_) => "$ignoreCaseEquals",
        Test::Exists(_) => "$exists",
        Test::IsNull(_) => "$isNull",
        Test::AnythingBut(_) => "$anythingBut",
        Test::Gt(_) => "$gt",
        Test::Gte(_) => "$gte",
        Test::Lt(_) => "$lt",
        Test::Lte(_) => "$lte",
        Test::Between(..) => "$between",
        Test::Includes(_) => "$includes",
        Test::Not(_) => "$not",
    }
}
