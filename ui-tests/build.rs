//! Lists the corrected twins in `pass/` as modules, so that one compilation proves all of them.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=pass");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("pass");
    let mut modules = String::new();
    for kind in ["grammar", "payload", "registry", "signature", "typed"] {
        let mut files: Vec<_> = fs::read_dir(folder.join(kind))
            .expect("a folder for each kind of mistake")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.sort();
        for file in files {
            let name = file.file_stem().and_then(|name| name.to_str()).expect("a name");
            writeln!(modules, "#[path = {file:?}]\nmod {kind}_{name};").expect("written to memory");
        }
    }
    let out = Path::new(&env::var("OUT_DIR").expect("set by cargo")).join("pass.rs");
    fs::write(out, modules).expect("the list of modules");
}
