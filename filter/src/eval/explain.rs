//! Says clause by clause why a filter did not let an event pass.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::naive::{event_holds, fields_hold, text_holds, tree_holds};
use super::parts::{BodyError, Decoded, Parts};
use crate::pattern::write_list;
use crate::{Field, Filter, Item, Root, Scalar, Test, Tree};

/// How much of a value an explanation shows, in characters.
const SHOWN: usize = 80;

/// Why a filter did not match. Displayed, it is the first clause that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Explain {
    /// Every clause of the filter, in the order written.
    pub clauses: Vec<Clause>,
    /// Why the body could not be read, if the filter mentions it.
    pub body_error: Option<BodyError>,
}

/// One list of a filter, and what it met.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// Where it looks: `body.payload.length`, `body.items[2].name`.
    pub path: String,
    /// What it wants: `[{ $gt: 15 }]`.
    pub wants: String,
    /// What was there.
    pub got: Got,
    /// Whether the one satisfies the other.
    pub holds: bool,
}

/// What a clause met.
#[derive(Clone, Debug, PartialEq)]
pub enum Got {
    /// A value, as JSON, cut short where it is long.
    Value(String),
    /// Nothing.
    Missing,
    /// A body that is not JSON.
    Unreadable,
    /// Something that must not be shown.
    Masked,
}

impl Filter {
    /// Why a request does not pass; `None` if it does.
    pub fn explain(&self, parts: &Parts<'_>) -> Option<Explain> {
        explain(self.root(), self.fields(), &Decoded::new(parts))
    }

    /// Every clause with what it met, whether the request passes or not.
    pub fn clauses(&self, parts: &Parts<'_>) -> Vec<Clause> {
        clauses(self.root(), self.fields(), &Decoded::new(parts))
    }

    /// Whether the body must be read for this filter.
    pub fn mentions_body(&self) -> bool {
        mentions_body(self.root(), self.fields())
    }
}

pub(super) fn explain(root: Root, fields: &[Field], event: &Decoded<'_>) -> Option<Explain> {
    if event_holds(root, fields, event) {
        return None;
    }
    let body_error = event.body.as_ref().err().filter(|_| mentions_body(root, fields)).cloned();
    Some(Explain { clauses: clauses(root, fields, event), body_error })
}

fn clauses(root: Root, fields: &[Field], event: &Decoded<'_>) -> Vec<Clause> {
    let mut clauses = Vec::new();
    match root {
        Root::Payload => body(fields, event, "", &mut clauses),
        Root::Request => fields.iter().for_each(|field| section(field, event, &mut clauses)),
    }
    clauses
}

fn mentions_body(root: Root, fields: &[Field]) -> bool {
    root == Root::Payload || fields.iter().any(|field| &*field.name == "body")
}

impl Explain {
    /// The first clause that failed, which is reason enough.
    pub fn first_failure(&self) -> Option<&Clause> {
        self.clauses.iter().find(|clause| !clause.holds)
    }

    /// Hides what was found at the paths that `is_secret` picks out, such as `headers.authorization`.
    pub fn mask(&mut self, is_secret: impl Fn(&str) -> bool) {
        for clause in &mut self.clauses {
            if matches!(clause.got, Got::Value(_)) && is_secret(&clause.path) {
                clause.got = Got::Masked;
            }
        }
    }
}

fn section(field: &Field, event: &Decoded<'_>, clauses: &mut Vec<Clause>) {
    match (&*field.name, &field.tree) {
        (_, Tree::List(items)) => texts(items, "method".into(), &[event.parts.method.into()], clauses),
        ("headers", Tree::Object(fields)) => each_text(fields, "headers", |name| event.header(name), clauses),
        ("query", Tree::Object(fields)) => each_text(fields, "query", |name| event.parameter(name), clauses),
        (_, Tree::Object(fields)) => body(fields, event, "body", clauses),
    }
}

fn each_text<'v>(
    fields: &[Field],
    section: &str,
    values: impl Fn(&str) -> Vec<Cow<'v, str>>,
    clauses: &mut Vec<Clause>,
) {
    for field in fields {
        if let Tree::List(items) = &field.tree {
            texts(items, format!("{section}.{}", field.name), &values(&field.name), clauses);
        }
    }
}

