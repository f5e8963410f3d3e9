//! `{ body: { triggerEvent: ["X"], n: [{ $gt: 15 }, lt(60)] } }`, from tokens to a tree with places.
//!
//! What is no filter at all is reported here, each mistake at its smallest token, and reading goes on after
//! the next comma. What the filter says is judged by `triggerfish_filter::check`.

use crate::errors::{Errors, Place};
use crate::tokens::{self, Tokens, as_group, is_ident, is_punct};
use proc_macro2::{Delimiter, Group, Ident, TokenTree};
use std::cell::RefCell;
use syn::Lit;
use syn::ext::IdentExt;
use triggerfish_filter::operator::{self, Operand};
use triggerfish_filter::syntax::{Entry, Node, Value};
use triggerfish_filter::{Checked, Number, Root, check};

/// A place in a filter: what the checks carry around and compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At(usize);

/// A filter as written, with what could be read of it.
pub(crate) struct Written {
    tree: Node<At>,
    places: Vec<Place>,
    paths: Vec<Vec<Ident>>,
}

impl Written {
    /// Reads the tokens and reports what cannot be read.
    pub(crate) fn read(tokens: &[TokenTree], errors: &mut Errors) -> Self {
        let reader = Reader {
            places: RefCell::default(),
            errors: RefCell::new(errors),
            above: RefCell::default(),
            paths: RefCell::default(),
        };
        let mut tokens = Tokens::new(tokens, Place::attribute());
        let tree = reader.node(&mut tokens);
        reader.nothing_left(&mut tokens, "the filter");
        Written { tree, places: reader.places.into_inner(), paths: reader.paths.into_inner() }
    }

    /// Everything that is known without the payload's type.
    pub(crate) fn check(&self, root: Root) -> Checked<At> {
        check(&self.tree, root)
    }

    pub(crate) fn place(&self, at: At) -> Place {
        self.places.get(at.0).copied().unwrap_or_else(Place::attribute)
    }

    /// Each key that is a name, below names alone, with those: for the editor. Also keys that have no value yet.
    pub(crate) fn paths(&self) -> &[Vec<Ident>] {
        &self.paths
    }

    /// Where a key at the top of the filter is written.
    pub(crate) fn key(&self, wanted: &str) -> Option<Place> {
        let Node::Object { entries, .. } = &self.tree else { return None };
        entries.iter().find_map(|entry| match entry {
            Entry::Field { key, at, .. } if key == wanted => Some(self.place(*at)),
            _ => None,
        })
    }
}

struct Reader<'e> {
    places: RefCell<Vec<Place>>,
    errors: RefCell<&'e mut Errors>,
    /// The keys around what is read; `None` for one that is no name.
    above: RefCell<Vec<Option<Ident>>>,
    paths: RefCell<Vec<Vec<Ident>>>,
}

