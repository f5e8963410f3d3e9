//! Medians and quartiles: one disturbed round must not decide.

/// The middle of some figures, and the quarters around it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// A quarter of the figures is below.
    pub q1: f64,
    /// Half of the figures is below.
    pub median: f64,
    /// A quarter of the figures is above.
    pub q3: f64,
}

impl Spread {
    /// Of `figures`, in any order; zero where there are none.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<_> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        Spread { q1: at(&figures, 0.25), median: at(&figures, 0.5), q3: at(&figures, 0.75) }
    }
}

/// The figure at a share of the sorted figures, between two neighbours where it falls between them.
fn at(sorted: &[f64], share: f64) -> f64 {
    let place = sorted.len().saturating_sub(1) as f64 * share;
    let (low, high) = (sorted.get(place.floor() as usize), sorted.get(place.ceil() as usize));
    match (low, high) {
        (Some(low), Some(high)) => low + (high - low) * place.fract(),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_that_of_the_sorted_figures() {
        let spread = Spread::of([9.0, 1.0, 3.0, 5.0, 7.0]);
        assert_eq!(spread, Spread { q1: 3.0, median: 5.0, q3: 7.0 });
        assert_eq!(Spread::of([1.0, 2.0]).median, 1.5);
        assert_eq!(Spread::of([]), Spread::default());
    }
}
