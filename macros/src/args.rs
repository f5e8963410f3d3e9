//! The options between the parentheses of an attribute: `name = value`, `name(..)`.

use crate::errors::{Errors, Place};
use crate::tokens::{self, Tokens, as_group, is_ident, is_punct};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::{Lit, Path};
use triggerfish_filter::nearest;

/// An option that an attribute has, and an example of it, which every message shows. The example of one
/// that takes nothing is its name.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) example: &'static str,
}

/// A table of the options that there are: `known! { "id" => r#"id = "cal.com""# }`.
macro_rules! known {
    ($($name:literal => $example:literal),+ $(,)?) => {
        &[$($crate::args::Known { name: $name, example: $example }),+]
    };
}
pub(crate) use known;

/// Options that may be given several times.
const REPEATED: &[&str] = &["concurrency", "rate", "cancel_on", "example"];

/// The options that were given, each at most once but for [`REPEATED`].
pub(crate) struct Args {
    known: &'static [Known],
    given: Vec<Arg>,
    /// Known options that were given, but not so that they could be read: they are not missing.
    unreadable: Vec<&'static str>,
    /// Something stands where an option belongs: probably the value of one that is missing.
    nameless: bool,
}

struct Arg {
    known: &'static Known,
    place: Place,
    form: Form,
}

enum Form {
    /// The name alone.
    Bare,
    Value(Vec<TokenTree>),
    List(Group),
}

impl Args {
    /// Reads the list and reports every unknown, repeated and unreadable option.
    pub(crate) fn read(list: TokenStream, known: &'static [Known], errors: &mut Errors) -> Self {
        let all = tokens::flatten(list);
        let mut args = Args { known, given: Vec::new(), unreadable: Vec::new(), nameless: false };
        for mut part in Tokens::new(&all, tokens::end_of(&all)).between_outer_commas() {
            if part.is_empty() {
                errors.at(part.place(), "two commas in a row: an option is missing between them");
            }
            while !part.is_empty() {
                args.read_one(&mut part, errors);
            }
        }
        args
    }

    fn read_one(&mut self, part: &mut Tokens<'_>, errors: &mut Errors) {
        let Some(name) = part.take_ident() else {
            errors.at(part.place(), format!("expected an option; {}", self.all()));
            self.nameless = true;
            *part = Tokens::new(&[], part.place());
            return;
        };
        let form = read_form(part, name, self.known, errors);
        let text = name.unraw().to_string();
        let names: Vec<_> = self.known.iter().map(|known| known.name).collect();
        let Some(known) = self.known.iter().find(|known| known.name == text) else {
            let near = nearest(&text, &names);
            let hint = near.map_or_else(|| self.all(), |near| format!("did you mean `{near}`?"));
            errors.at(name.span(), format!("unknown option `{text}`; {hint}"));
            self.unreadable.extend(near);
            return;
        };
        let given_before =
            !REPEATED.contains(&known.name) && self.given.iter().any(|arg| arg.known.name == text);
        match form {
            _ if given_before => errors.at(name.span(), format!("`{text}` is given twice")),
            Some(form) => self.given.push(Arg { known, place: name.span().into(), form }),
            None => self.unreadable.push(known.name),
        }
    }

    fn all(&self) -> String {
        let names: Vec<_> = self.known.iter().map(|known| format!("`{}`", known.name)).collect();
        format!("the options are {}", names.join(", "))
    }