fn texts(items: &[Item], path: String, values: &[Cow<'_, str>], clauses: &mut Vec<Clause>) {
    let shown = values.iter().map(|value| cut(&format!("{value:?}"))).collect::<Vec<_>>().join(", ");
    let got = if values.is_empty() { Got::Missing } else { Got::Value(shown) };
    clauses.push(Clause { path, wants: wants(items), got, holds: text_holds(items, values) });
}

fn body(fields: &[Field], event: &Decoded<'_>, path: &str, clauses: &mut Vec<Clause>) {
    match &event.body {
        Ok(value) => clauses.extend(object(fields, Some(value), path)),
        Err(_) => {
            let mut unread = object(fields, None, path);
            unread.iter_mut().for_each(|clause| clause.got = Got::Unreadable);
            clauses.extend(unread);
        }
    }
}

/// The clauses of an object pattern, one for each list below it.
fn object(fields: &[Field], value: Option<&Value>, path: &str) -> Vec<Clause> {
    let absent = matches!(value, None | Some(Value::Null));
    let mut clauses = Vec::new();
    for field in fields {
        let path = if path.is_empty() { field.name.to_string() } else { format!("{path}.{}", field.name) };
        let child = value.and_then(|value| value.get(&*field.name));
        match (&field.tree, child) {
            (Tree::List(items), _) => clauses.push(Clause {
                path,
                wants: wants(items),
                got: child.map_or(Got::Missing, |value| Got::Value(show(value))),
                holds: !absent && tree_holds(&field.tree, child),
            }),
            (Tree::Object(fields), Some(Value::Array(elements))) => {
                clauses.extend(closest_element(fields, elements, &path));
            }
            (Tree::Object(fields), _) => clauses.extend(object(fields, child, &path)),
        }
    }
    clauses
}

/// The clauses for the element that satisfies most of them: one element must satisfy all.
fn closest_element(fields: &[Field], elements: &[Value], path: &str) -> Vec<Clause> {
    let mut best: Option<(usize, Vec<Clause>)> = None;
    for (n, element) in elements.iter().enumerate() {
        let clauses = object(fields, Some(element), &format!("{path}[{n}]"));
        if fields_hold(fields, Some(element)) {
            return clauses;
        }
        let failing = clauses.iter().filter(|clause| !clause.holds).count();
        if best.as_ref().is_none_or(|(least, _)| failing < *least) {
            best = Some((failing, clauses));
        }
    }
    best.map_or_else(
        || {
            let got = Got::Value("[]".into());
            vec![Clause { path: path.into(), wants: "an element".into(), got, holds: false }]
        },
        |(_, clauses)| clauses,
    )
}

pub(super) fn wants(items: &[Item]) -> String {
    let tests = items.iter().map(|item| &item.test);
    if matches!(items.first(), Some(Item { test: Test::Literal(_), .. })) {
        let mut list = String::from("one of ");
        // Writing to a string cannot fail.
        _ = write_list(&mut list, tests);
        return list;
    }
    tests.map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

/// A value in short. Objects stay closed: what is inside them was not asked for, and may be secret.
fn show(value: &Value) -> String {
    let text = match value {
        Value::Object(_) => "an object".into(),
        Value::Array(elements) => {
            let inside: Vec<_> = elements
                .iter()
                .take(SHOWN / 2)
                .map(|element| match element {
                    Value::Object(_) | Value::Array(_) => "..".into(),
                    scalar => scalar.to_string(),
                })
                .collect();
            format!("[{}]", inside.join(", "))
        }
        Value::String(text) => Scalar::Str(text.as_str()).to_string(),
        scalar => scalar.to_string(),
    };
    cut(&text)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.into(),
    }
}

impl fmt::Display for Explain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first_failure(), &self.body_error) {
            (Some(Clause { got: Got::Unreadable, path, wants, .. }), Some(error)) => {
                write!(f, "{error}; filter wants {path} {wants}")
            }
            (Some(clause), _) => clause.fmt(f),
            (None, Some(error)) => error.fmt(f),
            // An object is never empty below the root: a filter that fails has a clause that fails.
            (None, None) => f.write_str("filter does not match"),
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, filter wants {}", self.path, self.got, self.wants)
    }
}

impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Got::Value(value) => write!(f, "is {value}"),
            Got::Missing => f.write_str("is missing"),
            Got::Unreadable => f.write_str("cannot be read"),
            Got::Masked => f.write_str("is (masked)"),
        }
    }
}
