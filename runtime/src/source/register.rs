//! Registration: compared with what is wanted at start-up, and done by runs.

use super::any::Wanted;
use super::live::{AtWork, LiveSource, Sources, is_same};
use super::{OwnSecret, Registered};
use crate::BoxFuture;
use crate::endpoint::{Location, TriggerSpec};
use crate::error::{Error, Result};
use crate::flow::Flow;
use crate::hook::Hooks;
use crate::job::{JobError, JobSpec, Outcome, RetryPolicy};
use crate::run::{Invocation, Io};
use crate::store::{
    EventRecord, EventState, NewEvent, NewRun, OriginId, RunHooks, RunQuery, RunState, SourceRow, Store,
    StoreError,
};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// How long what an old secret signed is still accepted: as long as providers
/// try to deliver what they have signed.
const OLD_VALID_FOR: Duration = Duration::from_secs(3 * 24 * 3600);

/// What a registration run is to do; the payload of its event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Make a webhook what it should be.
    Register {
        /// Which.
        address: String,
        /// The URL that it is to call.
        url: String,
        /// The version of its source.
        version: String,
        /// The events that are wanted.
        events: Vec<String>,
    },
    /// Remove a webhook.
    Unregister {
        /// Which.
        address: String,
    },
}

impl Order {
    /// The webhook that it is about.
    pub(crate) fn address(&self) -> &str {
        match self {
            Order::Register { address, .. } | Order::Unregister { address } => address,
        }
    }
}

const LOCATION: Location = Location { package: "triggerfish", file: file!(), line: line!(), column: 1 };

/// The job of registration runs. Its retries outlast an hour of a provider's trouble.
pub(crate) static REGISTER: JobSpec = JobSpec {
    id: "triggerfish/register",
    name: "Register webhooks",
    version: env!("CARGO_PKG_VERSION"),
    enabled: true,
    trigger: TriggerSpec::Invoke,
    filter: None,
    is_typed: false,
    retry: RetryPolicy {
        limit: 10,
        factor: 3.0,
        min: Duration::from_secs(5),
        max: Duration::from_secs(3600),
    },
    timeout: Some(Duration::from_secs(600)),
    log_level: None,
    flow: Flow::NONE,
    hooks: Hooks::NONE,
    run,
    missing: |_| Vec::new(),
    location: LOCATION,
};

/// The event of an order.
const ORDERED: &str = "triggerfish.register";

/// The orders that a start gives: a webhook differs from what is wanted, and no
/// run is about to change that. Runs that want something else are over.
pub(crate) async fn orders(
    sources: &Sources,
    store: &dyn Store,
    rows: &[SourceRow],
) -> Result<Vec<Order>, StoreError> {
    let open = open(store).await?;
    let mut orders = Vec::new();
    for webhook in sources.webhooks() {
        let Some(url) = sources.url(&webhook.address) else { continue };
        let row = rows.iter().find(|row| row.address == webhook.address);
        let version = webhook.instance.spec.source.version.to_owned();
        let wanted = Order::Register {
            address: webhook.address.clone(),
            url,
            version,
            events: webhook.events.clone(),
        };
        let (mut same, mut others) = (false, Vec::new());
        for (run, order) in &open {
            if *order == wanted {
                same = true;
            } else if order.address() == webhook.address {
                others.push(*run);
            }
        }
        for run in others {
            match store.cancel(run).await {
                // Ended in the meantime, which is as good.
                Ok(()) | Err(StoreError::Stale) => {}
                Err(error) => return Err(error),
            }
        }
        if !same && !row.is_some_and(|row| is_registered(row, &wanted)) {
            orders.push(wanted);
        }
    }
    Ok(orders)
}

/// Registration runs that are not over, with their orders.
async fn open(store: &dyn Store) -> Result<Vec<(uuid::Uuid, Order)>, StoreError> {
    let mut open = Vec::new();
    for state in [RunState::Queued, RunState::Running, RunState::Parked] {
        let job = Some(REGISTER.id.to_owned());
        let query = RunQuery { job, state: Some(state), limit: 1000, ..RunQuery::default() };
        for run in store.runs(query).await? {
            if let OriginId::Event(event) = run.origin
                && let Some(event) = store.event(event).await?
                && let Ok(order) = serde_json::from_slice(&event.payload)
            {
                open.push((run.id, order));
            }
        }
    }
    Ok(open)
}

/// Whether a registration is what is wanted. What nobody wants any more waits
/// for the next change, so that two versions of a program that take turns do
/// not register in turns.
fn is_registered(row: &SourceRow, wanted: &Order) -> bool {
    let Order::Register { url, version, events, .. } = wanted else { return false };
    row.url == *url && row.version == *version && events.iter().all(|event| row.events.contains(event))
}

