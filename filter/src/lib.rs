//! The filter language of Triggerfish: which requests and events start a job.
//!
//! A filter is JSON-shaped. Objects say where to look, lists say what to accept:
//!
//! ```text
//! { body: { triggerEvent: ["BOOKING_CANCELLED"], payload: { length: [{ $gt: 15 }, { $lte: 60 }] } } }
//! ```
//!
//! - All keys of an object must hold. A key is one literal name: dots have no meaning.
//! - A list holds **either** literals of one type, of which any may be equal, **or** operators,
//!   which must **all** hold.
//! - An object that meets an array holds if one element satisfies all of it. Arrays directly inside
//!   arrays are not searched.
//! - A literal never equals an array; `$includes` looks inside one.
//! - `1` equals `1.0`; integers of up to 64 bits are compared exactly.
//!
//! | operator | holds for |
//! |---|---|
//! | `$startsWith`, `$endsWith` | strings that do; the empty string fits every string |
//! | `$ignoreCaseEquals` | strings that are equal after Unicode simple case folding, in no locale |
//! | `$gt`, `$gte`, `$lt`, `$lte`, `$between` | numbers; the bounds of `$between` are included |
//! | `$exists: true` / `false` | whatever is there, `null` too / nothing there |
//! | `$isNull: true` / `false` | `null` / everything else, nothing there too |
//! | `$anythingBut` | everything that is not equal: nothing there, `null` and arrays hold |
//! | `$not` | strings, numbers and booleans that differ; arrays that do not hold the value; nothing else |
//! | `$includes` | arrays that hold the value |
//!
//! Below an object that is missing or `null` nothing holds, not even `$exists: false`.
//!
//! One definition serves three users. The macros read tokens into a [`syntax::Node`] and [`check`] it,
//! so that mistakes are compile errors; they emit the result as a [`Pattern`], plain `const` data; and the
//! feature `eval` evaluates filters, one at a time or all those of an endpoint in one pass.
//!
//! This crate does not fetch, verify or store anything, and it knows no payload types.

mod check;
mod filter;
pub mod fold;
mod hash;
mod nearest;
mod number;
pub mod operator;
mod pattern;
mod problem;
pub mod syntax;

#[cfg(feature = "eval")]
mod eval;

pub use check::{Checked, check};
pub use filter::{Field, Filter, Item, Tree};
pub use hash::hash;
pub use nearest::nearest;
pub use number::Number;
pub use pattern::{Pattern, Root, Scalar, Test};
pub use problem::{Problem, ProblemKind};

#[cfg(feature = "eval")]
pub use eval::{
    Apart, BodyError, Clause, Explain, Explainer, Failure, FilterSet, Found, Got, Headers, Matches, Overlap,
    Parts, Scratch, SetProblem, Stats, Wanted,
};
