//! Walking over tokens in a way that goes on after a mistake.

use crate::errors::Place;
use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use syn::Lit;

/// The tokens between two commas, or within a pair of delimiters.
#[derive(Clone, Debug)]
pub(crate) struct Tokens<'t> {
    rest: &'t [TokenTree],
    /// Where something is missing if nothing is left.
    end: Place,
}

impl<'t> Tokens<'t> {
    pub(crate) fn new(all: &'t [TokenTree], end: impl Into<Place>) -> Self {
        Tokens { rest: all, end: end.into() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn rest(&self) -> &'t [TokenTree] {
        self.rest
    }

    pub(crate) fn peek(&self) -> Option<&'t TokenTree> {
        self.rest.first()
    }

    pub(crate) fn peek_second(&self) -> Option<&'t TokenTree> {
        self.rest.get(1)
    }

    /// The next token.
    pub(crate) fn take(&mut self) -> Option<&'t TokenTree> {
        let (first, rest) = self.rest.split_first()?;
        (self.rest, self.end) = (rest, first.span().into());
        Some(first)
    }

    pub(crate) fn take_if(&mut self, wanted: impl Fn(&TokenTree) -> bool) -> Option<&'t TokenTree> {
        self.peek().filter(|token| wanted(token)).and_then(|_| self.take())
    }

    pub(crate) fn take_ident(&mut self) -> Option<&'t Ident> {
        match self.peek()? {
            TokenTree::Ident(ident) => self.take().map(|_| ident),
            _ => None,
        }
    }

    /// The next token, or where one is missing.
    pub(crate) fn place(&self) -> Place {
        self.peek().map_or(self.end, |token| token.span().into())
    }

    /// All that is left.
    pub(crate) fn place_of_rest(&self) -> Place {
        match (self.rest.first(), self.rest.last()) {
            (Some(first), Some(last)) => Place { from: first.span(), to: last.span() },
            _ => self.end,
        }
    }

    /// What stands between the commas. A comma at the end is no mistake, two in a row are: an empty part.
    pub(crate) fn between_commas(&self) -> Vec<Tokens<'t>> {
        self.between(|rest| rest.iter().position(|token| is_punct(token, ',')))
    }

    /// The same, but not at the commas of generics and of a closure's parameters.
    pub(crate) fn between_outer_commas(&self) -> Vec<Tokens<'t>> {
        self.between(|rest| {
            let (mut angles, mut in_closure, mut arrow) = (0_u32, false, false);
            rest.iter().position(|token| {
                let TokenTree::Punct(punct) = token else { return false };
                match punct.as_char() {
                    '<' => angles += 1,
                    '>' if !arrow => angles = angles.saturating_sub(1),
                    '|' => in_closure = !in_closure,
                    _ => {}
                }
                arrow = matches!(punct.as_char(), '-' | '=');
                punct.as_char() == ',' && angles == 0 && !in_closure
            })
        })
    }

    fn between(&self, comma: impl Fn(&[TokenTree]) -> Option<usize>) -> Vec<Tokens<'t>> {
        let mut parts = Vec::new();
        let mut rest = self.rest;
        let mut end = self.end;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(comma(rest).unwrap_or(rest.len()));
            let at_comma = after.first().map_or(end, |comma| comma.span().into());
            parts.push(Tokens { rest: part, end: part.last().map_or(at_comma, |last| last.span().into()) });
            end = at_comma;
            rest = after.get(1..).unwrap_or_default();
        }
        parts
    }
}

pub(crate) fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

pub(crate) fn is_ident(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(_))
}

pub(crate) fn as_group(token: &TokenTree, delimiter: Delimiter) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// The tokens without invisible delimiters, which stand around what a `macro_rules!` macro passes on.
pub(crate) fn flatten(tokens: TokenStream) -> Vec<TokenTree> {
    let mut out = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                out.extend(flatten(group.stream()));
            }
            other => out.push(other),
        }
    }
    out
}

/// The tokens inside a group.
pub(crate) fn inside(group: &Group) -> Vec<TokenTree> {
    flatten(group.stream())
}

/// A literal's value.
pub(crate) fn literal(token: &Literal) -> Lit {
    Lit::new(token.clone())
}

/// Tokens as a person would write them, for messages.
pub(crate) fn written(tokens: impl IntoIterator<Item = TokenTree>) -> String {
    const LONGEST: usize = 60;
    const TIGHT: &[(&str, &str)] = &[
        (" :: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" . ", "."),
        (" ! ", "!"),
        ("& ", "&"),
        (" ,", ","),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
    ];
    let text = tokens.into_iter().collect::<TokenStream>().to_string();
    let text = TIGHT.iter().fold(text, |text, (loose, tight)| text.replace(loose, tight));
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}..", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The end of the attribute, for what is missing in it.
pub(crate) fn end_of(tokens: &[TokenTree]) -> Span {
    tokens.last().map_or_else(Span::call_site, TokenTree::span)
}
