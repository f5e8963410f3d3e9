//! The annotated function: its signature is read, its body is handed back untouched.

use crate::errors::Errors;
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, FnArg, GenericParam, PatType, ReturnType, Safety, Signature, Type, Visibility};

/// A free function without generics, as the user wrote it.
pub(crate) struct Function {
    /// All of it.
    pub(crate) item: TokenStream,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// Nothing is wrong with the signature that the compiler could stumble over.
    pub(crate) is_sound: bool,
}

impl Function {
    /// Reads the item that carries `attribute`, and reports what no attribute of ours can stand on.
    ///
    /// Gives the function also when something is wrong with it: whoever refers to it still has a name.
    pub(crate) fn read(item: &TokenStream, attribute: &str, errors: &mut Errors) -> Option<Function> {
        let mut function = match parse.parse2(item.clone()) {
            Ok(function) => function,
            Err(error) => {
                match other_item(item) {
                    Some((word, what)) => {
                        errors
                            .at(word.span(), format!("`#[{attribute}]` stands on a function, not on {what}"));
                    }
                    None => errors.push(error),
                }
                return None;
            }
        };
        function.is_sound = function.check(attribute, errors);
        Some(function)
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }

    /// The parameters without `self`.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &PatType> {
        self.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(parameter) => Some(parameter),
            FnArg::Receiver(_) => None,
        })
    }

    /// Whether it is a method: beside one there can be neither a type nor a registration.
    pub(crate) fn is_method(&self) -> bool {
        self.signature.receiver().is_some()
    }

    pub(crate) fn is_async(&self) -> bool {
        self.signature.asyncness.is_some()
    }

    /// The return type, if one is written.
    pub(crate) fn output(&self) -> Option<&Type> {
        match &self.signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(ty),
        }
    }

    /// The attributes of this name, which a type beside the function has to carry as well.
    pub(crate) fn attributes_named(&self, name: &str) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(move |attribute| attribute.path().is_ident(name))
    }

    fn check(&self, attribute: &str, errors: &mut Errors) -> bool {
        let before = errors.count();
        let Signature { constness, safety, abi, generics, inputs, variadic, .. } = &self.signature;
        if let Some(word) = constness {
            errors.on(word, format!("`#[{attribute}]` cannot stand on a `const fn`"));
        }
        if let Safety::Unsafe(word) = safety {
            errors
                .on(word, format!("`#[{attribute}]` cannot stand on an `unsafe fn`: the caller is not you"));
        }
        if let Some(abi) = abi {
            errors.on(abi, format!("`#[{attribute}]` cannot stand on an `extern fn`"));
        }
        if let Some(FnArg::Receiver(receiver)) = inputs.first() {
            let cure = "move the function out of the `impl` block";
            errors.on(
                receiver,
                format!("`#[{attribute}]` stands on a free function, without `self`\nhelp: {cure}"),
            );
        }
        if let Some(variadic) = variadic {
            errors.on(variadic, "expected a parameter with a name and a type");
        }
        if let Some(parameter) = generics.params.first() {
            let what = match parameter {
                GenericParam::Lifetime(_) => {
                    "has no use for a lifetime of its own\nhelp: write `'_`, or leave it out"
                }
                _ => "cannot be generic: nothing would say for which types it is registered",
            };
            errors.on(&generics.params, format!("`{}` {what}", self.name()));
        } else if let Some(clause) = &generics.where_clause {
            errors.on(clause, format!("`{}` has no generics that a `where` could bound", self.name()));
        }
        for parameter in self.parameters() {
            if let Type::ImplTrait(ty) = &*parameter.ty {
                let why =
                    "an `impl` parameter makes the function generic: nothing would say which type to pass";
                errors.on(ty, format!("{why}\nhelp: write the type"));
            }
            if let Some(cfg) = parameter.attrs.iter().find(|attribute| attribute.path().is_ident("cfg")) {
                errors.on(
                    cfg,
                    "a parameter cannot come and go\nhelp: put the `cfg` on the function, and write two",
                );
            }
        }
        errors.count() == before
    }
}

fn parse(input: ParseStream<'_>) -> syn::Result<Function> {
    let item = input.fork().parse()?;
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    let signature = Signature::parse(input)?;
    if !input.peek(syn::token::Brace) {
        return Err(input.error("expected the body of the function"));
    }
    input.parse::<TokenStream>()?;
    Ok(Function { item, attributes, visibility, signature, is_sound: true })
}

/// What kind of item it is, if it is no function.
fn other_item(item: &TokenStream) -> Option<(Ident, &'static str)> {
    let words = item.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word),
        _ => None,
    });
    for word in words {
        let what = match word.to_string().as_str() {
            "struct" => "a struct",
            "enum" => "an enum",
            "union" => "a union",
            "trait" => "a trait",
            "impl" => "an `impl` block",
            "mod" => "a module",
            "type" => "a type alias",
            "use" => "an import",
            "static" => "a static",
            "let" => "a statement",
            "fn" => return None,
            _ => continue,
        };
        return Some((word, what));
    }
    None
}
