//! Prints how many times a second 4 KiB can be made durable in a directory.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use triggerfish_benches::args::Args;
use triggerfish_benches::{Result, disk};

fn main() -> Result<()> {
    let mut args = Args::from_env();
    let directory: PathBuf = args.get("--dir", std::env::temp_dir().display().to_string())?.into();
    let time = Duration::from_secs_f64(args.get("--seconds", 1.0)?);
    args.finish()?;
    let rate = disk::syncs_per_second(&directory, time)?;
    writeln!(std::io::stdout(), "{rate:.0} fdatasync/s on {}", disk::file_system(&directory)?)?;
    Ok(())
}
