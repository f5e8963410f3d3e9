//! Tests of whole attributes, on tokens, without a compiler.

mod expansions;
mod messages;
mod mutations;

use crate::errors::Broken;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::path::{Path, PathBuf};

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
        "event" => crate::event::Event::read(args, item).map(|event| crate::emit::event(&event)),
        "derive" => crate::payload::derive(item),
        other => panic!("no attribute `{other}`"),
    }
}

/// Compares with what was reviewed, or writes it for the next review: `UPDATE_SNAPSHOTS=1 cargo test`.
fn assert_kept(file: &Path, found: &str) {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(file, found).expect("the snapshot is written");
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    assert_eq!(found, kept, "{} differs", file.display());
}

fn snapshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots")
}
