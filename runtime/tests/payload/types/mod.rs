//! The types that are tried out.
#![allow(dead_code, reason = "what is read is not looked at")]

mod containers;
mod enums;
mod generic;
mod renamed;
mod structs;

use crate::agree::Subject;

pub(crate) use renamed::names;

pub(crate) fn all() -> Vec<Subject> {
    [containers::all(), enums::all(), generic::all(), renamed::all(), structs::all()]
        .into_iter()
        .flatten()
        .collect()
}
