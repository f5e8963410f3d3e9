//! `derive(Payload)` and serde say the same of a type: for many types, values are made that the schema takes
//! and values that it refuses, and serde has to agree about each.

mod agree;
mod asserting;
mod generate;
mod names;
mod shapes;
mod types;
