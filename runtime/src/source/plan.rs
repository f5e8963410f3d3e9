//! Which webhooks the jobs of a program need: one for each instance and key.

use super::live::{Instance, LiveSource};
use super::{Subscription, live::Wants};
use crate::job::JobSpec;
use crate::registry::Registry;
use crate::secret::{ResolveSecrets, SecretSource};
use crate::vault::KeptVerifier;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The instances of a program, and the webhooks that its jobs need. All problems at once.
pub(crate) fn plan(
    registry: &Registry,
    secrets: &dyn ResolveSecrets,
) -> Result<(Vec<Instance>, Vec<LiveSource>), Vec<String>> {
    let mut problems = Vec::new();
    let instances = instances(registry, secrets, &mut problems);
    let mut planned: BTreeMap<String, Planned<'_>> = BTreeMap::new();
    for job in registry.jobs().iter().filter(|job| job.enabled) {
        let Some(subscription) = registry.subscription(job) else { continue };
        let whose = format!("job \"{}\" ({})", job.id, job.location);
        match place(&subscription, &instances) {
            Err(problem) => problems.push(format!("{whose}: {problem}")),
            // Its instance is broken, which has been said.
            Ok(None) => {}
            Ok(Some((instance, params, address))) => {
                let wants = Wants { job, event: subscription.event };
                let known = planned.entry(address).or_insert_with(|| Planned {
                    instance,
                    params: params.clone(),
                    first: job,
                    wants: Vec::new(),
                });
                if known.params != params {
                    let first = known.first.id;
                    problems.push(format!(
                        "{whose} and job \"{first}\" share one webhook by their key, and their parameters differ: \
                         {params} and {}",
                        known.params
                    ));
                }
                known.wants.push(wants);
            }
        }
    }
    let cancelling = registry.jobs().iter().copied().filter(|job| !job.hooks.cancel_on.is_empty());
    let cancelling: Vec<_> = cancelling.collect();
    let mut sources = Vec::new();
    for (address, Planned { instance, params, wants, .. }) in planned {
        let owner = crate::store::secret_owner(&address);
        let verifier = instance.source.verifier(SecretSource::Managed);
        let made = match KeptVerifier::new(verifier, owner, secrets) {
            Ok((kept, stand_in)) => {
                let cancelling = cancelling.clone();
                LiveSource::new(
                    address.clone(),
                    instance.clone(),
                    params,
                    wants,
                    cancelling,
                    (kept, &stand_in),
                )
            }
            Err(all) => Err(all.iter().map(ToString::to_string).collect()),
        };
        match made {
            Ok(source) => sources.push(source),
            Err(all) => {
                problems.extend(all.into_iter().map(|problem| format!("source \"{address}\": {problem}")));
            }
        }
    }
    if problems.is_empty() { Ok((instances, sources)) } else { Err(problems) }
}

struct Planned<'i> {
    instance: &'i Instance,
    params: Value,
    /// The job that wanted it first.
    first: &'static JobSpec,
    wants: Vec<Wants>,
}

fn instances(registry: &Registry, secrets: &dyn ResolveSecrets, problems: &mut Vec<String>) -> Vec<Instance> {
    let mut instances: Vec<Instance> = Vec::new();
    for spec in registry.instances() {
        let whose = format!("source `{}` ({})", spec.name, spec.location);
        match (spec.make)(secrets) {
            Ok(source) => {
                let id = source.0.id();
                if let Some(problem) = segment(id) {
                    problems.push(format!("{whose}: its id {id:?} {problem}"));
                } else if let Some(other) = instances.iter().find(|other| other.source.id() == id) {
                    let other = format!("`{}` ({})", other.spec.name, other.spec.location);
                    problems.push(format!("{whose} and {other} have the same id \"{id}\""));
                } else {
                    instances.push(Instance { spec, source: Arc::clone(&source.0) });
                }
            }
            Err(all) => problems.extend(all.iter().map(|problem| format!("{whose}: {problem}"))),
        }
    }
    instances
}

/// The instance, the parameters and the address of a subscription.
fn place<'i>(
    subscription: &Subscription,
    instances: &'i [Instance],
) -> Result<Option<(&'i Instance, Value, String)>, String> {
    let Some(instance) = choose(subscription, instances)? else { return Ok(None) };
    let params = (subscription.params)()?;
    let key = instance.source.key(&params)?;
    if let Some(problem) = segment(&key) {
        return Err(format!("the key {key:?} of its webhook {problem}"));
    }
    let address = format!("{}/{key}", instance.source.id());
    Ok(Some((instance, params, address)))
}

fn choose<'i>(
    subscription: &Subscription,
    instances: &'i [Instance],
) -> Result<Option<&'i Instance>, String> {
    if let Some(account) = subscription.account {
        return Ok(instances.iter().find(|instance| instance.spec.location == account.location));
    }
    let of = |instance: &&Instance| instance.spec.source.location == subscription.source.location;
    let all: Vec<_> = instances.iter().filter(of).collect();
    match all.as_slice() {
        [] => Err(format!(
            "it is triggered by {:?} of the external source \"{}\", of which there is no instance: \
             declare one with `#[source]`",
            subscription.event.names, subscription.source.id
        )),
        [only] => Ok(Some(only)),
        several => {
            let names: Vec<_> = several.iter().map(|instance| format!("`{}`", instance.spec.name)).collect();
            let example = several.first().map_or("", |instance| instance.spec.name);
            Err(format!(
                "{:?} may come from {}: name one, for example `account = {example}`",
                subscription.event.names,
                names.join(" or ")
            ))
        }
    }
}

/// What keeps a text from being a segment of a URL.
fn segment(text: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '~');
    match text {
        "" => Some("is empty"),
        "." | ".." => Some("is removed from a URL by clients"),
        text if text.len() > 200 => Some("is longer than 200 characters"),
        text if !text.chars().all(plain) => {
            Some("is a part of a URL: it takes letters, digits, `.`, `_`, `-` and `~`")
        }
        _ => None,
    }
}