/// The event of an order, with its run.
pub(crate) fn order(order: &Order, now: Timestamp) -> Result<NewEvent> {
    let record = EventRecord {
        id: crate::id::new(now),
        name: ORDERED.into(),
        source: None,
        job: Some(REGISTER.id.into()),
        key: None,
        payload: serde_json::to_vec(order)?.into(),
        context: None,
        properties: None,
        at: now,
        due_at: None,
        state: EventState::Sent,
        delivery: None,
        sender: None,
        test: false,
    };
    let run = NewRun {
        id: crate::id::new(now),
        job: REGISTER.id,
        version: REGISTER.version,
        limit: REGISTER.retry.limit,
        slot: None,
        flow: None,
        hooks: RunHooks::default(),
    };
    Ok(NewEvent { event: Arc::new(record), runs: vec![run], cancels: Vec::new() })
}

fn run(invocation: Invocation) -> BoxFuture<'static, Outcome> {
    Box::pin(async move {
        let done = follow(&invocation).await;
        done.map(|()| None).map_err(|error| JobError::Failed(error.into()))
    })
}

async fn follow(invocation: &Invocation) -> Result<()> {
    let order: Order = serde_json::from_slice(invocation.origin().payload())?;
    let sources = invocation.state().get::<Sources>();
    let sources = sources.as_deref().ok_or_else(|| Error::fatal("this program has no external sources"))?;
    let at_work = sources.at_work().ok_or_else(|| Error::msg("the program has not started yet"))?;
    match order {
        Order::Register { address, url, version, events } => {
            let webhook = sources.webhook(&address).ok_or_else(|| {
                Error::fatal(format!("no job of this program wants the webhook \"{address}\""))
            })?;
            let row = register(webhook, at_work, Target { url, version, events }, &invocation.io).await?;
            invocation
                .io
                .logger()
                .info(format_args!("registered {} for {}", row.url, row.events.join(", ")), ());
        }
        Order::Unregister { address } => {
            let rows = at_work.store.sources().await?;
            let Some(row) = rows.into_iter().find(|row| row.address == address) else { return Ok(()) };
            let instance = sources.instance(&row.instance).ok_or_else(|| {
                let id = &row.instance;
                Error::fatal(format!(
                    "this program has no source \"{id}\" that could unregister \"{address}\""
                ))
            })?;
            instance.source.unregister(&row, &invocation.io).await?;
            at_work.store.drop_source(&address).await?;
            if let Some(webhook) = sources.webhook(&address) {
                webhook.kept.forget();
                webhook.registered.set(None);
            }
            invocation.io.logger().info(format_args!("unregistered {}", row.url), ());
        }
    }
    Ok(())
}

struct Target {
    url: String,
    version: String,
    events: Vec<String>,
}

/// Registers, and keeps what came of it. All of it may be done again.
async fn register(webhook: &LiveSource, at_work: &AtWork, target: Target, io: &Io) -> Result<SourceRow> {
    let AtWork { store, vault } = at_work;
    let Target { url, version, events } = target;
    let row = webhook.registered.row();
    let wanted = Wanted {
        address: &webhook.address,
        url: &url,
        params: &webhook.params,
        events: &events,
        row: row.as_deref(),
        own: OwnSecret { kept: Arc::clone(&webhook.kept), vault: vault.clone() },
    };
    let Registered { data, secret } = webhook.instance.source.register(wanted, io).await?;
    if let Some(sealed) = secret {
        let secret = io.open(&sealed)?;
        if secret.is_blank() {
            return Err(Error::fatal(
                "the provider returned no secret: a signature made with an empty key proves nothing",
            ));
        }
        let owner = crate::store::secret_owner(&webhook.address);
        loop {
            let known = vault.read(&owner).await?;
            let newest = known.first();
            if is_same(newest.map(|newest| &newest.secret), &secret) {
                break;
            }
            let last = newest.map_or(0, |newest| newest.version);
            if vault.add(&owner, last, &secret, vault.now().plus(OLD_VALID_FOR)).await? {
                break;
            }
        }
    }
    webhook.kept.load_known(vault).await?;
    if webhook.kept.ready().is_none() {
        return Err(Error::fatal("the registration returned no secret, and none is known"));
    }
    let row = SourceRow {
        address: webhook.address.clone(),
        source: webhook.instance.spec.source.id.to_owned(),
        version,
        instance: webhook.instance.source.id().to_owned(),
        params: webhook.params.to_string(),
        url,
        events,
        data,
        metadata: None,
        revision: 0,
        registered_at: vault.now(),
    };
    store.keep_source(row.clone()).await?;
    webhook.registered.renew(row.clone());
    Ok(row)
}
