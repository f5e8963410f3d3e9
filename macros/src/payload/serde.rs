//! What `#[serde(...)]` says about reading. Mistakes in it are serde's to report.

use super::case::Case;
use std::rc::Rc;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, LitStr, Token, Type};

/// The attributes of a type, a variant or a field, those that reading depends on.
#[derive(Default)]
pub(crate) struct Serde {
    pub(crate) rename: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) rename_all: Case,
    pub(crate) rename_all_fields: Case,
    pub(crate) tag: Option<String>,
    pub(crate) content: Option<String>,
    /// What it is read as first: `from`, `try_from`.
    pub(crate) from: Option<Rc<Type>>,
    /// A function of the user's reads it: `with`, `deserialize_with`.
    pub(crate) custom: bool,
    pub(crate) default: bool,
    pub(crate) skip: bool,
    pub(crate) flatten: bool,
    pub(crate) other: bool,
    pub(crate) untagged: bool,
    pub(crate) transparent: bool,
    pub(crate) deny_unknown_fields: bool,
    /// `field_identifier`, `variant_identifier`.
    pub(crate) identifier: bool,
}

impl Serde {
    pub(crate) fn read(attributes: &[Attribute]) -> Self {
        let mut serde = Serde::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            // What was read before a mistake counts; serde tells the mistake.
            let _ = attribute.parse_nested_meta(|meta| serde.read_one(&meta));
        }
        serde
    }

    fn read_one(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match name.as_str() {
            "rename" => {
                for name in names(meta)? {
                    match self.rename {
                        None => self.rename = Some(name),
                        Some(_) => self.aliases.push(name),
                    }
                }
            }
            "alias" => self.aliases.push(text(meta)?),
            "rename_all" => self.rename_all = case(meta)?,
            "rename_all_fields" => self.rename_all_fields = case(meta)?,
            "tag" => self.tag = Some(text(meta)?),
            "content" => self.content = Some(text(meta)?),
            "from" | "try_from" => self.from = Some(Rc::new(meta.value()?.parse::<LitStr>()?.parse()?)),
            "with" | "deserialize_with" => {
                skip_value(meta)?;
                self.custom = true;
            }
            "default" => {
                skip_value(meta)?;
                self.default = true;
            }
            "skip" | "skip_deserializing" => self.skip = true,
            "flatten" => self.flatten = true,
            "other" => self.other = true,
            "untagged" => self.untagged = true,
            "transparent" => self.transparent = true,
            "deny_unknown_fields" => self.deny_unknown_fields = true,
            "field_identifier" | "variant_identifier" => self.identifier = true,
            _ => skip_value(meta)?,
        }
        Ok(())
    }
}

fn text(meta: &ParseNestedMeta<'_>) -> syn::Result<String> {
    Ok(meta.value()?.parse::<LitStr>()?.value())
}

/// `rename = "a"`, or those for reading of `rename(serialize = "a", deserialize = "b")`.
fn names(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<String>> {
    if meta.input.peek(Token![=]) {
        return Ok(vec![text(meta)?]);
    }
    let mut names = Vec::new();
    meta.parse_nested_meta(|inner| {
        let name = text(&inner)?;
        if inner.path.is_ident("deserialize") {
            names.push(name);
        }
        Ok(())
    })?;
    Ok(names)
}

fn case(meta: &ParseNestedMeta<'_>) -> syn::Result<Case> {
    Ok(names(meta)?.first().map_or(Case::AsWritten, |name| Case::named(name)))
}

/// Reads over `= value` or `(..)`, if there is one.
fn skip_value(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(Token![=]) {
        meta.value()?.parse::<Expr>()?;
    } else if meta.input.peek(syn::token::Paren) {
        let inside;
        syn::parenthesized!(inside in meta.input);
        inside.parse::<proc_macro2::TokenStream>()?;
    }
    Ok(())
}
