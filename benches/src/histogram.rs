//! Durations in buckets that are less than one percent wide.

use std::time::Duration;

/// Buckets in each power of two, as a power of two.
const BITS: u32 = 7;

/// Counts durations; takes no memory for each of them.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { counts: vec![0; bucket(u64::MAX) + 1], total: 0 }
    }
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&mut self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        if let Some(count) = self.counts.get_mut(bucket(nanos)) {
            *count += 1;
            self.total += 1;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.total = 0;
    }

    /// The duration that a `share` of all stays within, 0 to 1.
    pub fn quantile(&self, share: f64) -> Duration {
        let wanted = (self.total as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_nanos(lower_bound(index));
            }
        }
        Duration::ZERO
    }
}

/// Small values have a bucket each; above, a bucket is named by the position of
/// the highest bit and the `BITS` bits that follow it.
fn bucket(nanos: u64) -> usize {
    let shift = (u64::BITS - nanos.leading_zeros()).saturating_sub(BITS + 1);
    (shift as usize) * (1 << BITS) + (nanos >> shift) as usize
}

fn lower_bound(bucket: usize) -> u64 {
    let shift = (bucket >> BITS).saturating_sub(1);
    ((bucket - (shift << BITS)) as u64) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_begins_where_the_one_before_it_ends() {
        for index in 1..=bucket(u64::MAX) {
            let start = lower_bound(index);
            assert_eq!(bucket(start), index);
            assert_eq!(bucket(start - 1), index - 1);
        }
    }

    #[test]
    fn quantiles_are_within_one_percent() {
        let mut histogram = Histogram::default();
        (1..=100_000).for_each(|micros| histogram.record(Duration::from_micros(micros)));
        for share in [0.5, 0.9, 0.99, 1.0] {
            let got = histogram.quantile(share).as_secs_f64() / (0.1 * share);
            assert!((0.99..=1.01).contains(&got), "{share}: {got}");
        }
        histogram.clear();
        assert_eq!(histogram.quantile(0.5), Duration::ZERO);
    }
}
