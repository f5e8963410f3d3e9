//! The arguments of a trigger that is an event of an external source:
//! `stripe::on_price_created(account = stripe_live, connect = true)`.

use crate::emit::call;
use crate::errors::{Errors, Place};
use crate::tokens::{self, Tokens, is_punct};
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::Parser;
use syn::{Lit, Path};

/// What a job says of the webhook that it needs.
pub(crate) struct Subscription {
    /// The instance, where one is named.
    account: Option<Path>,
    params: Vec<Param>,
}

struct Param {
    name: Ident,
    value: TokenStream,
    /// It is a text, of which a parameter may make what it is.
    is_text: bool,
}

impl Subscription {
    /// Reads what stands in the parentheses. What parameters there are is for the
    /// compiler to say, which knows their type.
    pub(crate) fn read(arguments: &Group, errors: &mut Errors) -> Option<Self> {
        let before = errors.count();
        let all = tokens::inside(arguments);
        let mut subscription = Subscription { account: None, params: Vec::new() };
        let mut seen: Vec<String> = Vec::new();
        for mut part in Tokens::new(&all, arguments.span_close()).between_outer_commas() {
            let place = part.place();
            let Some(name) = part.take_ident() else {
                errors.at(place, "expected a parameter; for example `account = stripe_live`");
                continue;
            };
            if part.take_if(|token| is_punct(token, '=')).is_none() || part.is_empty() {
                errors.at(name.span(), format!("expected `= value` after `{name}`"));
                continue;
            }
            if seen.contains(&name.to_string()) {
                errors.at(name.span(), format!("`{name}` is given twice"));
                continue;
            }
            seen.push(name.to_string());
            if name == "account" {
                subscription.account = account(&part, errors);
            } else {
                subscription.params.push(Param::of(name, part.rest()));
            }
        }
        (errors.count() == before).then_some(subscription)
    }

    /// The trigger, and the items that it needs beside it.
    pub(crate) fn emit(&self, event: &Path) -> (TokenStream, TokenStream) {
        // Where the event is no source's, the compiler says so at its name, and once.
        let here = Span::call_site().located_at(Place::of(event).from);
        let source = quote_spanned!(here=> <#event as __rt::SourceEventOf>::Source);
        let account = match &self.account {
            None => quote!(::core::option::Option::None),
            Some(account) => {
                // And where it is of another source, so at that name.
                let here = Span::call_site().located_at(Place::of(account).from);
                let spec = quote_spanned!(here=> <#account as __rt::InstanceOf<#source>>::SPEC);
                quote!(::core::option::Option::Some(#spec))
            }
        };
        let params = self.params.iter().map(|Param { name, value, is_text }| {
            let value = match is_text {
                true => call(quote!(__rt::FromText::text), value.clone(), Place::of(value)),
                false => value.clone(),
            };
            quote!(__params.#name = #value;)
        });
        let items = quote! {
            #[allow(unused_mut, clippy::field_reassign_with_default)]
            fn __params() -> ::core::result::Result<__rt::Value, ::std::string::String> {
                let mut __params: <#source as __rt::ExternalSource>::Params = ::core::default::Default::default();
                #(#params)*
                __rt::source_params(&__params)
            }
        };
        let trigger = quote! {
            __rt::TriggerSpec::Source(&__rt::Subscription {
                event: &<#event as __rt::EventType>::SPEC,
                source: &<#source as __rt::Source>::SOURCE,
                account: #account,
                params: __params,
            })
        };
        (trigger, items)
    }
}

impl Param {
    fn of(name: &Ident, value: &[TokenTree]) -> Self {
        let is_text = match value {
            [TokenTree::Literal(literal)] => matches!(tokens::literal(literal), Lit::Str(_)),
            _ => false,
        };
        Param { name: name.clone(), value: value.iter().cloned().collect(), is_text }
    }
}

fn account(part: &Tokens<'_>, errors: &mut Errors) -> Option<Path> {
    let written: TokenStream = part.rest().iter().cloned().collect();
    let path = Path::parse_mod_style.parse2(written);
    if path.is_err() {
        let found = tokens::written(part.rest().iter().cloned());
        let wants = "the name of a function that carries `#[source]`";
        errors.at(part.place_of_rest(), format!("`account` takes {wants}, not `{found}`"));
    }
    path.ok()
}
