//! Takes the program of the guide "Write an integration" out of its page, so that
//! the tests run what a reader copies.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

const PAGE: &str = "../docs/integrations.md";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={PAGE}");
    let page = fs::read_to_string(PAGE)?;
    let (_, guide) = page.split_once("## Write one").ok_or("the guide is not on its page")?;
    let (_, program) = guide.split_once("```rust,no_run\n").ok_or("the guide has no program")?;
    let (program, _) = program.split_once("```").ok_or("the guide's program has no end")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("guide.rs"), program)?;
    Ok(())
}
