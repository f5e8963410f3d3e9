//! The names that an expansion uses: the runtime's, and that of the type beside the function.

use crate::args::Args;
use crate::errors::Errors;
use crate::signature::Function;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// The path of the runtime: what `crate = path` says, for programs that know it under another name.
pub(crate) fn runtime(args: &mut Args, errors: &mut Errors) -> Option<TokenStream> {
    if !args.has("crate") {
        return Some(quote!(::triggerfish));
    }
    let value = args.value("crate", errors)?;
    match (value.path(), value.as_text()) {
        (Some(path), _) => Some(path.into_token_stream()),
        (None, Some(text)) => {
            errors.at(
                value.place(),
                format!("`crate` is a path, without quotes\nhelp: write `crate = {text}`"),
            );
            None
        }
        (None, None) => value.refuse("the path of the runtime", errors),
    }
}

/// The name of the type: the function's, unless `type = Name` says another.
pub(crate) fn twin(args: &mut Args, function: Option<&Function>, errors: &mut Errors) -> Option<Ident> {
    if !args.has("type") {
        return function.map(|function| function.name().clone());
    }
    let value = args.value("type", errors)?;
    match (value.tokens(), value.as_text()) {
        ([TokenTree::Ident(name)], _) => Some(name.clone()),
        (_, Some(text)) => {
            errors
                .at(value.place(), format!("`type` is a name, without quotes\nhelp: write `type = {text}`"));
            None
        }
        _ => value.refuse("the name that the type gets", errors),
    }
}
