//! The arguments of a trigger that is an event of an external source:
//! `stripe::on_price_created(account = stripe_live, connect = true)`.

use crate::errors::Errors;
use crate::tokens::{self, Tokens, is_punct};
use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::quote;
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
        let source = quote!(<#event as __rt::SourceEventOf>::Source);
        let account = match &self.account {
            None => quote!(::core::option::Option::None),
            Some(account) => {
                quote!(::core::option::Option::Some(&<#account as __rt::SourceInstance>::INSTANCE))
            }
        };
        let same = self
            .account
            .as_ref()
            .map(|account| quote!(const _: fn() = __rt::same_source::<#account, #event>;));
        let params = self.params.iter().map(|Param { name, value, is_text }| match is_text {
            true => quote!(#name: __rt::FromText::text(#value)),
            false => quote!(#name: #value),
        });
        let rest = quote!(..::core::default::Default::default());
        let items = quote! {
            #same
            type __Params = <#source as __rt::ExternalSource>::Params;
            #[allow(clippy::needless_update)]
            fn __params() -> ::core::result::Result<__rt::Value, ::std::string::String> {
                let __params: __Params = __Params { #(#params,)* #rest };
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
