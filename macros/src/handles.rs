//! `handles_all!(PluginEvent: on_test, on_transcript)`: the compiler's own check that a `match` leaves nothing out.

use crate::errors::{Errors, Place};
use crate::tokens::{self, Tokens, is_punct};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::Path;
use syn::parse::Parser;

const SHAPE: &str = "help: write `handles_all!(PluginEvent: on_test, on_transcript)`";

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream, syn::Error> {
    let mut errors = Errors::default();
    let all = tokens::flatten(input);
    let expanded = read(&all, &mut errors).map(|(enumeration, jobs)| {
        // What no job handles is told at the enum.
        let event = Ident::new("__event", Span::call_site().located_at(Place::of(&enumeration).to));
        quote! {
            #[allow(unreachable_patterns)]
            const _: fn(&#enumeration) = |#event| match #event {
                #(#jobs!(#enumeration) => {})*
            };
        }
    });
    errors.finish(expanded)
}

fn read(all: &[TokenTree], errors: &mut Errors) -> Option<(Path, Vec<Path>)> {
    let is_colon = |n: usize| all.get(n).is_some_and(|token| is_punct(token, ':'));
    let colon = (0..all.len()).find(|n| is_colon(*n) && !is_colon(n + 1) && (*n == 0 || !is_colon(n - 1)));
    let Some((enumeration, jobs)) = colon.and_then(|n| Some((all.get(..n)?, all.get(n + 1..)?))) else {
        errors.at(Place::attribute(), format!("the enum and the jobs that handle it are missing\n{SHAPE}"));
        return None;
    };
    let mut path = |tokens: Tokens<'_>, what: &str| {
        let stream: TokenStream = tokens.rest().iter().cloned().collect();
        let path = Path::parse_mod_style.parse2(stream).ok();
        if path.is_none() {
            errors.at(tokens.place_of_rest(), format!("expected the name of {what}\n{SHAPE}"));
        }
        path
    };
    let end = tokens::end_of(all);
    let enumeration = path(Tokens::new(enumeration, end), "an enum");
    let jobs: Vec<_> = Tokens::new(jobs, end)
        .between_commas()
        .into_iter()
        .map(|job| path(job, "a job's function"))
        .collect();
    Some((enumeration?, jobs.into_iter().collect::<Option<_>>()?))
}
