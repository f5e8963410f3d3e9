//! The providers that are known, in one table.
//!
//! Each has a constructor on [`Verifier`](super::Verifier) and is found by its
//! name with [`Scheme::by_name`](super::Scheme::by_name).
//!
//! *Signed content* writes the parts in their order. Where there is no window,
//! the provider signs no time, or prescribes none: the delivery id, or the body,
//! is then what recognises a repeat. *Source* says from where the facts are
//! known: the provider's own package and cases that it signed, its
//! documentation, code of third parties, or common knowledge that nobody checked
//! against the provider.
//!
#![doc = include_str!("catalogue/table.md")]
