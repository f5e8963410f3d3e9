//! Evaluation over JSON: one filter at a time, or all those of an endpoint in one pass.

mod explain;
mod form;
mod json;
mod naive;
mod parts;
mod set;
mod test;

pub use explain::{Clause, Explain, Explainer, Got};
pub use parts::{BodyError, Headers, Parts};
pub use set::{FilterSet, Matches, Scratch, SetProblem};
