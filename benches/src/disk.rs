//! How fast the disk is at this moment: no durable figure means anything without it.

use crate::Result;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

const BLOCK: usize = 4096;

/// How many blocks the probe writes round and round.
const BLOCKS: u64 = 256;

/// How many times a second a block of 4 KiB that exists already can be
/// overwritten and made durable in `directory`. Asks for about `time`.
///
/// # Errors
///
/// The directory cannot be written to.
pub fn syncs_per_second(directory: &Path, time: Duration) -> Result<f64> {
    let path = directory.join("fdatasync-probe");
    let file = OpenOptions::new().create(true).truncate(true).read(true).write(true).open(&path)?;
    // Removed by its name at once, so that nothing is left behind however this ends.
    std::fs::remove_file(&path)?;
    let mut block = [0_u8; BLOCK];
    for index in 0..BLOCKS {
        file.write_all_at(&block, index * BLOCK as u64)?;
    }
    file.sync_all()?;
    let begun = Instant::now();
    let mut count = 0_u64;
    while begun.elapsed() < time {
        block.fill(count as u8);
        file.write_all_at(&block, (count % BLOCKS) * BLOCK as u64)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

/// The type of the file system that holds `directory`.
///
/// # Errors
///
/// The directory does not exist.
pub fn file_system(directory: &Path) -> Result<String> {
    let directory = directory.canonicalize()?;
    let mounts = std::fs::read_to_string("/proc/mounts")?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let holder = mounts.filter(|(at, _)| directory.starts_with(at)).max_by_key(|(at, _)| at.len());
    Ok(holder.map_or_else(|| "unknown".to_owned(), |(_, kind)| kind.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_leaves_nothing_behind() -> Result<()> {
        let directory = tempfile::tempdir()?;
        assert!(syncs_per_second(directory.path(), Duration::from_millis(20))? > 0.0);
        assert_eq!(std::fs::read_dir(directory.path())?.count(), 0);
        assert!(!file_system(directory.path())?.is_empty());
        Ok(())
    }
}
