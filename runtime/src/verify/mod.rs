//! How requests are verified.
