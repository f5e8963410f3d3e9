//! The rules of verification, each as a test.

mod presets;
mod vectors;
