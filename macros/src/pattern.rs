//! A filter that passed the checks, and the const data that it becomes.

use crate::checks::Readable;
use crate::errors::{Errors, Place};
use crate::filter::{At, Written};
use crate::on::On;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use triggerfish_filter::{Field, Item, Number, Root, Scalar, Test, Tree};

/// A filter whose own mistakes are reported.
#[derive(Default)]
pub(crate) struct Checked {
    /// What could be read and is right by itself; `None` if there is no filter.
    pub(crate) readable: Option<Readable>,
    /// Its keys, for the editor.
    pub(crate) names: Vec<Vec<Ident>>,
    /// The variant that is asked for beside it.
    pub(crate) on: Option<On>,
    /// What is wrong with it if the trigger is an endpoint.
    pub(crate) refusals: Vec<Refusal>,
    /// Paths beside it that lead into the same payload.
    pub(crate) paths: Vec<Readable>,
}

/// A mistake that depends on the trigger, which only the compiler knows.
pub(crate) struct Refusal {
    pub(crate) place: Place,
    pub(crate) message: String,
}

/// Checks a filter whose root is known.
pub(crate) fn for_root(written: &Written, root: Root, errors: &mut Errors) -> Checked {
    let checked = written.check(root);
    report(written, &checked, errors);
    finish(written, &checked, Vec::new())
}

/// Checks a filter whose root is not known here.
///
/// What is wrong for a payload is wrong for a request as well, so it is reported at once; what is wrong for
/// a request alone is left to the compiler, which knows the trigger's type.
pub(crate) fn for_any_root(written: &Written, errors: &mut Errors) -> Checked {
    let payload = written.check(Root::Payload);
    report(written, &payload, errors);
    let request = written.check(Root::Request);
    let further = request.problems().iter().filter(|problem| !payload.problems().contains(problem));
    let refusals = further
        .map(|problem| Refusal { place: written.place(problem.at), message: problem.to_string() })
        .collect();
    // As written: names of headers, which are lower-cased for a request, are other names in a payload.
    finish(written, &payload, refusals)
}

fn report(written: &Written, checked: &triggerfish_filter::Checked<At>, errors: &mut Errors) {
    for problem in checked.problems() {
        errors.at(written.place(problem.at), problem);
    }
}

fn finish(written: &Written, checked: &triggerfish_filter::Checked<At>, refusals: Vec<Refusal>) -> Checked {
    let wrong: Vec<_> = checked.problems().iter().map(|problem| problem.at).collect();
    let fields = checked.fields().iter().map(|field| placed(field, &wrong, written)).collect();
    let names = written.paths().to_vec();
    Checked { readable: Some(Readable { fields }), names, on: None, refusals, paths: Vec::new() }
}

/// A field without the values that were reported.
fn placed(field: &Field<At>, wrong: &[At], written: &Written) -> Field<Place> {
    let tree = match &field.tree {
        Tree::Object(fields) => {
            Tree::Object(fields.iter().map(|field| placed(field, wrong, written)).collect())
        }
        Tree::List(items) => {
            let right =
                items.iter().filter(|item| !wrong.contains(&item.at) && !wrong.contains(&item.operand));
            let item = |item: &Item<At>| Item {
                test: item.test.clone(),
                at: written.place(item.at),
                operand: written.place(item.operand),
            };
            Tree::List(right.map(item).collect())
        }
    };
    Field { name: field.name.clone(), tree, at: written.place(field.at) }
}

/// `Pattern`, as const data.
pub(crate) fn emit<S>(fields: &[Field<S>]) -> TokenStream {
    let entries = entries(fields);
    quote!(__rt::Pattern::Object(&[#(#entries),*]))
}

/// The fields of an object.
pub(crate) fn entries<S>(fields: &[Field<S>]) -> Vec<TokenStream> {
    let entry = |Field { name, tree, .. }: &Field<S>| {
        let below = match tree {
            Tree::Object(fields) => emit(fields),
            Tree::List(items) => list(items),
        };
        quote!((#name, #below))
    };
    fields.iter().map(entry).collect()
}

fn list<S>(items: &[Item<S>]) -> TokenStream {
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