    /// Whether the option was given, however wrong.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.unreadable.contains(&name) || self.given.iter().any(|arg| arg.known.name == name)
    }

    /// Where the option was given.
    pub(crate) fn place(&self, name: &str) -> Option<Place> {
        self.given.iter().find(|arg| arg.known.name == name).map(|arg| arg.place)
    }

    /// The value of `name = value`.
    pub(crate) fn value(&mut self, name: &str, errors: &mut Errors) -> Option<Value> {
        let Arg { known, place, form } = self.take(name)?;
        match form {
            Form::Value(tokens) => Some(Value { known, tokens }),
            Form::Bare | Form::List(_) => {
                errors.at(place, format!("`{name}` takes a value; for example `{}`", known.example));
                None
            }
        }
    }

    /// What stands in the parentheses of `name(..)`.
    pub(crate) fn list(&mut self, name: &str, errors: &mut Errors) -> Option<Group> {
        let Arg { known, place, form } = self.take(name)?;
        match form {
            Form::List(group) => Some(group),
            Form::Bare | Form::Value(_) => {
                errors.at(
                    place,
                    format!("`{name}` is followed by parentheses; for example `{}`", known.example),
                );
                None
            }
        }
    }

    /// The same for an option that may be given several times.
    pub(crate) fn lists(&mut self, name: &str, errors: &mut Errors) -> Vec<Group> {
        let mut all = Vec::new();
        while self.given.iter().any(|arg| arg.known.name == name) {
            all.extend(self.list(name, errors));
        }
        all
    }

    /// Where the option stands that takes nothing.
    pub(crate) fn bare(&mut self, name: &str, errors: &mut Errors) -> Option<Place> {
        let Arg { place, form, .. } = self.take(name)?;
        if !matches!(form, Form::Bare) {
            errors.at(place, format!("`{name}` stands alone, without a value"));
            return None;
        }
        Some(place)
    }

    /// Where the option stands, which is then as if it had not been given.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Place> {
        let at = self.given.iter().position(|arg| arg.known.name == name)?;
        Some(self.given.remove(at).place)
    }

    /// Reports the option as missing, unless it was given.
    pub(crate) fn require(&mut self, name: &str, place: Place, errors: &mut Errors) {
        let example = self.known.iter().find(|known| known.name == name).map_or("", |known| known.example);
        if !self.has(name) && !std::mem::take(&mut self.nameless) {
            errors.at(place, format!("missing option `{name}`; for example `{example}`"));
        }
    }

    fn take(&mut self, name: &str) -> Option<Arg> {
        let at = self.given.iter().position(|arg| arg.known.name == name)?;
        let arg = self.given.remove(at);
        self.unreadable.push(arg.known.name);
        Some(arg)
    }
}

/// Reads what follows the name of an option, up to the next option if the comma before it was forgotten.
fn read_form(
    part: &mut Tokens<'_>,
    name: &Ident,
    known: &'static [Known],
    errors: &mut Errors,
) -> Option<Form> {
    let example =
        || known.iter().find(|known| *name == known.name).map_or("name = value", |known| known.example);
    if let Some(group) = part.peek().and_then(|token| as_group(token, Delimiter::Parenthesis)) {
        part.take();
        end_here(part, errors);
        return Some(Form::List(group.clone()));
    }
    // Where some options take nothing, one that is not known may be meant so.
    if part.is_empty() && known.iter().any(|known| known.example == known.name) {
        match known.iter().find(|known| *name == known.name) {
            Some(known) if known.example == known.name => return Some(Form::Bare),
            None => return None,
            Some(_) => {}
        }
    }
    if part.take_if(|token| is_punct(token, '=')).is_none() {
        let place = if part.is_empty() { name.span().into() } else { part.place() };
        errors.at(place, format!("expected `=` after `{name}`; for example `{}`", example()));
        *part = Tokens::new(&[], place);
        return None;
    }
    let mut value = Vec::new();
    while !part.is_empty() && (value.is_empty() || !starts_option(part)) {
        value.extend(part.take().cloned());
    }
    end_here(part, errors);
    if value.is_empty() {
        errors.at(part.place(), format!("expected a value for `{name}`; for example `{}`", example()));
        return None;
    }
    Some(Form::Value(value))
}

/// Reports a forgotten comma, where something follows that is an option of its own.
fn end_here(part: &mut Tokens<'_>, errors: &mut Errors) {
    if let Some(next) = part.peek() {
        errors.at(next.span(), format!("expected `,` before `{next}`"));
        if !starts_option(part) {
            *part = Tokens::new(&[], next.span());
        }
    }
}

