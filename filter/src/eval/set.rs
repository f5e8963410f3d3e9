//! All filters of an endpoint, in the order in which its jobs were declared.

use std::fmt;

use super::explain::{Explain, Explainer};
use super::parts::{BodyError, Decoded, Parts};
use crate::{Filter, Root};

/// The filters of one endpoint's jobs.
#[derive(Debug)]
pub struct FilterSet {
    filters: Vec<Option<Filter>>,
}

/// What [`FilterSet::matches`] needs anew for every event: keep one for each thread.
#[derive(Debug, Default)]
pub struct Scratch {
    indexes: Vec<usize>,
}

/// Which filters let an event pass.
#[derive(Debug)]
pub struct Matches<'s> {
    /// Where they stood among those given to [`FilterSet::build`], ascending.
    pub indexes: &'s [usize],
    /// Why filters that mention the body cannot match; none if no filter does.
    pub body_error: Option<BodyError>,
}

/// Why filters do not make a set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetProblem {
    /// One looks at requests, another at payloads.
    Roots {
        /// Which of the filters given.
        index: usize,
    },
}

impl FilterSet {
    /// Prepares the filters of an endpoint; `None` lets everything pass.
    ///
    /// # Errors
    /// All problems.
    pub fn build(filters: impl IntoIterator<Item = Option<Filter>>) -> Result<FilterSet, Vec<SetProblem>> {
        let filters: Vec<_> = filters.into_iter().collect();
        let root = filters.iter().flatten().next().map_or(Root::Request, Filter::root);
        let differs =
            |(_, filter): &(usize, &Option<Filter>)| filter.as_ref().is_some_and(|f| f.root() != root);
        let problems: Vec<_> = filters
            .iter()
            .enumerate()
            .filter(differs)
            .map(|(index, _)| SetProblem::Roots { index })
            .collect();
        if problems.is_empty() { Ok(FilterSet { filters }) } else { Err(problems) }
    }

    /// Room for evaluating this set.
    pub fn scratch(&self) -> Scratch {
        Scratch::default()
    }

    /// The filters that let an event pass.
    pub fn matches<'s>(&self, parts: &Parts<'_>, scratch: &'s mut Scratch) -> Matches<'s> {
        let decoded = Decoded::new(parts);
        scratch.indexes.clear();
        let hits =
            self.filters.iter().enumerate().filter(|(_, f)| f.as_ref().is_none_or(|f| f.holds(&decoded)));
        scratch.indexes.extend(hits.map(|(index, _)| index));
        let body_error =
            decoded.body.err().filter(|_| self.filters.iter().flatten().any(Filter::mentions_body));
        Matches { indexes: &scratch.indexes, body_error }
    }

    /// Why a filter did not match; `None` if it did.
    pub fn explain(&self, index: usize, parts: &Parts<'_>) -> Option<Explain> {
        self.explainer(parts).explain(index)
    }

    /// For the reasons of more than one filter: reads the event once.
    pub fn explainer<'s>(&'s self, parts: &Parts<'s>) -> Explainer<'s> {
        Explainer::new(&self.filters, parts)
    }

    /// How many filters there are.
    pub fn len(&self) -> usize {
        self.filters.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }
}

impl Filter {
    /// Whether the body must be read for this filter.
    pub fn mentions_body(&self) -> bool {
        self.root() == Root::Payload || self.fields().iter().any(|field| &*field.name == "body")
    }
}

impl fmt::Display for SetProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetProblem::Roots { index } => {
                write!(
                    f,
                    "filter {index} is rooted elsewhere than the first: one looks at requests, one at payloads"
                )
            }
        }
    }
}

impl std::error::Error for SetProblem {}
