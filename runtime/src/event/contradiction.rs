//! Jobs whose filter and that of their event let nothing pass together.

use super::EventSpec;
use crate::job::JobSpec;
use crate::payload::Schema;
use triggerfish_filter::{Apart, Filter};

/// Why a job can never run: its filter narrows that of its event, and does not
/// take its place.
pub(crate) fn between(job: &JobSpec, own: &Filter, event: &EventSpec, of_event: &Filter) -> Option<String> {
    let is_object = |path: &[&str]| event.schema.is_some_and(|schema| is_object(schema, path));
    let Apart { path, first, second } = own.apart(of_event, is_object)?;
    Some(format!(
        "job \"{}\" ({}) can never run: its filter wants `{path}` to be {first}, and that of its event ({}) wants \
         {second}; a job's filter narrows that of its event, and does not replace it",
        job.id, job.location, event.location
    ))
}

/// Whether what stands at a path is an object wherever it is there.
fn is_object(schema: &'static Schema, path: &[&str]) -> bool {
    let Some(schema) = inside(schema) else { return false };
    match (path, schema) {
        ([], Schema::Struct { .. } | Schema::Map(_)) => true,
        ([_, rest @ ..], Schema::Map(value)) => is_object(value, rest),
        ([name, rest @ ..], Schema::Struct { fields, .. }) => {
            let known = fields.iter().find(|field| field.name == *name && !field.skipped);
            known.is_some_and(|field| is_object(field.schema, rest))
        }
        _ => false,
    }
}

/// The shape behind what wraps it; `None` for what stands for a shape around it.
fn inside(schema: &'static Schema) -> Option<&'static Schema> {
    match schema {
        Schema::Option(inner) | Schema::Recursive { schema: inner, .. } => inside(inner),
        Schema::SelfRef(_) => None,
        schema => Some(schema),
    }
}
