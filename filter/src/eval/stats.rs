//! What a set of filters came to, for logs and the dashboard.

use std::collections::BTreeMap;

use super::set::FilterSet;

/// How a set evaluates its filters, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Filters given, those that let everything pass included.
    pub filters: usize,
    /// Filters that say something of their own.
    pub distinct: usize,
    /// Paths that some filter mentions, and the objects on the way to them.
    pub paths: usize,
    /// How many filters are found by each kind of condition: "equal", "range".
    pub pivots: BTreeMap<&'static str, usize>,
    /// Filters that no value can bring up: they are evaluated for every event. Most events pass them.
    pub always: usize,
    /// How many filters share the condition that most share: so many are evaluated when it is met.
    pub largest_pivot: usize,
    /// Memory in bytes, about.
    pub bytes: usize,
}

impl FilterSet {
    /// What the set came to.
    pub fn stats(&self) -> Stats {
        let mut pivots = BTreeMap::new();
        for kind in self.pivot_kinds() {
            *pivots.entry(*kind).or_default() += 1;
        }
        Stats {
            filters: self.len(),
            distinct: self.distinct(),
            paths: self.trie().len() - 1,
            always: self.distinct() - pivots.values().sum::<usize>(),
            pivots,
            largest_pivot: self.pivots().largest(),
            bytes: self.size(),
        }
    }
}
