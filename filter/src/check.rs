//! Decides whether a filter as written makes sense, and says everything that is wrong with it.

pub(crate) mod conflict;
mod list;
mod request;

use std::collections::HashSet;

use crate::syntax::{Entry, Node, Value};
use crate::{Field, Filter, Problem, ProblemKind, Root, Tree, operator};

/// Levels of objects that a filter may have.
const LEVELS: usize = 32;
/// Lists that a filter may have.
const LISTS: usize = 256;

/// What is known about a filter after looking at all of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked<S> {
    root: Root,
    fields: Vec<Field<S>>,
    problems: Vec<Problem<S>>,
    whole: bool,
}

/// Checks all of a filter: nothing is found twice, and one mistake does not hide another.
///
/// What is wrong with a payload's filter is wrong with a request's filter too, so whoever does not know the
/// root yet reports the problems of [`Root::Payload`] first; the further ones of [`Root::Request`] hold only
/// for requests. Problems come in the order of the text.
pub fn check<S: Clone>(tree: &Node<S>, root: Root) -> Checked<S> {
    let mut checker = Checker { problems: Vec::new(), whole: true, lists: 0 };
    let fields = match tree {
        Node::Object { entries, .. } => checker.object(entries, Place::Top(root), 1),
        Node::Bad => checker.unreadable().unwrap_or_default(),
        Node::List { at, .. } | Node::Value { at, .. } => {
            checker.report(at, ProblemKind::NotAnObject { found: tree.what() });
            Vec::new()
        }
    };
    Checked { root, fields, problems: checker.problems, whole: checker.whole }
}

impl<S> Checked<S> {
    /// All problems, in the order of the text.
    pub fn problems(&self) -> &[Problem<S>] {
        &self.problems
    }

    /// The parts without problems, each with its place: for checks that know more, such as a payload's type.
    pub fn fields(&self) -> &[Field<S>] {
        &self.fields
    }

    /// The filter, if all of it was readable and right.
    ///
    /// # Errors
    /// All problems. None at all means that the front end reported what it could not read.
    pub fn into_filter(self) -> Result<Filter, Vec<Problem<S>>> {
        if self.whole && self.problems.is_empty() {
            Ok(Filter::new(self.root, self.fields.into_iter().map(Field::without_places).collect()))
        } else {
            Err(self.problems)
        }
    }
}

/// Where an object stands, as far as it changes what its keys may be.
#[derive(Clone, Copy)]
enum Place {
    Top(Root),
    Headers,
    Elsewhere,
}

struct Checker<S> {
    problems: Vec<Problem<S>>,
    /// Nothing was unreadable.
    whole: bool,
    lists: usize,
}

impl<S: Clone> Checker<S> {
    fn object(&mut self, entries: &[Entry<S>], place: Place, level: usize) -> Vec<Field<S>> {
        let mut seen = HashSet::new();
        let mut fields = Vec::new();
        for entry in entries {
            let Entry::Field { key, at, value } = entry else {
                self.whole = false;
                continue;
            };
            let name = self.name(key, at, place);
            if !seen.insert(name.clone()) {
                self.report(at, ProblemKind::DuplicateKey { key: key.clone() });
            }
            if is_operator(key, value) {
                self.report(at, ProblemKind::OperatorOutsideList { name: key.clone() });
                continue;
            }
            let below = match (place, &*name) {
                (Place::Top(Root::Request), "headers") => Place::Headers,
                _ => Place::Elsewhere,
            };
            if let Some(tree) = self.value(key, value, below, level + 1) {
                let field = Field { name: name.into(), tree, at: at.clone() };
                if let Place::Top(Root::Request) = place {
                    self.section(&field);
                }
                fields.push(field);
            }
        }
        fields
    }

    /// The name that the events will have for what was written as `key`.
    fn name(&mut self, key: &str, at: &S, place: Place) -> String {
        match place {
            Place::Top(Root::Request) => self.section_name(key, at),
            Place::Headers => {
                self.header_name(key, at);
                return key.to_ascii_lowercase();
            }
            Place::Top(Root::Payload) | Place::Elsewhere => {}
        }
        key.into()
    }

    fn value(&mut self, key: &str, value: &Node<S>, place: Place, level: usize) -> Option<Tree<S>> {
        match value {
            Node::Bad => self.unreadable(),
            Node::Object { at, .. } if level > LEVELS => {
                self.refuse(at, ProblemKind::TooDeep { limit: LEVELS })
            }
            Node::Object { entries, at } if entries.is_empty() => {
                self.refuse(at, ProblemKind::EmptyObject { key: key.into() })
            }
            Node::Object { entries, .. } => Some(Tree::Object(self.object(entries, place, level))),
            Node::List { items, at } => {
                self.lists += 1;
                if self.lists == LISTS + 1 {
                    self.report(at, ProblemKind::TooLarge { limit: LISTS });
                }
                self.list(key, items, at).map(Tree::List)
            }
            Node::Value { value: Value::Null, at } => self.refuse(at, ProblemKind::NullLiteral),
            Node::Value { value: Value::NotANumber(text), at } => {
                self.refuse(at, ProblemKind::NotANumber { text: text.clone() })
            }
            Node::Value { value, at } => self.refuse(at, ProblemKind::BareValue { value: value.to_string() }),
        }
    }

    fn report(&mut self, at: &S, kind: ProblemKind) {
        self.problems.push(Problem { at: at.clone(), kind });
    }

    /// Reports, and gives what a broken piece is worth.
    fn refuse<T>(&mut self, at: &S, kind: ProblemKind) -> Option<T> {
        self.report(at, kind);
        None
    }

    /// Passes over what the front end has reported.
    fn unreadable<T>(&mut self) -> Option<T> {
        self.whole = false;
        None
    }
}

/// Whether a key was meant as an operator. Fields may be called `$ref` and the like.
fn is_operator<S>(key: &str, value: &Node<S>) -> bool {
    key.starts_with('$')
        && match operator::find(key) {
            Ok(_) => true,
            Err(ProblemKind::UnknownOperator { nearest: None, .. }) => false,
            Err(_) => matches!(value, Node::Value { .. }),
        }
}
