//! What is said of a key that does not exist.

use super::Schema;
use super::message::Message;
use super::names::{Names, has, skipped_in};
use super::steps::Step;
use super::walk::{Chosen, Parents, Spot, said};
use super::{Field, Variant};

/// The message about the key of `step`, which is in none of `parents`.
pub(super) const fn explain_key(step: &Step, parents: &Parents) -> Message {
    let mut message = Message::new();
    let [Some(first), ..] = parents.spots() else { return message };
    let spot = object_of(*first);
    match spot.shape {
        Schema::Struct { name, .. } => match skipped_in(spot, step.key) {
            Some(owner) => skipped(&mut message, step.key, owner),
            None => {
                missing(&mut message, step.key).name(name).text(" has no such key");
                suggest(&mut message, step.key, parents);
            }
        },
        Schema::Union { name, tag, of } => in_no_variant(&mut message, step, parents, spot, name, *tag, of),
        _ => {
            message.text("cannot look up ").name(step.key).text(": the value here is ").kind(*first);
            if let Schema::Seq(_) | Schema::Tuple { .. } = spot.shape {
                message.text("\nnote: a list directly inside a list is not searched");
            }
        }
    }
    message
}

/// What the keys of an object would be looked for in: through `Option`, and through one list.
const fn object_of(spot: Spot) -> Spot {
    const fn in_option(spot: Spot) -> Spot {
        match spot.shape {
            Schema::Option(inner) => in_option(spot.to(inner)),
            _ => spot,
        }
    }
    let spot = in_option(spot);
    match spot.shape {
        Schema::Seq(item) | Schema::Tuple { items: [item, ..], .. } => in_option(spot.to(item)),
        _ => spot,
    }
}

const fn missing<'m>(message: &'m mut Message, key: &str) -> &'m mut Message {
    message.text("no field ").name(key).text(" in the payload: ")
}

const fn skipped(message: &mut Message, key: &str, owner: &str) {
    message.text("field ").name(key).text(" of ").name(owner);
    message.text(" is never in the JSON: it is marked `#[serde(skip)]`");
}

const fn in_no_variant(
    message: &mut Message,
    step: &Step,
    parents: &Parents,
    spot: Spot,
    name: &str,
    tag: Option<&'static Field>,
    of: &'static [Variant],
) {
    if let Some(tag) = tag
        && let Some(list) = said(step.object, tag)
    {
        let chosen = Chosen::by(Some(list), of);
        let only = chosen.only(of);
        let elsewhere = with_key(spot, of, step.hash);
        if let Some(only) = only {
            missing(message, step.key)
                .text("`")
                .text(name)
                .text("::")
                .text(only.rust)
                .text("` has no such key");
        } else {
            missing(message, step.key).text("no variant of ").name(name).text(" has such a key");
        }
        match elsewhere {
            Some(variant) => {
                message.text("\nnote: `").text(name).text("::").text(variant.rust);
                message.text("` has it, which ").name(tag.name).text(" rules out here");
            }
            None => match only {
                Some(only) => suggest_of(message, step.key, spot.seen_as(only.schema)),
                None => suggest(message, step.key, parents),
            },
        }
        return;
    }
    if let Some(owner) = skipped_in(spot, step.key) {
        return skipped(message, step.key, owner);
    }
    missing(message, step.key).text("no variant of ").name(name).text(" has such a key");
    suggest(message, step.key, parents);
}

/// The first variant that has a key.
const fn with_key(spot: Spot, of: &'static [Variant], hash: u64) -> Option<&'static Variant> {
    let mut rest = of;
    while let [variant, others @ ..] = rest {
        if has(spot.seen_as(variant.schema), hash) {
            return Some(variant);
        }
        rest = others;
    }
    None
}

/// Did you mean, or the list of fields.
const fn suggest(message: &mut Message, key: &str, parents: &Parents) {
    let mut names = Names::like(key);
    let mut spots = parents.spots();
    while let [spot, rest @ ..] = spots {
        if let Some(spot) = spot {
            names.gather(object_of(*spot));
        }
        spots = rest;
    }
    names.tell(message);
}

const fn suggest_of(message: &mut Message, key: &str, spot: Spot) {
    let mut names = Names::like(key);
    names.gather(spot);
    names.tell(message);
}
