//! Names are those that serde writes and reads.

use crate::types::names;

#[test]
fn every_rule_gives_the_names_that_serde_writes() {
    for (rule, both) in names() {
        for names in both {
            assert_eq!(names.told, names.written, "{rule}");
        }
    }
}
