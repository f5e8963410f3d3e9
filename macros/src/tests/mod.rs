//! Tests of whole attributes, on tokens, without a compiler.

mod endpoints;
mod expansions;
mod filters;
mod jobs;
mod mutations;

use crate::errors::Broken;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// `#[job(..)] async fn a() {}`: the name of the attribute, what stands in its parentheses, and the item.
fn split(source: &str) -> (String, TokenStream, TokenStream) {
    let mut tokens = source.parse::<TokenStream>().expect("the source is made of tokens").into_iter();
    let Some(TokenTree::Punct(_)) = tokens.next() else { panic!("`#` is missing") };
    let Some(TokenTree::Group(attribute)) = tokens.next() else { panic!("`[ ]` is missing") };
    let mut attribute = attribute.stream().into_iter();
    let name = attribute.next().map(|name| name.to_string()).unwrap_or_default();
    let args = match attribute.next() {
        Some(TokenTree::Group(args)) if args.delimiter() == Delimiter::Parenthesis => args.stream(),
        _ => TokenStream::new(),
    };
    (name, args, tokens.collect())
}

/// Runs the attribute.
fn expand(source: &str) -> Result<TokenStream, Broken> {
    let (name, args, item) = split(source);
    match name.as_str() {
        "job" => crate::job::Job::read(args, item).map(|job| crate::emit::job(&job)),
        "http_endpoint" => crate::endpoint::Endpoint::read(args, item).map(|e| crate::emit::endpoint(&e)),
        other => panic!("no attribute `{other}`"),
    }
}

/// Every mistake in the order reported: the text that is underlined, and the message.
fn mistakes(source: &str) -> Vec<(String, String)> {
    let Err(broken) = expand(source) else { return Vec::new() };
    let shown = |error: syn::Error| {
        let range = error.span().byte_range();
        (source.get(range).unwrap_or("(elsewhere)").to_owned(), error.to_string())
    };
    broken.errors.into_iter().map(shown).collect()
}

/// Asserts that the source has exactly these mistakes.
#[track_caller]
fn assert_mistakes(source: &str, expected: &[(&str, &str)]) {
    let found = mistakes(source);
    let found: Vec<_> = found.iter().map(|(place, message)| (place.as_str(), message.as_str())).collect();
    assert_eq!(found, expected, "\n{source}");
}
