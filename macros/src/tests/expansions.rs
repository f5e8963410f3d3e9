//! Expansions of usual attributes, kept as formatted text to be read in review.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p triggerfish-macros` writes them.

use super::expand;
use std::path::Path;

#[test]
fn expansions_are_as_reviewed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let mut names: Vec<_> = std::fs::read_dir(folder.join("source"))
        .expect("the folder of sources")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    assert!(!names.is_empty());
    for name in names {
        let source = std::fs::read_to_string(folder.join("source").join(&name)).expect("a source");
        let expanded =
            expand(&source).unwrap_or_else(|broken| panic!("{name:?}: {}", broken.errors)).to_string();
        let file = syn_for_prettyplease::parse_file(&expanded).unwrap_or_else(|e| panic!("{name:?}: {e}"));
        let formatted = prettyplease::unparse(&file);
        let kept = folder.join("expanded").join(&name);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(&kept, &formatted).expect("the snapshot is written");
        }
        let expected = std::fs::read_to_string(&kept).unwrap_or_default();
        assert_eq!(formatted, expected, "{} differs", kept.display());
    }
}
