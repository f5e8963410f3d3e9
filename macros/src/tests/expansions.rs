//! Expansions of usual attributes, kept as formatted text to be read in review.

use super::{assert_kept, expand, snapshots};

#[test]
fn expansions_are_as_reviewed() {
    let sources = std::fs::read_dir(snapshots().join("source")).expect("the folder of sources");
    let mut names: Vec<_> = sources.map(|entry| entry.expect("an entry").file_name()).collect();
    names.sort();
    assert!(!names.is_empty());
    for name in names {
        let source = std::fs::read_to_string(snapshots().join("source").join(&name)).expect("a source");
        let expanded =
            expand(&source).unwrap_or_else(|broken| panic!("{name:?}: {}", broken.errors)).to_string();
        let file = syn_for_prettyplease::parse_file(&expanded).unwrap_or_else(|e| panic!("{name:?}: {e}"));
        assert_kept(&snapshots().join("expanded").join(&name), &prettyplease::unparse(&file));
    }
}
