//! What can be wrong with a filter, and how it is told.

use std::fmt;

use crate::operator::{OPERATORS, Operand};

/// A mistake in a filter, and the smallest piece of it that must change.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem<S> {
    /// Where.
    pub at: S,
    /// What.
    pub kind: ProblemKind,
}

/// Every mistake a filter can have. Displayed, it is the message: what is wrong, and often a second
/// line, `help: ..`, with what to do.
#[derive(Clone, Debug, PartialEq)]
pub enum ProblemKind {
    /// The text is not JSON.
    NotJson {
        /// What the reader of JSON says.
        why: String,
    },
    /// A filter is not an object.
    NotAnObject {
        /// What it is.
        found: &'static str,
    },
    /// An operator that does not exist.
    UnknownOperator {
        /// As written.
        name: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// The same, written as a function.
    UnknownFunction {
        /// As written.
        name: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// An operator of EventBridge or MongoDB.
    ForeignOperator {
        /// As written.
        name: String,
        /// What to write here.
        instead: &'static str,
    },
    /// An object with fields as an entry of a list.
    FieldsInList {
        /// Its first key.
        key: String,
    },
    /// A list as an entry of a list.
    ListInList,
    /// An operator where fields are named.
    OperatorOutsideList {
        /// As written.
        name: String,
    },
    /// `[]`
    EmptyList {
        /// Whose list it is: a field or an operator.
        key: String,
    },
    /// `[{}]`
    NoOperator,
    /// A value without a list around it.
    BareValue {
        /// As written.
        value: String,
    },
    /// Literals beside operators.
    MixedList,
    /// Literals of different types.
    MixedLiterals {
        /// The type of the first.
        first: &'static str,
        /// The type of this one.
        found: &'static str,
    },
    /// More than one operator in one object.
    SeveralOperators {
        /// The first.
        first: String,
        /// This one.
        second: String,
    },
    /// `null` as a value.
    NullLiteral,
    /// An operator got what it does not take.
    WrongOperand {
        /// The operator.
        operator: &'static str,
        /// What it takes.
        wants: Operand,
        /// What it got.
        found: String,
    },
    /// `$between` with the larger bound first.
    ReversedBounds {
        /// As written.
        low: String,
        /// As written.
        high: String,
    },
    /// Two operators of a list that no value can satisfy together.
    NeverMatches {
        /// The one written first.
        first: String,
        /// The one written second.
        second: String,
        /// Why not both.
        why: Conflict,
    },
    /// A key given twice.
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// Not a part of a request.
    UnknownSection {
        /// As written.
        name: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// `body`, `headers` or `query` is a list.
    SectionIsList {
        /// Which.
        section: &'static str,
    },
    /// `method` has fields.
    MethodIsObject,
    /// Not a method that is sent.
    UnknownMethod {
        /// As written.
        given: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// `method` takes no operators.
    MethodOperator {
        /// The operator.
        operator: &'static str,
    },
    /// A literal that no header and no parameter can equal.
    NotText {
        /// `method`, `headers` or `query`.
        section: &'static str,
        /// As written.
        value: String,
    },
    /// An operator that makes no sense for headers and parameters.
    OperatorForText {
        /// `headers` or `query`.
        section: &'static str,
        /// The operator.
        operator: &'static str,
    },
    /// Fields below a header or a parameter.
    NestedText {
        /// `headers` or `query`.
        section: &'static str,
    },
    /// What cannot be the name of a header.
    HeaderName {
        /// As written.
        name: String,
        /// The first character that is not allowed; none: the name is empty.
        bad: Option<char>,
    },
    /// Infinite, not a number, or beyond what readers of JSON can tell apart.
    NotANumber {
        /// As written.
        text: String,
    },
    /// `{}` below the top.
    EmptyObject {
        /// The key it stands at.
        key: String,
    },
    /// Too many levels.
    TooDeep {
        /// How many are allowed.
        limit: usize,
    },
    /// Too many lists.
    TooLarge {
        /// How many are allowed.
        limit: usize,
    },
}

/// Why two operators cannot both hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// They hold for values of different types; what each needs.
    Types {
        /// The first: "a string".
        first: &'static str,
        /// The second.
        second: &'static str,
    },
    /// No number lies within both bounds.
    Numbers,
    /// No string starts with both.
    Prefixes,
    /// No string ends with both.
    Suffixes,
    /// No string equals both.
    Texts,
    /// One asks for the very value that the other excludes.
    Excluded,
}

impl<S> fmt::Display for Problem<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl<S: fmt::Debug> std::error::Error for Problem<S> {}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ProblemKind as P;
        match self {
            P::NotJson { why } => write!(f, "not JSON: {why}"),
            P::NotAnObject { found } => {
                write!(
                    f,
                    "a filter is an object, not {found}\nhelp: for example `{{ body: {{ type: [\"x\"] }} }}`"
                )
            }
            P::UnknownOperator { name, nearest } => unknown_operator(f, name, *nearest, |o| o.name),
            P::UnknownFunction { name, nearest } => unknown_operator(f, name, *nearest, |o| o.function),
            P::ForeignOperator { name, instead } => {
                write!(f, "`{name}` is no operator here\nhelp: write {instead}")
            }
            P::FieldsInList { key } => write!(
                f,
                "`{key}` is no operator, and a list holds literals or operators\n\
                 help: to look into the elements of an array leave the `[ ]` out: `{{ {key}: .. }}`"
            ),
            P::ListInList => f.write_str("a list holds literals or operators, not lists"),
            P::OperatorOutsideList { name } => {
                write!(f, "operators stand in a list\nhelp: write `[{{ {name}: .. }}]`")
            }
            P::EmptyList { key } => {
                write!(f, "an empty list decides nothing\nhelp: list the values to accept, or remove `{key}`")
            }
            P::NoOperator => f.write_str("an operator is missing\nhelp: for example `{ $exists: true }`"),
            P::BareValue { value } => {
                write!(f, "the values that a field may have stand in a list\nhelp: write `[{value}]`")
            }
            P::MixedList => f.write_str(
                "a list holds either literals or operators\n\
                 help: of literals any may match, operators must all match; two jobs make an \"or\" of them",
            ),
            P::MixedLiterals { first, found } => {
                write!(f, "the literals of a list have one type: the first is {first}, this is {found}")
            }
            P::SeveralOperators { first, second } => write!(
                f,
                "one operator for each entry\n\
                 help: write `[{{ {first}: .. }}, {{ {second}: .. }}]`: entries must all match"
            ),
            P::NullLiteral => {
                f.write_str("`null` is no value to compare with\nhelp: write `{ $isNull: true }`")
            }
            P::WrongOperand { operator, wants, found } => {
                write!(f, "`{operator}` takes {wants}; this is {found}")
            }
            P::ReversedBounds { low, high } => {
                write!(f, "`$between` needs its lower bound first: got [{low}, {high}]")
            }
            P::NeverMatches { first, second, why } => {
                write!(f, "`{second}` can never match together with `{first}`: {why}")
            }
            P::DuplicateKey { key } => write!(f, "`{key}` is given twice in this object"),
            P::UnknownSection { name, nearest: Some(nearest) } => {
                write!(f, "a request has no part `{name}`\nhelp: did you mean `{nearest}`?")
            }
            P::UnknownSection { name, nearest: None } => {
                write!(
                    f,
                    "a request has no part `{name}`\nhelp: it has `method`, `headers`, `query` and `body`"
                )
            }
            P::SectionIsList { section } => {
                write!(f, "`{section}` is an object\nhelp: name a field of it: `{section}: {{ name: [..] }}`")
            }
            P::MethodIsObject => f.write_str("`method` is a list\nhelp: for example `[\"POST\"]`"),
            P::UnknownMethod { given, nearest: Some(nearest) } => {
                write!(f, "{given:?} is no HTTP method\nhelp: did you mean `\"{nearest}\"`?")
            }
            P::UnknownMethod { given, nearest: None } => write!(
                f,
                "{given:?} is no HTTP method\nhelp: they are GET, POST, PUT, PATCH, DELETE, HEAD and OPTIONS"
            ),
            P::MethodOperator { operator } => {
                write!(f, "`method` takes no `{operator}`\nhelp: list the methods: `[\"POST\", \"PUT\"]`")
            }
            P::NotText { section, value } => match *section {
                "method" => write!(f, "methods are strings; this is {value}"),
                _ => write!(f, "values of `{section}` are strings\nhelp: write `\"{value}\"`"),
            },
            P::OperatorForText { section, operator } => {
                write!(f, "`{operator}` can decide nothing here: values of `{section}` are strings")
            }
            P::NestedText { section } => {
                write!(
                    f,
                    "values of `{section}` are strings, they have no fields\nhelp: write a list: `[\"..\"]`"
                )
            }
            P::HeaderName { bad: None, .. } => f.write_str("the name of a header is empty"),
            P::HeaderName { name, bad: Some(bad) } => {
                write!(f, "`{name}` is no header name: {bad:?} is not allowed in one")
            }
            P::NotANumber { text } => write!(f, "`{text}` is no number that JSON can hold exactly"),
            P::EmptyObject { key } => write!(
                f,
                "`{{}}` says nothing about `{key}`\nhelp: write `[{{ $exists: true }}]`, or remove `{key}`"
            ),
            P::TooDeep { limit } => write!(f, "a filter has at most {limit} levels"),
            P::TooLarge { limit } => write!(f, "a filter has at most {limit} lists"),
        }
    }
}

fn unknown_operator(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    nearest: Option<&str>,
    spelled: impl Fn(&crate::operator::Operator) -> &'static str,
) -> fmt::Result {
    write!(f, "unknown operator `{name}`")?;
    if let Some(nearest) = nearest {
        return write!(f, "\nhelp: did you mean `{nearest}`?");
    }
    f.write_str("\nhelp: the operators are ")?;
    for (n, operator) in OPERATORS.iter().enumerate() {
        write!(f, "{}`{}`", if n == 0 { "" } else { ", " }, spelled(operator))?;
    }
    Ok(())
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Conflict::Types { first, second } => write!(f, "the one needs {first}, the other {second}"),
            Conflict::Numbers => f.write_str("no number satisfies both"),
            Conflict::Prefixes => f.write_str("no string starts with both"),
            Conflict::Suffixes => f.write_str("no string ends with both"),
            Conflict::Texts => f.write_str("no string satisfies both"),
            Conflict::Excluded => f.write_str("the one needs the value that the other excludes"),
        }
    }
}
