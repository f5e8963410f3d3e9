//! Evaluation over JSON: one filter at a time, or all those of an endpoint in one pass.

mod explain;
mod form;
mod hash;
mod index;
mod json;
mod naive;
mod parts;
mod pivot;
mod ranges;
mod read;
mod same;
mod scan;
mod set;
mod slots;
mod test;
mod trie;
mod verify;

pub use explain::{Clause, Explain, Got};
pub use parts::{BodyError, Headers, Parts};
pub use set::{Explainer, FilterSet, Matches, Scratch, SetProblem};
