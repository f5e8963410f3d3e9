//! What `#[external_source(...)]` and `#[source]` say, once every mistake has been ruled out.

use crate::args::{Args, Known, Value, known};
use crate::errors::{Broken, Errors, Place};
use crate::signature::Function;
use crate::tokens::{self, Tokens, as_group};
use crate::{literals, names};
use proc_macro2::{Delimiter, Ident, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Path, Token, Type};

/// `#[external_source(...)] impl ExternalSource for Stripe { .. }`.
pub(crate) struct ExternalSource {
    pub(crate) item: TokenStream,
    pub(crate) runtime: TokenStream,
    pub(crate) ty: Type,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) events: Vec<Path>,
}

/// `#[source] fn stripe_live() -> Stripe { .. }`.
pub(crate) struct Instance {
    pub(crate) function: Function,
    pub(crate) runtime: TokenStream,
    pub(crate) twin: Ident,
    pub(crate) output: Type,
}

const OPTIONS: &[Known] = known! {
    "id" => r#"id = "stripe.webhook""#,
    "version" => r#"version = "0.1.0""#,
    "events" => "events = [on_price_created]",
    "crate" => "crate = ::triggerfish",
};

const INSTANCE: &[Known] = known! {
    "type" => "type = StripeLive",
    "crate" => "crate = ::triggerfish",
};

impl ExternalSource {
    pub(crate) fn read(args: TokenStream, item: TokenStream) -> Result<Self, Broken> {
        let mut errors = Errors::default();
        let head = match Head::parse.parse2(item.clone()) {
            Ok(head) => Some(head),
            Err(error) => {
                errors.push(error);
                None
            }
        };
        let mut args = Args::read(args, OPTIONS, &mut errors);
        for name in ["id", "version", "events"] {
            args.require(name, Place::attribute(), &mut errors);
        }
        let runtime = names::runtime(&mut args, &mut errors);
        let id =
            args.value("id", &mut errors).and_then(|value| value.checked_text(literals::id, &mut errors));
        let version = args
            .value("version", &mut errors)
            .and_then(|value| value.checked_text(literals::version, &mut errors));
        let events = args.value("events", &mut errors).and_then(|value| events(&value, &mut errors));
        let read = || {
            let Head { cfgs, ty } = head?;
            Some((runtime?, ty, cfgs, id?, version?, events?))
        };
        let read = errors.finish(read());
        match read {
            Ok((runtime, ty, cfgs, id, version, events)) => {
                Ok(ExternalSource { item, runtime, ty, cfgs, id, version, events })
            }
            Err(errors) => Err(Broken { errors, item, stand_in: TokenStream::new() }),
        }
    }
}

impl Instance {
    pub(crate) fn read(args: TokenStream, item: TokenStream) -> Result<Self, Broken> {
        let mut errors = Errors::default();
        let function = Function::read(&item, "source", &mut errors);
        let mut args = Args::read(args, INSTANCE, &mut errors);
        let runtime = names::runtime(&mut args, &mut errors);
        let twin = names::twin(&mut args, function.as_ref(), &mut errors);
        let output = function.as_ref().and_then(|function| output(function, &mut errors));
        let read = || Some(Instance { function: function?, runtime: runtime?, twin: twin?, output: output? });
        let read = errors.finish(read());
        read.map_err(|errors| Broken { errors, item, stand_in: TokenStream::new() })
    }
}

/// The type that the function returns; it is called once, at start-up.
fn output(function: &Function, errors: &mut Errors) -> Option<Type> {
    let name = function.name();
    if let Some(parameter) = function.parameters().next() {
        errors.on(parameter, format!("`{name}` is called at start-up, with nothing"));
    }
    if let Some(word) = &function.signature.asyncness {
        errors.on(word, format!("`{name}` is called once, at start-up, and cannot wait"));
    }
    match function.output() {
        Some(output) => Some(output.clone()),
        None => {
            errors.at(
                name.span(),
                format!("`{name}` makes nothing: it returns nothing\nhelp: write `-> Stripe`, or the source that it is"),
            );
            None
        }
    }
}

fn events(value: &Value, errors: &mut Errors) -> Option<Vec<Path>> {
    let list = match value.tokens() {
        [list] => as_group(list, Delimiter::Bracket),
        _ => None,
    };
    let Some(list) = list else { return value.refuse("a list of functions that carry `#[event]`", errors) };
    let all = tokens::inside(list);
    let before = errors.count();
    let mut events: Vec<Path> = Vec::new();
    if all.is_empty() {
        errors.at(list.span(), "a source without events brings nothing: name at least one");
    }
    for part in Tokens::new(&all, list.span_close()).between_commas() {
        let written: TokenStream = part.rest().iter().cloned().collect();
        match Path::parse_mod_style.parse2(written) {
            Ok(event) if events.iter().any(|known| text(known) == text(&event)) => {
                let name = tokens::written(part.rest().iter().cloned());
                errors.at(part.place_of_rest(), format!("`{name}` is named twice"));
            }
            Ok(event) => events.push(event),
            Err(_) => {
                let found = tokens::written(part.rest().iter().cloned());
                errors.at(part.place_of_rest(), format!("an event is named by its path, not `{found}`"));
            }
        }
    }
    (errors.count() == before).then_some(events)
}

fn text(path: &Path) -> String {
    path.to_token_stream().to_string()
}

/// What stands before the braces of the `impl`.
struct Head {
    cfgs: Vec<Attribute>,
    ty: Type,
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        if !input.peek(Token![impl]) {
            return Err(input.error("`#[external_source]` stands on an `impl ExternalSource for ..` block"));
        }
        input.parse::<Token![impl]>()?;
        if input.peek(Token![<]) {
            return Err(input.error(
                "an external source cannot be generic: nothing would say for which types it is registered",
            ));
        }
        let of: Path = input.call(Path::parse_mod_style)?;
        if !input.peek(Token![for]) {
            return Err(syn::Error::new_spanned(
                of,
                "`#[external_source]` stands on an `impl ExternalSource for ..` block",
            ));
        }
        input.parse::<Token![for]>()?;
        let ty = input.parse()?;
        input.parse::<TokenStream>()?;
        let cfgs = attributes.into_iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
        Ok(Head { cfgs, ty })
    }
}
