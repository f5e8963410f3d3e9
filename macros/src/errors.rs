//! Collects every mistake of one attribute, so that one build reports them all.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use std::fmt::Display;

/// From the first token to the last of what must change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) from: Span,
    pub(crate) to: Span,
}

impl Place {
    /// Where the whole attribute stands.
    pub(crate) fn attribute() -> Self {
        Span::call_site().into()
    }

    /// Where `tokens` stand.
    pub(crate) fn of(tokens: impl ToTokens) -> Self {
        let mut spans = tokens.into_token_stream().into_iter().map(|token| token.span());
        let Some(from) = spans.next() else { return Place::attribute() };
        Place { from, to: spans.last().unwrap_or(from) }
    }
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Place { from: span, to: span }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn at(&mut self, place: impl Into<Place>, message: impl Display) {
        let Place { from, to } = place.into();
        // Stable has no way to join two spans; an error over two tokens reaches from one to the other.
        let ends = [Ident::new("_x", from), Ident::new("_x", to)];
        let mut tokens = TokenStream::new();
        ends.into_iter().for_each(|end| end.to_tokens(&mut tokens));
        self.push(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.at(Place::of(tokens), message);
    }

    /// How many there are so far.
    pub(crate) fn count(&self) -> usize {
        self.0.as_ref().map_or(0, |all| all.into_iter().count())
    }

    /// The model, if nothing was wrong.
    pub(crate) fn finish<T>(self, model: Option<T>) -> Result<T, syn::Error> {
        match (self.0, model) {
            (None, Some(model)) => Ok(model),
            (Some(errors), _) => Err(errors),
            // A step failed and did not say why: still better than to panic inside the user's compiler.
            (None, None) => Err(syn::Error::new(Span::call_site(), "this attribute cannot be read")),
        }
    }
}

/// What is emitted in place of a broken item: the errors, the user's own item so that the editor keeps
/// working, and a stand-in for what others refer to, so that one mistake yields one message.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) errors: syn::Error,
    pub(crate) item: TokenStream,
    pub(crate) stand_in: TokenStream,
}

impl Broken {
    pub(crate) fn into_tokens(self) -> TokenStream {
        let mut out = self.item;
        // First what does not depend on what is typed: an editor completes at the same place of two expansions.
        out.extend(self.stand_in);
        out.extend(self.errors.into_compile_error());
        out
    }
}
