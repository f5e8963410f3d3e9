//! What holds for every scheme of the catalogue.

use crate::verify::Scheme;
use crate::verify::presets::constructors;
use std::collections::BTreeSet;

#[test]
fn every_scheme_has_a_constructor_of_its_name() {
    let names: BTreeSet<String> = Scheme::all().map(|scheme| scheme.name.replace('-', "_")).collect();
    let constructors: BTreeSet<String> = constructors().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names, constructors);
    assert_eq!(names.len(), Scheme::all().len(), "a name is used twice");
}
