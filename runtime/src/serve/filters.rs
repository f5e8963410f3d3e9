//! The filters of an endpoint: which of its jobs take a request, and what is
//! wrong or odd about them when they are seen together.

use crate::endpoint::EndpointSpec;
use crate::job::JobSpec;
use crate::registry::Registry;
use crate::verdict::Reasons;
use triggerfish_filter::{Filter, FilterSet, Overlap, Pattern, Root};

/// The filters of an endpoint.
pub(crate) struct Filters {
    /// The jobs that run, in the order of `set`.
    pub(crate) jobs: Vec<&'static JobSpec>,
    pub(crate) set: FilterSet,
    /// What is told about jobs that do not run.
    pub(super) reasons: Reasons,
    /// Which requests `respond_with` answers; `None` for all.
    pub(crate) respond: Option<Filter>,
}

impl Filters {
    /// Builds the filters of an endpoint. All problems at once.
    pub(crate) fn build(spec: &EndpointSpec, registry: &Registry) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut filter = |pattern: Option<Pattern<'static>>, whose: &str| {
            let made = pattern.map(|pattern| Filter::from_pattern(pattern, Root::Request)).transpose();
            let told = |all: Vec<_>| problems.extend(all.iter().map(|problem| format!("{whose}: {problem}")));
            made.map_err(told).ok().flatten()
        };
        let jobs: Vec<_> = registry.jobs_of(spec).filter(|job| job.enabled).collect();
        let whose = |job: &JobSpec| format!("the filter of job \"{}\" ({})", job.id, job.location);
        let filters: Vec<_> = jobs.iter().map(|job| filter(job.filter, &whose(job))).collect();
        let respond =
            filter(spec.respond_with.and_then(|respond| respond.filter), "the filter of `respond_with`");
        if spec.respond_with.is_some_and(|respond| respond.skip_triggering_runs) {
            for (job, filter) in jobs.iter().zip(&filters) {
                let swallowed = match (&respond, filter) {
                    (None, _) => true,
                    (Some(answered), Some(filter)) => filter.implies(answered),
                    (Some(_), None) => false,
                };
                if swallowed {
                    problems.push(format!(
                        "job \"{}\" ({}) can never run: `respond_with` answers every request that it takes, \
                         and `skip_triggering_runs` ends them there; narrow the filter of `respond_with`",
                        job.id, job.location
                    ));
                }
            }
        }
        match FilterSet::build(filters) {
            Ok(set) if problems.is_empty() => {
                Ok(Filters { reasons: Reasons::new(jobs.len()), jobs, set, respond })
            }
            Ok(_) => Err(problems),
            Err(all) => {
                problems.extend(all.iter().map(ToString::to_string));
                Err(problems)
            }
        }
    }

    /// Jobs that run on the same events, or on some of another's: often meant,
    /// sometimes a copy whose filter was forgotten. There may be more than are found.
    pub(crate) fn notes(&self) -> Vec<String> {
        let id = |index: usize| self.jobs.get(index).map_or("?", |job| job.id);
        let told = |overlap| match overlap {
            Overlap::Same { first, second } => {
                format!("jobs {} and {} have the same filter: both run on each event", id(first), id(second))
            }
            Overlap::Implied { narrow, wide } => {
                format!("every event for job {} also runs job {}", id(narrow), id(wide))
            }
        };
        self.set.overlaps().into_iter().map(told).collect()
    }
}
