//! Follows the keys of a filter through a shape, on all ways that there are: a key may stand in
//! several variants of an enum, and a value is right if it is on one of the ways.

use super::apart::{Outside, apart};
use super::chosen::{Chosen, said};
use super::fits::{Fault, judge};
use super::steps::{Object, Steps, Value};
use super::{Field, Schema, Scope, Variant};

/// A place in the JSON: its shape, opened, and the types around it.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub(super) shape: &'static Schema,
    scope: Scope,
    /// Enums and flattened types since the last key.
    nested: u8,
}

impl Spot {
    /// A type that is flattened into itself would never end.
    const MOST_NESTED: u8 = 5;

    pub(super) const fn top(schema: &'static Schema) -> Self {
        let mut scope = Scope::new();
        Spot { shape: scope.open(schema), scope, nested: 0 }
    }

    /// What this wraps, or an item of it.
    pub(super) const fn to(&self, schema: &'static Schema) -> Self {
        let mut scope = self.scope;
        Spot { shape: scope.open(schema), scope, nested: self.nested }
    }

    /// A variant, or what is flattened: the same value, seen as another type.
    pub(super) const fn seen_as(&self, schema: &'static Schema) -> Self {
        let schema = if self.nested < Self::MOST_NESTED { schema } else { &Schema::Null };
        Spot { nested: self.nested.saturating_add(1), ..self.to(schema) }
    }

    /// What stands at a key.
    pub(super) const fn below(&self, schema: &'static Schema) -> Self {
        Spot { nested: 0, ..self.to(schema) }
    }
}

/// How far the keys lead, the best of all ways.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// To a place where the key of this depth does not exist.
    Lost(usize),
    /// To the value, and what is wrong with it.
    Value(Fault),
}

impl Reach {
    const fn or(self, other: Reach) -> Reach {
        match (self, other) {
            (Reach::Lost(depth), Reach::Lost(further)) if depth >= further => self,
            (Reach::Value(_), Reach::Lost(_)) => self,
            (Reach::Value(fault), Reach::Value(another)) if fault.rank() >= another.rank() => self,
            _ => other,
        }
    }

    const fn is_lost_at(self, wanted: usize) -> bool {
        matches!(self, Reach::Lost(depth) if depth == wanted)
    }
}

/// What a message needs to know of a walk.
pub(super) struct Notes {
    /// The depth of the key that is not found.
    wanted: Option<usize>,
    /// The places where it was looked for.
    spots: [Option<Spot>; Notes::MOST],
    len: usize,
    /// The place of the value, on the best way, and its fault.
    value: Option<(Spot, Fault)>,
}

impl Notes {
    const MOST: usize = 8;

    /// About the key of a depth, or about the value.
    pub(super) const fn about(wanted: Option<usize>) -> Self {
        Notes { wanted, spots: [None; Notes::MOST], len: 0, value: None }
    }

    pub(super) const fn spots(&self) -> &[Option<Spot>] {
        self.spots.split_at(self.len).0
    }

    pub(super) const fn value(&self) -> Option<(Spot, Fault)> {
        self.value
    }

    const fn lost(&mut self, spot: Spot, depth: usize) {
        if let Some(wanted) = self.wanted
            && wanted == depth
            && self.len < Self::MOST
        {
            self.spots[self.len] = Some(spot);
            self.len += 1;
        }
    }

    const fn judged(&mut self, spot: Spot, fault: Fault) {
        let is_better = match self.value {
            Some((_, before)) => fault.rank() > before.rank(),
            None => true,
        };
        if is_better {
            self.value = Some((spot, fault));
        }
    }
}

/// What is looked for, the same on all ways.
pub(super) struct Walk<'w> {
    pub(super) steps: &'w Steps,
    pub(super) value: Value,
    /// Where a message is to be made.
    pub(super) notes: Option<&'w mut Notes>,
}

