//! Bounds: `T: Payload` for the parameters whose JSON is part of the type's.

use quote::{ToTokens, quote};
use std::collections::BTreeSet;
use syn::{GenericArgument, Generics, Ident, Path, PathArguments, Type, parse_quote};

/// The generics of the `impl`, with the bounds that reading these types needs.
pub(crate) fn bounded<'t>(generics: &Generics, types: impl Iterator<Item = &'t Type>) -> Generics {
    let mut search = Search {
        parameters: generics.type_params().map(|parameter| &parameter.ident).collect(),
        found: BTreeSet::new(),
    };
    let mut bounds = Vec::new();
    for ty in types {
        search.visit(ty, &mut |ty| bounds.push(quote!(#ty)));
    }
    let mut generics = generics.clone();
    for ty in bounds {
        generics.make_where_clause().predicates.push(parse_quote!(#ty: __rt::Payload));
    }
    generics
}

struct Search<'g> {
    parameters: Vec<&'g Ident>,
    /// What has been found, to bound each but once.
    found: BTreeSet<String>,
}

impl Search<'_> {
    /// Calls back for each parameter, and each type that belongs to one: `T`, `T::Item`.
    fn visit(&mut self, ty: &Type, found: &mut impl FnMut(&Type)) {
        match ty {
            Type::Array(array) => self.visit(&array.elem, found),
            Type::Group(group) => self.visit(&group.elem, found),
            Type::Paren(paren) => self.visit(&paren.elem, found),
            Type::Reference(reference) => self.visit(&reference.elem, found),
            Type::Slice(slice) => self.visit(&slice.elem, found),
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|item| self.visit(item, found)),
            Type::Path(path) => {
                let qself = path.qself.as_ref().map(|qself| &*qself.ty);
                let is_parameters = match qself {
                    Some(qself) => self.mentions(qself),
                    None => self.is_parameter(&path.path),
                };
                if !is_parameters {
                    self.visit_arguments(&path.path, found);
                } else if self.found.insert(ty.to_token_stream().to_string()) {
                    found(ty);
                }
            }
            _ => {}
        }
    }

    fn visit_arguments(&mut self, path: &Path, found: &mut impl FnMut(&Type)) {
        for segment in &path.segments {
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else { continue };
            let types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            // Of these, some parameters are never looked at: keys, hashers, and all of a mark.
            let (skipped, looked_at) = match segment.ident.to_string().as_str() {
                "HashMap" | "BTreeMap" => (1, 1),
                "HashSet" => (0, 1),
                "PhantomData" => (0, 0),
                _ => (0, usize::MAX),
            };
            types.skip(skipped).take(looked_at).for_each(|ty| self.visit(ty, found));
        }
    }

    /// Whether the path begins with a parameter.
    fn is_parameter(&self, path: &Path) -> bool {
        let first = path.segments.first().map(|segment| &segment.ident);
        path.leading_colon.is_none() && first.is_some_and(|first| self.parameters.contains(&first))
    }

    fn mentions(&self, ty: &Type) -> bool {
        let mut inner = Search { parameters: self.parameters.clone(), found: BTreeSet::new() };
        let mut found = false;
        inner.visit(ty, &mut |_| found = true);
        found
    }
}
