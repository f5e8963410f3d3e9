//! What is said of a key that does not exist.

use super::Schema;
use super::apart::explain_apart;
use super::chosen::{Chosen, said};
use super::message::Message;
use super::names::{Names, has, skipped_in};
use super::steps::Step;
use super::walk::{Notes, Spot};
use super::{Field, Variant};

/// The message about the key of `step`, which is in none of `parents`.
pub(super) const fn explain_key(step: &Step, parents: &Notes) -> Message {
    let mut message = Message::new();
    let [Some(first), ..] = parents.spots() else { return message };
    let spot = object_of(*first);
    if explain_apart(&mut message, spot, step.key, step.object, None) {
        return message;
    }
    match spot.shape {
        Schema::Struct { name, .. } => match (ruled_out(spot, step), skipped_in(spot, step.key)) {
            (Some(by), _) => {
                missing(&mut message, step.key).name(name).text(" has no such key here");
                by.tell(&mut message);
            }
            (None, Some(owner)) => skipped(&mut message, step.key, owner),
            (None, None) => {
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
    parents: &Notes,
    spot: Spot,
    name: &str,
    tag: Option<&'static Field>,
    of: &'static [Variant],
) {
    let only = match tag {
        Some(tag) => Chosen::by(said(step.object, tag), of).only(of),
        None => None,
    };
    match (only, ruled_out(spot, step), skipped_in(spot, step.key)) {
        (None, None, Some(owner)) => return skipped(message, step.key, owner),
        (Some(only), ..) => {
            let message = missing(message, step.key);
            message.text("`").text(name).text("::").text(only.rust).text("` has no such key");
        }
        (None, Some(_), _) => {
            missing(message, step.key).text("no variant that is left of ").name(name).text(" has such a key");
        }
        (None, None, None) => {
            missing(message, step.key).text("no variant of ").name(name).text(" has such a key");
        }
    }
    match (only, ruled_out(spot, step)) {
        (_, Some(by)) => by.tell(message),
        (Some(only), None) => suggest_of(message, step.key, spot.seen_as(only.schema)),
        (None, None) => suggest(message, step.key, parents),
    }
}

/// The variant that has a key, and the tag that says it is another one.
struct RuledOut {
    owner: &'static str,
    variant: &'static Variant,
    tag: &'static Field,
}

impl RuledOut {
    const fn tell(&self, message: &mut Message) {
        message.text("\nnote: `").text(self.owner).text("::").text(self.variant.rust);
        message.text("` has it, which ").name(self.tag.name).text(" rules out here");
    }
}

/// Where a key would be found if it were not for the tag beside it.
const fn ruled_out(spot: Spot, step: &Step) -> Option<RuledOut> {
    match spot.shape {
        Schema::Option(inner) => ruled_out(spot.to(inner), step),
        Schema::Struct { flatten, .. } => {
            let mut flatten = *flatten;
            while let [schema, rest @ ..] = flatten {
                if let Some(found) = ruled_out(spot.seen_as(schema), step) {
                    return Some(found);
                }
                flatten = rest;
            }
            None
        }
        Schema::Union { name, tag: Some(tag), of } => {
            let mut of = *of;
            while let [variant, rest @ ..] = of {
                if has(spot.seen_as(variant.schema), step.hash) {
                    return Some(RuledOut { owner: name, variant, tag });
                }
                of = rest;
            }
            None
        }
        _ => None,
    }
}

/// Did you mean, or the list of fields.
const fn suggest(message: &mut Message, key: &str, parents: &Notes) {
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
