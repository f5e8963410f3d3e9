//! Collects the paths that filters mention, as they come, until a [`Trie`](super::trie::Trie) is made of them.

use std::collections::hash_map::Entry;

use super::hash::{self, Map};

/// Paths in the order in which they were mentioned first; the top is the first.
pub(super) struct Paths {
    paths: Vec<Path>,
    /// By the hash of what lies above and the name; where that is taken, by the next one.
    known: Map<u64, u32>,
}

/// A path to a value, by its last key.
#[derive(Default)]
pub(super) struct Path {
    above: u32,
    pub(super) name: Box<str>,
    /// Those that are one key longer.
    pub(super) kids: Vec<u32>,
    /// Some filter looks at the elements of an array here.
    pub(super) elements: bool,
}

impl Default for Paths {
    fn default() -> Paths {
        Paths { paths: vec![Path::default()], known: Map::default() }
    }
}

impl Paths {
    /// The path that is one key longer than `above`.
    pub(super) fn below(&mut self, above: u32, name: &str) -> u32 {
        let mut hash = hash::of((above, name));
        loop {
            match self.known.entry(hash) {
                Entry::Occupied(known) => {
                    let path = *known.get();
                    let there = &self.paths[path as usize];
                    if there.above == above && *there.name == *name {
                        return path;
                    }
                    hash = hash.wrapping_add(1);
                }
                Entry::Vacant(free) => {
                    let path = *free.insert(self.paths.len() as u32);
                    self.paths.push(Path { above, name: name.into(), ..Path::default() });
                    self.paths[above as usize].kids.push(path);
                    return path;
                }
            }
        }
    }

    /// Notes that some filter looks at the elements of an array there.
    pub(super) fn want_elements(&mut self, path: u32) {
        self.paths[path as usize].elements = true;
    }

    /// All of them.
    pub(super) fn finish(self) -> Vec<Path> {
        self.paths
    }
}
