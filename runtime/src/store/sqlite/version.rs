//! Which versions of SQLite keep what they committed.

use super::failure::OpenError;

/// SQLite 3.7.0 to 3.51.2 can lose committed transactions when one connection
/// checkpoints while another writes. The cure is in 3.51.3 and went back to
/// 3.50.7 and 3.44.6.
const fn is_safe(version: i32) -> bool {
    matches!(version, 3_044_006..3_045_000 | 3_050_007..3_051_000 | 3_051_003..)
}

/// Refuses the SQLite that this program is linked with, where it is unsafe.
pub(super) fn check() -> Result<(), OpenError> {
    if is_safe(rusqlite::version_number()) {
        Ok(())
    } else {
        Err(OpenError::Unsafe { version: rusqlite::version().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_with_the_wal_reset_bug_are_unsafe() {
        let rows = [
            (3_006_023, false),
            (3_007_000, false),
            (3_040_001, false),
            (3_044_005, false),
            (3_044_006, true),
            (3_044_999, true),
            (3_045_000, false),
            (3_050_006, false),
            (3_050_007, true),
            (3_051_000, false),
            (3_051_002, false),
            (3_051_003, true),
            (3_054_001, true),
            (4_000_000, true),
        ];
        for (version, safe) in rows {
            assert_eq!(is_safe(version), safe, "{version}");
        }
    }

    #[test]
    fn the_linked_one_is_safe() {
        assert!(check().is_ok(), "{}", rusqlite::version());
    }
}
