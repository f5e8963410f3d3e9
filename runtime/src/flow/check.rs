//! What is wrong with the flow of jobs when all of them are seen together.

use super::{Flow, Limit, PathPart, ValuePath};
use crate::job::JobSpec;
use std::collections::HashMap;

/// Limits that share a name and do not agree; keys that must not be stored.
pub(crate) fn problems(jobs: &[&'static JobSpec]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut named: HashMap<(&str, &str), (&JobSpec, Limit)> = HashMap::new();
    for job in jobs {
        for limit in job.flow.limits() {
            let Some(name) = limit.name else { continue };
            let (first, same) = *named.entry((limit.what, name)).or_insert((job, limit));
            if same.limit != limit.limit || same.per != limit.per {
                problems.push(format!(
                    "jobs \"{}\" ({}) and \"{}\" ({}) share the {} \"{name}\", with {same} and {limit}; \
                     give both the same numbers, or different names",
                    first.id, first.location, job.id, job.location, limit.what
                ));
            } else if same.key.is_some() != limit.key.is_some() {
                problems.push(format!(
                    "jobs \"{}\" ({}) and \"{}\" ({}) share the {} \"{name}\", but only one of them has a `key`: \
                     they would never count together",
                    first.id, first.location, job.id, job.location, limit.what
                ));
            }
        }
        for path in paths(job) {
            if let ValuePath([PathPart::Field("headers"), PathPart::Field(name)]) = path
                && crate::request::is_secret_name(name)
            {
                problems.push(format!(
                    "job \"{}\" ({}) takes its key from `headers[\"{name}\"]`, which holds a credential and is \
                     never stored; take another header",
                    job.id, job.location
                ));
            }
        }
    }
    problems
}

fn paths(job: &JobSpec) -> impl Iterator<Item = ValuePath> {
    let Flow { fifo, debounce, batch, .. } = job.flow;
    let limits = job.flow.limits().filter_map(|limit| limit.key);
    let cancels = job.hooks.cancel_on.iter().map(|cancel| cancel.ours);
    limits
        .chain(fifo.and_then(|fifo| fifo.key))
        .chain(debounce.and_then(|debounce| debounce.key))
        .chain(batch.and_then(|batch| batch.key))
        .chain(cancels)
}
