//! The constants that check a filter by the type of its payload.
//!
//! One constant checks the whole filter. Beside it stands a small one for each value, which panics if its value is
//! wrong, or a key above it that no earlier value stands below: each mistake is then an error at its own token, for
//! the price of one constant a value. Which message it is, the runtime works out.
//!
//! What such a constant says counts as often as a program has values, so it only calls `__refuse`, once for each
//! place that may be wrong: a `match`, or the arguments written out, cost the compiler three times as much.

use crate::emit::call;
use crate::errors::Place;
use crate::pattern;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use triggerfish_filter::{Field, Item, Test, Tree};

/// What of a filter could be read, with its places.
pub(crate) struct Readable {
    pub(crate) fields: Vec<Field<Place>>,
}

impl Readable {
    /// `__FILTER` as const data, and the constants that check it. `__FAULTS` says whether there is a type.
    pub(crate) fn emit(&self, root: &TokenStream, payload: &TokenStream) -> TokenStream {
        let mut hashes = Vec::new();
        hashes_of(&self.fields, &mut hashes);
        constants(&self.fields, &pattern::emit(&self.fields), &quote!(&[#(#hashes),*]), root, payload)
    }
}

/// The constants that check `filter`, which holds `fields` before all else.
pub(crate) fn constants(
    fields: &[Field<Place>],
    filter: &TokenStream,
    hashes: &TokenStream,
    root: &TokenStream,
    payload: &TokenStream,
) -> TokenStream {
    let mut slots = Vec::new();
    slots_of(fields, &mut Vec::new(), &mut slots);
    let count = Literal::usize_unsuffixed(slots.len());
    let checks = slots.iter().enumerate().map(|(index, slot)| slot.emit(index));
    let checks = quote! {
        const __FAULTS: __rt::Faults<#count> = __checked().check();
        #[track_caller]
        const fn __refuse(value: ::core::primitive::usize, fault: ::core::primitive::u8) {
            if __FAULTS.all[value] == fault {
                __checked().refuse(value, fault)
            }
        }
        #(#checks)*
    };
    // For `check_cost` in `benches`, which measures what is left out then.
    let unchecked = || {
        quote!(
            const __FAULTS: __rt::Faults<0> = __rt::Faults { is_typed: false, all: [] };
        )
    };
    let checks = if cfg!(triggerfish_unchecked) { unchecked() } else { checks };
    // A function, because the compiler goes through all that a constant refers to.
    quote! {
        const __FILTER: __rt::Pattern<'static> = #filter;
        const __HASHES: &[::core::primitive::u64] = #hashes;
        const fn __checked() -> __rt::Checked {
            __rt::Checked { root: #root, payload: #payload, filter: __FILTER, hashes: __HASHES }
        }
        #checks
    }
}

/// The hashes of the keys, in the order of the text.
pub(crate) fn hashes_of(fields: &[Field<Place>], hashes: &mut Vec<Literal>) {
    for Field { name, tree, .. } in fields {
        hashes.push(Literal::u64_unsuffixed(triggerfish_filter::hash(name)));
        if let Tree::Object(below) = tree {
            hashes_of(below, hashes);
        }
    }
}

/// The constant of one value.
struct Slot {
    /// The keys above it that no earlier value stands below, with their depths.
    keys: Vec<(u8, Place)>,
    whole: Place,
    /// The value that an operator compares with, if it can be wrong by itself.
    operand: Option<Place>,
}

impl Slot {
    fn emit(&self, index: usize) -> TokenStream {
        let index = Literal::usize_unsuffixed(index);
        let operand = self.operand.map(|place| (2, place));
        let keys = self.keys.iter().map(|(depth, place)| (depth.saturating_add(3), *place));
        let all = [(1, self.whole)].into_iter().chain(operand).chain(keys);
        let calls = all.map(|(fault, place)| {
            let fault = Literal::u8_unsuffixed(fault);
            call(quote!(__refuse), quote!(#index, #fault), place)
        });
        quote!(const _: () = { #(#calls;)* };)
    }
}

/// The slots in the order in which the runtime counts: the values, and a list or an object without any.
fn slots_of(fields: &[Field<Place>], keys: &mut Vec<(u8, Place, bool)>, slots: &mut Vec<Slot>) {
    for Field { tree, at, .. } in fields {
        let depth = u8::try_from(keys.len()).unwrap_or(u8::MAX);
        keys.push((depth, *at, false));
        let mut take = |whole, operand| {
            let new = keys.iter_mut().filter_map(|(depth, place, is_taken)| {
                (!std::mem::replace(is_taken, true)).then_some((*depth, *place))
            });
            let keys = new.collect();
            slots.push(Slot { keys, whole, operand });
        };
        match tree {
            Tree::Object(below) if !below.is_empty() => slots_of(below, keys, slots),
            Tree::Object(_) => take(*at, None),
            Tree::List(items) if items.is_empty() => take(*at, None),
            Tree::List(items) => items.iter().for_each(|item| take(item.at, operand(item))),
        }
        keys.pop();
    }
}

fn operand(item: &Item<Place>) -> Option<Place> {
    matches!(item.test, Test::Not(_) | Test::AnythingBut(_) | Test::Includes(_)).then_some(item.operand)
}
