//! What typed filters cost the compiler: CPU time of `cargo check` of a program with many jobs, with the checks
//! and without them.
//!
//! ```sh
//! cargo run -p triggerfish-benches --bin check_cost             # 200 jobs of five clauses, five rounds
//! cargo run -p triggerfish-benches --bin check_cost -- --jobs 50 --rounds 3
//! ```
//!
//! The program is written to `target/check-cost`, a crate for each of three kinds: plain functions, jobs that are
//! not checked (the macros are compiled with `--cfg triggerfish_unchecked`), and jobs that are. Dependencies are
//! compiled first; only the crate itself is measured, by what the kernel counts for `cargo` and its children.
#![allow(clippy::print_stdout, reason = "the figures are what it is run for")]

mod program;

use program::Kind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use triggerfish_benches::Result;
use triggerfish_benches::args::Args;
use triggerfish_benches::processes::children_time;
use triggerfish_benches::stats::Spread;

/// The most that the checks may add to a job, in milliseconds, and by what they may multiply the whole.
const MOST: f64 = 5.0;
const MOST_TIMES: f64 = 2.5;

fn main() -> Result<()> {
    let mut args = Args::from_env();
    let (jobs, rounds) = (args.get("--jobs", 200_usize)?, args.get("--rounds", 5_usize)?);
    args.finish()?;

    let kinds = [Kind::Plain, Kind::Unchecked, Kind::Checked];
    let crates = kinds.into_iter().map(|kind| Crate::write(kind, jobs)).collect::<Result<Vec<_>>>()?;
    let mut times = kinds.map(|_| Vec::new());
    for round in 0..=rounds {
        for (each, times) in crates.iter().zip(&mut times) {
            let took = each.check()?;
            // The first one compiled the dependencies.
            if round > 0 {
                times.push(took);
            }
        }
    }
    let [plain, unchecked, checked] = times.map(|times| Spread::of(times).median);
    let added = (checked - unchecked) / jobs as f64;
    println!("{jobs} jobs, CPU of `cargo check`, median of {rounds}:");
    println!("  plain functions  {plain:>6.0} ms");
    println!("  jobs, unchecked  {unchecked:>6.0} ms   {:.2} ms a job", (unchecked - plain) / jobs as f64);
    println!("  jobs, checked    {checked:>6.0} ms   {added:.2} ms a job more, {:.2}x", checked / unchecked);
    if added > MOST || checked > MOST_TIMES * unchecked {
        return Err(format!("the checks may add {MOST} ms to a job, and be {MOST_TIMES}x in all").into());
    }
    Ok(())
}

/// A crate that was written, with a target folder of its own kind.
struct Crate {
    folder: PathBuf,
    target: PathBuf,
    flags: &'static str,
}

impl Crate {
    fn write(kind: Kind, jobs: usize) -> Result<Self> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
        let base = target.join("check-cost");
        let folder = base.join(kind.name());
        std::fs::create_dir_all(folder.join("src"))?;
        std::fs::write(folder.join("Cargo.toml"), program::manifest(kind, &workspace))?;
        std::fs::write(folder.join("src/lib.rs"), program::source(kind, jobs))?;
        std::fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Crate {
            folder,
            target: base.join("target").join(kind.flags().len().to_string()),
            flags: kind.flags(),
        })
    }

    /// Checks the crate anew: milliseconds of CPU.
    fn check(&self) -> Result<f64> {
        let file = self.folder.join("src/lib.rs");
        let text = std::fs::read(&file)?;
        std::fs::write(&file, text)?;
        let before = children_time()?;
        let status = Command::new(env!("CARGO"))
            .args(["check", "--quiet", "--offline"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("RUSTFLAGS", self.flags)
            .stdin(Stdio::null())
            .status()?;
        if !status.success() {
            return Err(format!("`cargo check` in {} failed", self.folder.display()).into());
        }
        Ok((children_time()? - before).as_secs_f64() * 1000.0)
    }
}