impl Walk<'_> {
    /// Follows the steps from the one at `depth` on.
    pub(super) const fn follow(&mut self, from: &Spot, depth: usize) -> Reach {
        let step = &self.steps.all[depth];
        let (hash, object) = (step.hash, step.object);
        let way = Way { hash, object, depth, may_be_absent: false, in_list: false, outside: None };
        let reach = self.look(from, way);
        if let Some(notes) = &mut self.notes
            && reach.is_lost_at(depth)
        {
            notes.lost(*from, depth);
        }
        reach
    }

    /// Looks for the key of the way's step at one place.
    const fn look(&mut self, at: &Spot, way: Way<'_>) -> Reach {
        match at.shape {
            Schema::Struct { fields, flatten, .. } => {
                if let Some(field) = find(fields, way.hash) {
                    return self.arrive(at, field.schema, way, way.may_be_absent || field.may_be_absent);
                }
                self.look_in_flattened(at, flatten, way)
            }
            Schema::Any => Reach::Value(Fault::None),
            Schema::Option(inner) => self.look(&at.to(inner), way),
            // An array directly inside an array is not searched.
            Schema::Seq(_) | Schema::Tuple { .. } if way.in_list => Reach::Lost(way.depth),
            Schema::Seq(item) => self.look(&at.to(item), Way { in_list: true, ..way }),
            Schema::Tuple { items, .. } => {
                let mut best = Reach::Lost(way.depth);
                let mut items = *items;
                while let [item, rest @ ..] = items {
                    best = best.or(self.look(&at.to(item), Way { in_list: true, ..way }));
                    items = rest;
                }
                best
            }
            Schema::Map(value) => self.arrive(at, value, way, true),
            Schema::Union { tag, of, .. } => match tag {
                Some(field) if is_called(field, way.hash) => {
                    self.arrive(at, field.schema, way, way.may_be_absent)
                }
                _ => self.look_in_variants(at, *tag, of, way),
            },
            _ => Reach::Lost(way.depth),
        }
    }

    const fn look_in_flattened(&mut self, at: &Spot, flatten: &[&'static Schema], way: Way<'_>) -> Reach {
        let mut best = Reach::Lost(way.depth);
        let mut n = 0;
        while n < flatten.len() {
            let spot = at.seen_as(flatten[n]);
            let may_be_absent = way.may_be_absent || matches!(spot.shape, Schema::Option(_));
            let outside = Outside { at, flattened: n, around: way.outside };
            best = best.or(self.look(&spot, Way { may_be_absent, outside: Some(&outside), ..way }));
            n += 1;
        }
        best
    }

    const fn look_in_variants(
        &mut self,
        at: &Spot,
        tag: Option<&'static Field>,
        of: &'static [Variant],
        way: Way<'_>,
    ) -> Reach {
        let list = match tag {
            Some(field) => said(way.object, field),
            None => None,
        };
        let chosen = Chosen::by(list, of);
        let is_last = way.depth + 1 == self.steps.len;
        // What holds where nothing is there may name a key of a variant that is ruled out.
        let takes_absence = is_last && self.value.takes_absence();
        let mut best = Reach::Lost(way.depth);
        if way.object.len() > 1
            && !self.value.takes_absence()
            && apart(at, tag, of, chosen, way.object, way.hash, way.outside).is_some()
        {
            return best;
        }
        let mut is_absent_in_one = false;
        let mut rest = of;
        while let [variant, others @ ..] = rest {
            rest = others;
            let is_chosen = chosen.has(variant);
            if !is_chosen && !takes_absence {
                continue;
            }
            let reach = self.look(&at.seen_as(variant.schema), way);
            is_absent_in_one = is_absent_in_one || is_chosen && reach.is_lost_at(way.depth);
            best = best.or(reach);
        }
        match best {
            Reach::Value(_) if is_absent_in_one && is_last && self.value.wants_absence() => {
                Reach::Value(Fault::None)
            }
            _ => best,
        }
    }

    /// Goes on below a key that exists.
    const fn arrive(
        &mut self,
        at: &Spot,
        schema: &'static Schema,
        way: Way<'_>,
        may_be_absent: bool,
    ) -> Reach {
        let spot = at.below(schema);
        if way.depth + 1 < self.steps.len {
            return self.follow(&spot, way.depth + 1);
        }
        let fault = judge(&spot, &self.value, may_be_absent);
        if let Some(notes) = &mut self.notes {
            notes.judged(spot, fault);
        }
        Reach::Value(fault)
    }
}

/// What is known on the way to a key.
#[derive(Clone, Copy)]
struct Way<'w> {
    /// The key.
    hash: u64,
    /// What stands beside it.
    object: Object,
    depth: usize,
    /// What is around the key may be missing.
    may_be_absent: bool,
    /// The object is an item of a list.
    in_list: bool,
    /// Where the object may have keys beside what is looked through.
    outside: Option<&'w Outside<'w>>,
}

/// The field that has this name in JSON.
pub(super) const fn find(fields: &'static [Field], wanted: u64) -> Option<&'static Field> {
    // By index: this loop is where the compiler spends its time.
    let mut n = 0;
    while n < fields.len() {
        let field = &fields[n];
        let is_it = field.hash == wanted || !field.alias_hashes.is_empty() && is_called(field, wanted);
        if is_it && !field.skipped {
            return Some(field);
        }
        n += 1;
    }
    None
}

pub(super) const fn is_called(field: &Field, wanted: u64) -> bool {
    if field.hash == wanted {
        return true;
    }
    let mut aliases = field.alias_hashes;
    while let [alias, rest @ ..] = aliases {
        if *alias == wanted {
            return true;
        }
        aliases = rest;
    }
    false
}
