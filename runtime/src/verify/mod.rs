//! How requests are verified.

/// Stub.
#[derive(Clone, Debug)]
pub struct Verifier(());
/// Stub.
#[derive(Clone, Debug)]
pub struct Verification(pub Result<(), String>);
impl Verification {
    /// Stub.
    pub fn rejected(reason: String) -> Self {
        Verification(Err(reason))
    }
}
