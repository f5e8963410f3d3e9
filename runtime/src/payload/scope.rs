//! What a type that contains itself means by itself.

use super::Schema;

/// The types around a place in a schema that contain themselves.
///
/// Whoever walks a schema passes each shape through [`open`](Scope::open), and then
/// meets neither [`Schema::Recursive`] nor [`Schema::SelfRef`].
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// The innermost last.
    around: [(u64, &'static Schema); Scope::DEPTH],
    len: usize,
}

impl Scope {
    /// Types that contain themselves, one inside the other: of more than these the outermost are
    /// forgotten, and what stands for them is [`Schema::Any`].
    const DEPTH: usize = 4;

    /// Outside of all types.
    pub const fn new() -> Self {
        Scope { around: [(0, &Schema::Any); Self::DEPTH], len: 0 }
    }

    /// The shape that `schema` stands for at this place.
    pub const fn open(&mut self, schema: &'static Schema) -> &'static Schema {
        let mut schema = schema;
        let mut steps = 0;
        // A type that is nothing but itself, `struct A(Box<A>)`, would never end.
        while steps <= 2 * Self::DEPTH {
            schema = match schema {
                Schema::Recursive { id, schema } => {
                    self.enter(*id, schema);
                    schema
                }
                Schema::SelfRef(id) => self.leave_to(*id),
                shape => return shape,
            };
            steps += 1;
        }
        &Schema::Any
    }

    const fn enter(&mut self, id: u64, schema: &'static Schema) {
        if self.len == Self::DEPTH {
            let [_, b, c, d] = self.around;
            self.around = [b, c, d, d];
            self.len -= 1;
        }
        if let Some((place, _)) = self.around.split_at_mut(self.len).1.split_first_mut() {
            *place = (id, schema);
            self.len += 1;
        }
    }

    /// Leaves the types inside of the one that is meant.
    const fn leave_to(&mut self, wanted: u64) -> &'static Schema {
        while let Some(((id, schema), _)) = self.around.split_at(self.len).0.split_last() {
            if *id == wanted {
                return schema;
            }
            self.len -= 1;
        }
        &Schema::Any
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTER: Schema = Schema::Recursive { id: 1, schema: &Schema::Seq(&INNER) };
    const INNER: Schema =
        Schema::Recursive { id: 2, schema: &Schema::Tuple { items: &[&TO_OUTER, &TO_INNER], least: 2 } };
    const TO_OUTER: Schema = Schema::SelfRef(1);
    const TO_INNER: Schema = Schema::SelfRef(2);

    #[test]
    fn a_name_stands_for_the_type_around_it() {
        let mut scope = Scope::new();
        let Schema::Seq(inner) = scope.open(&OUTER) else { panic!() };
        let Schema::Tuple { items: [outer, itself], .. } = scope.open(inner) else { panic!() };
        let mut here = scope;
        assert!(matches!(here.open(itself), Schema::Tuple { .. }));
        assert!(matches!(here.open(itself), Schema::Tuple { .. }), "still inside of it");
        assert!(matches!(here.open(outer), Schema::Seq(_)));
        assert!(matches!(here.open(itself), Schema::Any), "no longer inside of it");
    }

    #[test]
    fn deep_nesting_forgets_the_outermost() {
        const DEEP: [Schema; 5] = [
            Schema::Recursive { id: 1, schema: &Schema::Bool },
            Schema::Recursive { id: 2, schema: &Schema::Str },
            Schema::Recursive { id: 3, schema: &Schema::Str },
            Schema::Recursive { id: 4, schema: &Schema::Str },
            Schema::Recursive { id: 5, schema: &Schema::Str },
        ];
        let mut scope = Scope::new();
        for schema in &DEEP {
            scope.open(schema);
        }
        assert!(matches!(scope.clone().open(&Schema::SelfRef(2)), Schema::Str));
        assert!(matches!(scope.open(&Schema::SelfRef(1)), Schema::Any));
    }

    #[test]
    fn a_type_that_is_nothing_but_itself_ends() {
        const ENDLESS: Schema = Schema::Recursive { id: 1, schema: &Schema::SelfRef(1) };
        assert!(matches!(Scope::new().open(&ENDLESS), Schema::Any));
    }
}