impl Reader<'_> {
    fn at(&self, place: impl Into<Place>) -> At {
        let mut places = self.places.borrow_mut();
        places.push(place.into());
        At(places.len() - 1)
    }

    fn report(&self, place: impl Into<Place>, message: impl std::fmt::Display) {
        self.errors.borrow_mut().at(place, message);
    }

    fn bad(&self, place: impl Into<Place>, message: impl std::fmt::Display) -> Node<At> {
        self.report(place, message);
        Node::Bad
    }

    /// Whatever stands where a value can stand.
    fn node(&self, tokens: &mut Tokens<'_>) -> Node<At> {
        let Some(token) = tokens.take() else {
            return self.bad(tokens.place(), "a value is missing here");
        };
        match token {
            TokenTree::Group(group) => self.group(group),
            TokenTree::Literal(literal) => self.literal(&tokens::literal(literal), token.span().into(), ""),
            TokenTree::Ident(word) => self.word(word, tokens),
            TokenTree::Punct(punct) if punct.as_char() == '-' => {
                match tokens.take_if(|next| matches!(next, TokenTree::Literal(_))) {
                    Some(TokenTree::Literal(literal)) => {
                        let place = Place { from: token.span(), to: literal.span() };
                        self.literal(&tokens::literal(literal), place, "-")
                    }
                    _ => self.bad(token.span(), "only a number can follow `-`"),
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '$' => self.loose_operator(token, tokens),
            other => {
                let place = Place { from: other.span(), to: tokens.place_of_rest().to };
                skip(tokens);
                let found = tokens::written([other.clone()]);
                self.bad(place, format!("expected a value, found `{found}`\nhelp: {LITERALS}"))
            }
        }
    }

    fn group(&self, group: &Group) -> Node<At> {
        let all = tokens::inside(group);
        let inside = Tokens::new(&all, group.span_close());
        let at = self.at(group.span());
        match group.delimiter() {
            Delimiter::Bracket => Node::List { items: self.items(&inside, "an item"), at },
            Delimiter::Brace => {
                let mut entries = Vec::new();
                for mut part in inside.between_commas() {
                    if part.is_empty() {
                        self.report(part.place(), "two commas in a row: a key is missing between them");
                        entries.push(Entry::Bad);
                    }
                    while !part.is_empty() {
                        entries.push(self.entry(&mut part));
                    }
                }
                Node::Object { entries, at }
            }
            _ => self.bad(group.span(), "values stand in a list\nhelp: write `[ ]` instead of `( )`"),
        }
    }

    fn items(&self, inside: &Tokens<'_>, what: &str) -> Vec<Node<At>> {
        let mut items = Vec::new();
        for mut part in inside.between_commas() {
            if part.is_empty() {
                items.push(
                    self.bad(part.place(), format!("two commas in a row: {what} is missing between them")),
                );
                continue;
            }
            items.push(self.node(&mut part));
            while !part.is_empty() && !is_loose(&part) {
                self.report(part.place(), format!("expected `,` before {what}"));
                items.push(self.node(&mut part));
            }
            self.nothing_left(&mut part, what);
        }
        items
    }

    /// `key: value`
    fn entry(&self, part: &mut Tokens<'_>) -> Entry<At> {
        let name = match part.peek() {
            Some(TokenTree::Ident(name)) => Some(name.clone()),
            _ => None,
        };
        self.above.borrow_mut().push(name);
        if let Some(path) = self.above.borrow().iter().cloned().collect::<Option<Vec<_>>>() {
            self.paths.borrow_mut().push(path);
        }
        let entry = self.field(part);
        self.above.borrow_mut().pop();
        entry
    }

    fn field(&self, part: &mut Tokens<'_>) -> Entry<At> {
        let Some((key, place)) = self.key(part) else {
            skip(part);
            return Entry::Bad;
        };
        let at = self.at(place);
        if part.take_if(|token| is_punct(token, ':')).is_none() {
            match part.peek() {
                Some(token) if is_punct(token, '=') => {
                    self.report(part.place(), format!("`:` follows a key, not `=`\nhelp: write `{key}: ..`"));
                }
                Some(_) => self.report(part.place(), format!("expected `:` after `{key}`")),
                None => self.report(place, no_value(&key)),
            }
            skip(part);
            return Entry::Bad;
        }
        if part.peek().is_some_and(|token| is_punct(token, ':')) {
            self.report(place, "a key is one name\nhelp: an object in an object is written `a: { b: [..] }`");
            skip(part);
            return Entry::Bad;
        }
        if part.is_empty() {
            self.report(place, no_value(&key));
            return Entry::Field { key, at, value: Node::Bad };
        }
        let value = self.node(part);
        if starts_entry(part) {
            self.report(part.place(), "expected `,` before the next key");
        } else {
            self.nothing_left(part, &format!("the value of `{key}`"));
        }
        Entry::Field { key, at, value }
    }

    /// `body`, `type`, `"hub.mode"`, `$gt`, `"$gt"`
    fn key(&self, part: &mut Tokens<'_>) -> Option<(String, Place)> {
        let first = part.take()?;
        let (mut key, mut place) = match first {
            TokenTree::Ident(word) => (word.unraw().to_string(), Place::from(word.span())),
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => {
                let Some(word) = part.take_ident() else {
                    self.report(dollar.span(), "the name of an operator is missing after `$`");
                    return None;
                };
                (format!("${}", word.unraw()), Place { from: dollar.span(), to: word.span() })
            }
            TokenTree::Literal(literal) => match tokens::literal(literal) {
                Lit::Str(text) if text.suffix().is_empty() => {
                    return Some((text.value(), literal.span().into()));
                }
                Lit::Str(_) => {
                    self.report(literal.span(), "a string has no suffix");
                    return None;
                }
                _ => {
                    let text = literal.to_string();
                    let cure = text.trim_matches('\'');
                    self.report(
                        literal.span(),
                        format!("a key is a name or a string\nhelp: write `\"{cure}\"`"),
                    );
                    return None;
                }
            },
            other => {
                let found = tokens::written([other.clone()]);
                self.report(other.span(), format!("a key is a name or a string, not `{found}`"));
                return None;
            }
        };
        // `x-cal-signature`, `hub.mode`: read on, to say how the whole is written.
        let is_joint = |token: &TokenTree| is_punct(token, '-') || is_punct(token, '.');
        if part.peek().is_some_and(is_joint) {
            let is_word = |token: &TokenTree| is_ident(token) || matches!(token, TokenTree::Literal(_));
            while let Some(token) = part.take_if(|token| is_joint(token) || is_word(token)) {
                key.push_str(&token.to_string());
                place.to = token.span();
            }
            self.report(
                place,
                format!("a key with dots or dashes is written in quotes\nhelp: write `\"{key}\"`"),
            );
        }
        Some((key, place))
    }

    /// `true`, `null`, `gt(1)`, and what is none of these.
    fn word(&self, word: &Ident, tokens: &mut Tokens<'_>) -> Node<At> {
        let text = word.unraw().to_string();
        if let Some(arguments) = tokens.peek().and_then(|token| as_group(token, Delimiter::Parenthesis)) {
            tokens.take();
            return self.function(word, &text, arguments);
        }
        let value = |value| Node::Value { value, at: self.at(word.span()) };
        match text.as_str() {
            "true" => return value(Value::Bool(true)),
            "false" => return value(Value::Bool(false)),
            "null" => return value(Value::Null),
            _ => {}
        }
        let place = Place { from: word.span(), to: tokens.place_of_rest().to };
        if is_key(tokens) {
            // `[gt: 15]`
            skip(tokens);
            return self.bad(place, format!("an operator stands in braces\nhelp: write `{{ ${text}: .. }}`"));
        }
        if tokens.is_empty() {
            let advice = match text.as_str() {
                "None" | "nil" | "undefined" => {
                    format!("`{text}` is `null` in JSON, which `$isNull` asks for")
                }
                "NaN" | "inf" | "Infinity" => "JSON has no such number".to_owned(),
                _ => format!(
                    "expected a value, found `{text}`\nhelp: strings are written in quotes: `\"{text}\"`"
                ),
            };
            return self.bad(place, advice);
        }
        let all = std::iter::once(TokenTree::Ident(word.clone())).chain(tokens.rest().iter().cloned());
        let found = tokens::written(all);
        skip(tokens);
        self.bad(place, format!("expected a value, found `{found}`\nhelp: {LITERALS}"))
    }

    /// `gt(1)`, which means `{ $gt: 1 }`
    fn function(&self, name: &Ident, text: &str, arguments: &Group) -> Node<At> {
        let operator = match operator::from_function(text) {
            Ok(operator) => operator,
            Err(problem) => return self.bad(name.span(), problem),
        };
        let all = tokens::inside(arguments);
        let inside = Tokens::new(&all, arguments.span_close());
        let many = || Node::List { items: self.items(&inside, "an argument"), at: self.at(arguments.span()) };
        let parts = inside.between_commas().len();
        let value = match (operator.operand(), parts) {
            (Operand::Bool, 0) => Node::Value { value: Value::Bool(true), at: self.at(name.span()) },
            (wants, 0) => {
                let place = Place { from: name.span(), to: arguments.span() };
                return self.bad(place, format!("`{text}` takes {wants}, and nothing is given"));
            }
            (_, 1) => {
                let mut items = self.items(&inside, "an argument");
                if items.len() == 1 { items.pop().unwrap_or(Node::Bad) } else { Node::Bad }
            }
            (Operand::Range | Operand::Scalars, _) => many(),
            (wants, _) => {
                return self
                    .bad(arguments.span(), format!("`{text}` takes {wants}; these are {parts} values"));
            }
        };
        let entry = Entry::Field { key: operator.name.into(), at: self.at(name.span()), value };
        Node::Object { entries: vec![entry], at: self.at(Place { from: name.span(), to: arguments.span() }) }
    }

    /// `$gt: 1` or `$gt(1)` where `{ $gt: 1 }` belongs.
    fn loose_operator(&self, dollar: &TokenTree, tokens: &mut Tokens<'_>) -> Node<At> {
        let Some(word) = tokens.take_ident() else {
            skip(tokens);
            return self.bad(dollar.span(), "the name of an operator is missing after `$`");
        };
        let place = Place { from: dollar.span(), to: word.span() };
        skip(tokens);
        self.bad(place, format!("an operator stands in braces\nhelp: write `{{ ${word}: .. }}`"))
    }

    fn literal(&self, literal: &Lit, place: Place, sign: &str) -> Node<At> {
        let value = match literal {
            Lit::Str(text) if sign.is_empty() && text.suffix().is_empty() => Value::Str(text.value()),
            Lit::Int(int) if int.suffix().is_empty() => number(format!("{sign}{}", int.base10_digits())),
            Lit::Float(float) if float.suffix().is_empty() => {
                number(format!("{sign}{}", float.base10_digits()))
            }
            other => return self.bad(place, advice(other, sign)),
        };
        Node::Value { value, at: self.at(place) }
    }

    fn nothing_left(&self, tokens: &mut Tokens<'_>, after: &str) {
        if tokens.is_empty() {
            return;
        }
        let place = tokens.place_of_rest();
        if tokens.peek().is_some_and(|token| is_punct(token, '.')) {
            self.report(place, "a filter has no ranges of its own\nhelp: write `{ $between: [low, high] }`");
        } else if tokens.peek().is_some_and(|token| is_punct(token, '|')) {
            self.report(place, "literals of a list are alternatives already\nhelp: write `,` instead of `|`");
        } else {
            self.report(place, format!("expected `,` after {after}\nhelp: {LITERALS}"));
        }
        skip(tokens);
    }
}

fn no_value(key: &str) -> String {
    let value = if key.starts_with('$') { ".." } else { "[..]" };
    format!("`{key}` has no value\nhelp: write `{key}: {value}`")
}

const LITERALS: &str = "a filter is made of literals only: it is read while the program is compiled";

fn number(text: String) -> Value {
    Number::parse(&text).map_or(Value::NotANumber(text), Value::Num)
}

/// What to write in place of a literal that JSON does not have.
fn advice(literal: &Lit, sign: &str) -> String {
    match literal {
        Lit::Str(_) if sign.is_empty() => "a string has no suffix".to_owned(),
        Lit::Int(int) => format!("numbers have no type here\nhelp: write `{sign}{}`", int.base10_digits()),
        Lit::Float(float) => {
            format!("numbers have no type here\nhelp: write `{sign}{}`", float.base10_digits())
        }
        _ if !sign.is_empty() => "only a number can follow `-`".to_owned(),
        Lit::Char(char) => {
            format!("JSON has no characters\nhelp: write a string: `{:?}`", char.value().to_string())
        }
        Lit::ByteStr(bytes) => match String::from_utf8(bytes.value()) {
            Ok(text) => format!("JSON has no bytes\nhelp: write a string: `{text:?}`"),
            Err(_) => "JSON has no bytes".to_owned(),
        },
        _ => "a filter compares with strings, numbers, `true` and `false`".to_owned(),
    }
}

fn skip(tokens: &mut Tokens<'_>) {
    *tokens = Tokens::new(&[], tokens.place_of_rest().to);
}

/// Whether what follows can only be a key and its value.
fn starts_entry(tokens: &Tokens<'_>) -> bool {
    let mut ahead = tokens.clone();
    ahead.take_if(|token| is_punct(token, '$'));
    ahead.take_if(|token| is_ident(token) || matches!(token, TokenTree::Literal(_))).is_some()
        && is_key(&ahead)
}

/// Whether a single colon follows, and not the `::` of a path.
fn is_key(tokens: &Tokens<'_>) -> bool {
    let is_colon = |token: Option<&TokenTree>| token.is_some_and(|token| is_punct(token, ':'));
    is_colon(tokens.peek()) && !is_colon(tokens.peek_second())
}

/// Whether what follows can be no item of a list.
fn is_loose(tokens: &Tokens<'_>) -> bool {
    matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if !matches!(punct.as_char(), '-' | '$'))
}
