//! Evaluation over JSON: one filter at a time, or all those of an endpoint in one pass.

mod apart;
mod explain;
mod form;
mod hash;
mod implied;
mod index;
mod json;
mod matches;
mod naive;
mod parts;
mod paths;
mod pivot;
mod program;
mod ranges;
mod read;
mod same;
mod scan;
mod set;
mod slots;
mod stats;
mod test;
mod trie;
mod verify;

pub use apart::Apart;
pub use explain::{Clause, Explain, Got};
pub use implied::Overlap;
pub use matches::{Failure, Found, Matches, Wanted};
pub use parts::{BodyError, Headers, Parts};
pub use set::{Explainer, FilterSet, Scratch, SetProblem};
pub use stats::Stats;
