//! CPU time of processes and of the machine, as Linux counts it.

use crate::Result;
use std::time::Duration;

/// Linux counts in hundredths of a second, whatever the kernel's own tick is.
const TICK: Duration = Duration::from_millis(10);

/// The CPU time of a process and all its threads until now; `None` for this one.
///
/// # Errors
///
/// There is no such process.
pub fn cpu_time(pid: Option<u32>) -> Result<Duration> {
    let file = pid.map_or_else(|| "/proc/self/stat".to_owned(), |pid| format!("/proc/{pid}/stat"));
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    in_stat(&text, 11).ok_or_else(|| format!("{file} is not as expected").into())
}

/// The CPU time of the children of this process that have ended, and of theirs.
///
/// # Errors
///
/// `/proc/self/stat` cannot be read.
pub fn children_time() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    in_stat(&text, 13).ok_or_else(|| "/proc/self/stat is not as expected".into())
}

/// User and system time. The fields are counted from the last `)`, because a
/// program's name may hold anything.
fn in_stat(text: &str, first: usize) -> Option<Duration> {
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(first);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * (user + system))
}

/// The CPU time that everything on this machine took until now.
///
/// # Errors
///
/// `/proc/stat` cannot be read.
pub fn machine_time() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/stat")?;
    in_machine_stat(&text).ok_or_else(|| "/proc/stat is not as expected".into())
}

/// All but idling, waiting for the disk, and guests, who are counted as users already.
fn in_machine_stat(text: &str) -> Option<Duration> {
    let ticks = text.lines().next()?.strip_prefix("cpu ")?.split_ascii_whitespace().take(8).enumerate();
    let busy = ticks.filter(|(index, _)| !matches!(index, 3 | 4));
    let ticks: u32 = busy.filter_map(|(_, ticks)| ticks.parse::<u32>().ok()).sum();
    Some(TICK * ticks)
}

/// How many tasks wanted a core during the last minute.
///
/// # Errors
///
/// `/proc/loadavg` cannot be read.
pub fn load_average() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split_ascii_whitespace().next().unwrap_or_default().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_brackets_is_passed_over() {
        let text = "7 (a) b (c)) S 1 7 7 0 -1 4194560 1500 0 3 0 120 30 0 0 20 0 4 0 9 1 2";
        assert_eq!(in_stat(text, 11), Some(Duration::from_millis(1500)));
        assert_eq!(in_stat(text, 13), Some(Duration::ZERO));
    }

    #[test]
    fn idling_is_not_work() {
        let text = "cpu  100 2 50 9000 700 3 5 1 40 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
        assert_eq!(in_machine_stat(text), Some(Duration::from_millis(1610)));
    }

    #[test]
    fn this_process_has_a_time() {
        assert!(cpu_time(None).is_ok() && cpu_time(Some(std::process::id())).is_ok());
        assert!(machine_time().is_ok() && load_average().is_ok());
    }
}
