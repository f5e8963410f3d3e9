//! A filter that passed the checks, and the const data that it becomes.

use crate::errors::{Errors, Place};
use crate::filter::Written;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use triggerfish_filter::{Field, Filter, Item, Number, Root, Scalar, Test, Tree};

/// The filter of a job, which is rooted at what its trigger says.
pub(crate) struct JobFilter {
    /// Unless it is wrong for every root.
    pub(crate) filter: Option<Filter>,
    /// What is wrong with it if the trigger is an endpoint.
    pub(crate) refusals: Vec<Refusal>,
}

/// A mistake that depends on the trigger, which only the compiler knows.
pub(crate) struct Refusal {
    pub(crate) place: Place,
    pub(crate) message: String,
}

/// Checks a filter whose root is known.
pub(crate) fn for_root(written: &Written, root: Root, errors: &mut Errors) -> Option<Filter> {
    let checked = written.check(root);
    for problem in checked.problems() {
        errors.at(written.place(problem.at), problem);
    }
    checked.into_filter().ok()
}

/// Checks a filter whose root is not known here.
///
/// What is wrong for a payload is wrong for a request as well, so it is reported at once; what is wrong for
/// a request alone is left to the compiler, which knows the trigger's type.
pub(crate) fn for_any_root(written: &Written, errors: &mut Errors) -> JobFilter {
    let payload = written.check(Root::Payload);
    for problem in payload.problems() {
        errors.at(written.place(problem.at), problem);
    }
    let request = written.check(Root::Request);
    let further = request.problems().iter().filter(|problem| !payload.problems().contains(problem));
    let refusals = further
        .map(|problem| Refusal { place: written.place(problem.at), message: problem.to_string() })
        .collect();
    // As written: names of headers, which are lower-cased for a request, are other names in a payload.
    JobFilter { filter: payload.into_filter().ok(), refusals }
}

/// `Pattern`, as const data.
pub(crate) fn emit(filter: &Filter) -> TokenStream {
    object(filter.fields())
}

fn object(fields: &[Field]) -> TokenStream {
    let fields = fields.iter().map(|Field { name, tree, .. }| {
        let below = match tree {
            Tree::Object(fields) => object(fields),
            Tree::List(items) => list(items),
        };
        quote!((#name, #below))
    });
    quote!(__rt::Pattern::Object(&[#(#fields),*]))
}

fn list(items: &[Item]) -> TokenStream {
    let tests = items.iter().map(|item| test(&item.test));
    quote!(__rt::Pattern::List(&[#(#tests),*]))
}

fn test(test: &Test<Box<str>>) -> TokenStream {
    let (name, operand) = match test {
        Test::Literal(value) => (quote!(Literal), scalar(value)),
        Test::StartsWith(text) => (quote!(StartsWith), quote!(#text)),
        Test::EndsWith(text) => (quote!(EndsWith), quote!(#text)),
        Test::IgnoreCaseEquals(text) => (quote!(IgnoreCaseEquals), quote!(#text)),
        Test::Exists(wanted) => (quote!(Exists), quote!(#wanted)),
        Test::IsNull(wanted) => (quote!(IsNull), quote!(#wanted)),
        Test::AnythingBut(value) => (quote!(AnythingBut), scalar(value)),
        Test::Gt(bound) => (quote!(Gt), number(*bound)),
        Test::Gte(bound) => (quote!(Gte), number(*bound)),
        Test::Lt(bound) => (quote!(Lt), number(*bound)),
        Test::Lte(bound) => (quote!(Lte), number(*bound)),
        Test::Between(low, high) => {
            let (low, high) = (number(*low), number(*high));
            (quote!(Between), quote!(#low, #high))
        }
        Test::Includes(value) => (quote!(Includes), scalar(value)),
        Test::Not(value) => (quote!(Not), scalar(value)),
    };
    quote!(__rt::Test::#name(#operand))
}

fn scalar(scalar: &Scalar<Box<str>>) -> TokenStream {
    match scalar {
        Scalar::Str(text) => quote!(__rt::Scalar::Str(#text)),
        Scalar::Num(value) => {
            let value = number(*value);
            quote!(__rt::Scalar::Num(#value))
        }
        Scalar::Bool(value) => quote!(__rt::Scalar::Bool(#value)),
    }
}

fn number(number: Number) -> TokenStream {
    match number {
        Number::Int(int) => {
            let (digits, minus) =
                (Literal::u128_unsuffixed(int.unsigned_abs()), (int < 0).then(|| quote!(-)));
            quote!(__rt::Number::Int(#minus #digits))
        }
        // A filter that passed holds no infinity; a literal of one would panic.
        Number::Float(float) => {
            let (value, minus) = (float.abs(), (float < 0.0).then(|| quote!(-)));
            let value = if value.is_finite() { value } else { f64::MAX };
            let value = Literal::f64_unsuffixed(value);
            quote!(__rt::Number::Float(#minus #value))
        }
    }
}