fn starts_option(part: &Tokens<'_>) -> bool {
    match part.rest() {
        // `==` compares.
        [name, equals, rest @ ..] => {
            is_ident(name) && is_punct(equals, '=') && !rest.first().is_some_and(|next| is_punct(next, '='))
        }
        _ => false,
    }
}

/// What an option was set to.
pub(crate) struct Value {
    known: &'static Known,
    tokens: Vec<TokenTree>,
}

impl Value {
    pub(crate) fn tokens(&self) -> &[TokenTree] {
        &self.tokens
    }

    pub(crate) fn place(&self) -> Place {
        Tokens::new(&self.tokens, Place::attribute()).place_of_rest()
    }

    /// Reports that this is not what the option takes.
    pub(crate) fn refuse<T>(&self, wants: &str, errors: &mut Errors) -> Option<T> {
        let Known { name, example } = self.known;
        let found = tokens::written(self.tokens.iter().cloned());
        errors.at(self.place(), format!("`{name}` takes {wants}, not `{found}`; for example `{example}`"));
        None
    }

    fn literal(&self) -> Option<Lit> {
        match self.tokens.as_slice() {
            [TokenTree::Literal(literal)] => Some(tokens::literal(literal)),
            _ => None,
        }
    }

    /// A string literal.
    pub(crate) fn text(&self, errors: &mut Errors) -> Option<String> {
        match self.literal() {
            Some(Lit::Str(text)) if text.suffix().is_empty() => Some(text.value()),
            _ => self.refuse("a string literal", errors),
        }
    }

    /// A string literal with its place, for what the compiler reads further.
    pub(crate) fn text_literal(&self, errors: &mut Errors) -> Option<syn::LitStr> {
        match self.literal() {
            Some(Lit::Str(text)) if text.suffix().is_empty() => Some(text),
            _ => self.refuse("a string literal", errors),
        }
    }

    /// A string literal that passes a check.
    pub(crate) fn checked_text(
        &self,
        check: impl FnOnce(&str) -> Result<(), String>,
        errors: &mut Errors,
    ) -> Option<String> {
        self.text_as(|text| check(text).map(|()| text.to_owned()), errors)
    }

    /// A string literal that is read further.
    pub(crate) fn text_as<T>(
        &self,
        read: impl FnOnce(&str) -> Result<T, String>,
        errors: &mut Errors,
    ) -> Option<T> {
        let text = self.text(errors)?;
        read(&text).map_err(|advice| errors.at(self.place(), advice)).ok()
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, errors: &mut Errors) -> Option<bool> {
        match self.tokens.as_slice() {
            [TokenTree::Ident(word)] if word == "true" => Some(true),
            [TokenTree::Ident(word)] if word == "false" => Some(false),
            _ => self.refuse("`true` or `false`", errors),
        }
    }

    /// A whole number, if it is one.
    pub(crate) fn int(&self) -> Option<u64> {
        match self.literal()? {
            Lit::Int(int) if int.suffix().is_empty() => int.base10_parse().ok(),
            _ => None,
        }
    }

    /// A number, if it is one.
    pub(crate) fn number(&self) -> Option<f64> {
        match self.literal()? {
            Lit::Int(int) if int.suffix().is_empty() => int.base10_parse().ok(),
            Lit::Float(float) if float.suffix().is_empty() => float.base10_parse().ok(),
            _ => None,
        }
    }

    /// Whether it is a string, which needs another advice where something else is wanted.
    pub(crate) fn as_text(&self) -> Option<String> {
        match self.literal()? {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        }
    }

    /// A path without arguments, if it is one.
    pub(crate) fn path(&self) -> Option<Path> {
        syn::parse::Parser::parse2(Path::parse_mod_style, self.stream()).ok()
    }

    /// A type, if it is one.
    pub(crate) fn ty(&self) -> Option<syn::Type> {
        syn::parse2(self.stream()).ok()
    }

    fn stream(&self) -> TokenStream {
        self.tokens.iter().cloned().collect()
    }
}
