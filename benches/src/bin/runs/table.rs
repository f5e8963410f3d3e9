//! The figures of all rounds, in markdown.

use std::collections::BTreeMap;
use std::fmt::Write;
use triggerfish_benches::stats::Spread;

/// Figures by what they are of, a value for each round.
#[derive(Default)]
pub(crate) struct Table {
    names: Vec<String>,
    rounds: BTreeMap<String, Vec<f64>>,
}

impl Table {
    /// Notes a figure of this round.
    pub(crate) fn note(&mut self, name: impl Into<String>, figure: f64) {
        let name = name.into();
        if !self.rounds.contains_key(&name) {
            self.names.push(name.clone());
        }
        self.rounds.entry(name).or_default().push(figure);
    }

    /// The median of the ratios within a round.
    pub(crate) fn ratio(&self, of: &str, to: &str) -> Option<Spread> {
        let (of, to) = (self.rounds.get(of)?, self.rounds.get(to)?);
        Some(Spread::of(of.iter().zip(to).map(|(of, to)| of / to)))
    }

    /// All of them, with medians and quartiles.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from("| | median [quartiles] |\n|---|---|\n");
        for name in &self.names {
            let spread = Spread::of(self.rounds.get(name).into_iter().flatten().copied());
            let digits = usize::from(spread.median < 1000.0) + usize::from(spread.median < 10.0);
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "| {name} | {:.digits$} [{:.digits$} {:.digits$}] |",
                spread.median, spread.q1, spread.q3
            );
        }
        text
    }
}
