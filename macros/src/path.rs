//! `body.customer_id`, `headers["x-tenant"]`, `items[0].id`: where a value stands in what started a run.

use crate::checks::Readable;
use crate::errors::{Errors, Place};
use crate::tokens::{self, Tokens, as_group, is_punct};
use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};
use quote::quote;
use syn::Lit;
use syn::ext::IdentExt;
use triggerfish_filter::{Field, Item, Test, Tree, nearest};

/// A path as written.
#[derive(Clone)]
pub(crate) struct ValuePath {
    pub(crate) parts: Vec<(Part, Place)>,
    pub(crate) place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Field(String),
    Index(u32),
}

const SECTIONS: &[&str] = &["method", "headers", "query", "body"];

const SHAPE: &str = "a path is written `body.customer.id`, `headers[\"x-tenant\"]` or `items[0].id`";

impl ValuePath {
    /// Reads a path and reports what cannot be read.
    pub(crate) fn read(tokens: &[TokenTree], errors: &mut Errors) -> Option<Self> {
        let mut rest = Tokens::new(tokens, Place::attribute());
        let place = rest.place_of_rest();
        if let Some(TokenTree::Literal(literal)) = rest.peek()
            && let Lit::Str(text) = tokens::literal(literal)
        {
            let cure = format!("help: write `{}`, without quotes", text.value());
            errors.at(rest.place(), format!("a key is a path, so that it is checked\n{cure}"));
            return None;
        }
        let Some(first) = rest.take_ident() else {
            errors.at(rest.place(), format!("expected a path\nhelp: {SHAPE}"));
            return None;
        };
        let mut parts = vec![(Part::Field(first.unraw().to_string()), first.span().into())];
        while !rest.is_empty() {
            parts.push(next(&mut rest, errors)?);
        }
        Some(ValuePath { parts, place })
    }

    /// What is wrong with it if it stands in a request.
    pub(crate) fn problem_in_request(&self) -> Option<(Place, String)> {
        let [(Part::Field(section), at), rest @ ..] = self.parts.as_slice() else { return None };
        match (section.as_str(), rest) {
            ("method", []) | ("body", _) | ("headers" | "query", [(Part::Field(_), _)]) => None,
            ("method", [(_, at), ..]) => Some((*at, "the method is a text, without parts".to_owned())),
            ("headers" | "query", [(Part::Index(_), at), ..]) => {
                Some((*at, format!("`{section}` has names, not places\nhelp: write `{section}[\"name\"]`")))
            }
            ("headers" | "query", [_, (_, at), ..]) => {
                Some((*at, format!("a value of `{section}` is a text, without parts")))
            }
            ("headers" | "query", []) => {
                let cure = format!("help: write `{section}[\"name\"]`");
                Some((*at, format!("`{section}` is no value: it holds several\n{cure}")))
            }
            (other, _) => {
                let hint = nearest(other, SECTIONS).map_or_else(
                    || "it has `method`, `headers`, `query` and `body`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                Some((*at, format!("a request has no part `{other}`\nhelp: {hint}")))
            }
        }
    }

    /// As a person would write it.
    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        for (part, _) in &self.parts {
            match part {
                Part::Field(name) if syn::parse_str::<syn::Ident>(name).is_err() => {
                    text.push_str(&format!("[{name:?}]"));
                }
                Part::Field(name) if text.is_empty() => text.push_str(name),
                Part::Field(name) => {
                    text.push('.');
                    text.push_str(name);
                }
                Part::Index(index) => text.push_str(&format!("[{index}]")),
            }
        }
        text
    }

    /// The same place in both.
    pub(crate) fn is(&self, other: &ValuePath) -> bool {
        self.parts.iter().map(|(part, _)| part).eq(other.parts.iter().map(|(part, _)| part))
    }

    /// As a filter that asks only whether there is something: what is wrong with its keys is wrong with the path.
    pub(crate) fn readable(&self) -> Readable {
        let there = |at| Item { test: Test::Exists(true), at, operand: at };
        let mut fields = Vec::new();
        // From its end; a place in a list is no key, and a filter looks into lists.
        for (part, at) in self.parts.iter().rev() {
            let Part::Field(name) = part else { continue };
            let tree = if fields.is_empty() { Tree::List(vec![there(*at)]) } else { Tree::Object(fields) };
            fields = vec![Field { name: name.as_str().into(), tree, at: *at }];
        }
        Readable { fields }
    }

    /// `ValuePath`, as const data.
    pub(crate) fn emit(&self) -> TokenStream {
        let parts = self.parts.iter().map(|(part, _)| match part {
            Part::Field(name) => quote!(__rt::PathPart::Field(#name)),
            Part::Index(index) => {
                let index = Literal::u32_unsuffixed(*index);
                quote!(__rt::PathPart::Index(#index))
            }
        });
        quote!(__rt::ValuePath(&[#(#parts),*]))
    }
}

/// `.name`, `["name"]` or `[0]`.
fn next(rest: &mut Tokens<'_>, errors: &mut Errors) -> Option<(Part, Place)> {
    if let Some(group) = rest.peek().and_then(|token| as_group(token, Delimiter::Bracket)) {
        rest.take();
        return match tokens::inside(group).as_slice() {
            [TokenTree::Literal(literal)] => match tokens::literal(literal) {
                Lit::Str(name) if name.suffix().is_empty() => {
                    Some((Part::Field(name.value()), literal.span().into()))
                }
                Lit::Int(index) if index.suffix().is_empty() => match index.base10_parse() {
                    Ok(index) => Some((Part::Index(index), literal.span().into())),
                    Err(_) => {
                        errors.at(literal.span(), "no list has so many items");
                        None
                    }
                },
                _ => inside_brackets(literal.span().into(), errors),
            },
            _ => inside_brackets(group.span().into(), errors),
        };
    }
    let place = rest.place();
    if rest.take_if(|token| is_punct(token, '.')).is_some() {
        if let Some(name) = rest.take_ident() {
            return Some((Part::Field(name.unraw().to_string()), name.span().into()));
        }
        let place = if rest.is_empty() { place } else { rest.place() };
        errors.at(place, format!("a name follows `.`\nhelp: {SHAPE}"));
        return None;
    }
    if rest.peek().is_some_and(|token| is_punct(token, '-')) {
        errors.at(place, "a name with dashes is written in brackets\nhelp: write `headers[\"x-tenant\"]`");
        return None;
    }
    errors.at(rest.place_of_rest(), format!("the path ends before this\nhelp: {SHAPE}"));
    None
}

fn inside_brackets<T>(place: Place, errors: &mut Errors) -> Option<T> {
    errors.at(place, "in brackets stands the name of a field in quotes, or the place in a list");
    None
}
