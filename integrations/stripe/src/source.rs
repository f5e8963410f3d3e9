//! The webhook: how it is registered, what its requests mean.

use crate::client::Call;
use crate::events::*;
use crate::types::List;
use crate::{API_VERSION, Stripe};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use triggerfish::error::{Error, Result};
use triggerfish::external_source;
use triggerfish::request::Request;
use triggerfish::run::Io;
use triggerfish::secret::{ResolveSecrets, SecretProblem, SecretSource};
use triggerfish::source::{ExternalSource, Handled, Page, Registered, Registration, SourceEvent, Webhook};
use triggerfish::verify::Verifier;

/// What a job may say beside its event: `on_price_created(connect = true)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StripeParams {
    /// Whether it wants the events of connected accounts, and not those of its own.
    pub connect: bool,
}

/// The webhook endpoint, as it was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookData {
    /// Its id, `we_...`.
    pub id: String,
    /// The version of the API in which it sends events. Stripe never changes it.
    pub api_version: Option<String>,
}

/// The key of the metadata that says whose a webhook endpoint is.
const OURS: &str = "triggerfish";

/// Types of events that one list may ask for.
const MOST_TYPES: usize = 20;

#[external_source(
    id = "stripe.webhook",
    version = "0.1.0",
    events = [
        on_event,
        on_charge_captured,
        on_charge_dispute_created,
        on_charge_failed,
        on_charge_refunded,
        on_charge_succeeded,
        on_checkout_session_async_payment_succeeded,
        on_checkout_session_completed,
        on_checkout_session_expired,
        on_customer_created,
        on_customer_deleted,
        on_customer_updated,
        on_customer_subscription_created,
        on_customer_subscription_deleted,
        on_customer_subscription_paused,
        on_customer_subscription_resumed,
        on_customer_subscription_trial_will_end,
        on_customer_subscription_updated,
        on_invoice_created,
        on_invoice_finalized,
        on_invoice_paid,
        on_invoice_payment_failed,
        on_invoice_upcoming,
        on_payment_intent_canceled,
        on_payment_intent_created,
        on_payment_intent_payment_failed,
        on_payment_intent_requires_action,
        on_payment_intent_succeeded,
        on_price_created,
        on_price_deleted,
        on_price_updated,
        on_refund_created,
        on_refund_failed,
        on_refund_updated,
    ],
)]
impl ExternalSource for Stripe {
    type Params = StripeParams;
    type Data = WebhookData;

    fn id(&self) -> &str {
        self.account.id()
    }

    fn connect(&mut self, secrets: &dyn ResolveSecrets) -> Result<(), Vec<SecretProblem>> {
        self.account.connect(secrets)
    }

    fn key(params: &StripeParams) -> Result<String, String> {
        Ok(if params.connect { "stripe.webhook.connect" } else { "stripe.webhook" }.to_owned())
    }

    fn verifier(&self, secret: SecretSource) -> Verifier {
        Verifier::stripe(secret)
    }

    /// Stripe shows a secret once, in the answer to the creation. So an endpoint
    /// whose secret is not known is of no use: another one is made, and then it is
    /// removed, so that no event is lost in between.
    async fn register(&self, wanted: &Registration<Self>, io: &Io) -> Result<Registered<WebhookData>> {
        let hooks = self.tasks(io);
        let hooks = hooks.webhook_endpoints();
        let common = json!({
            "url": wanted.url,
            "enabled_events": wanted.desired,
            "metadata": { OURS: wanted.address },
            "description": "Registered by Triggerfish",
        });
        let active = wanted.active.as_ref().map(|active| &active.data);
        if let Some(active) = active.filter(|active| active.api_version.as_deref() == Some(API_VERSION)) {
            let mut changed = common.clone();
            changed["disabled"] = false.into();
            if hooks.update("update", &active.id, changed).await?.is_some() {
                return Ok(Registered::new(active.clone()));
            }
        }
        let mut new = common;
        new["api_version"] = API_VERSION.into();
        new["connect"] = wanted.params.connect.into();
        let created = hooks.create("create", new).await?;
        let id = created.webhook.id;
        // Those that an attempt before this one has left, and the one that this takes the place of.
        for other in hooks.list("list").await? {
            let left = other.url == wanted.url
                && other.metadata.get(OURS).is_some_and(|address| *address == wanted.address);
            let replaced = active.is_some_and(|active| active.id == other.id);
            if other.id != id && (left || replaced) {
                hooks.delete(("delete", &other.id), &other.id).await?;
            }
        }
        let data = WebhookData { id, api_version: created.webhook.api_version };
        Ok(Registered::new(data).secret(created.secret))
    }

    async fn handle(&self, request: &Request, _: &Webhook<Self>) -> Result<Handled> {
        let event: Event<'_> = serde_json::from_slice(request.body())
            .map_err(|error| Error::msg(format_args!("the body is no event of Stripe's: {error}")))?;
        Ok(Handled::events([event.into()]))
    }

    async fn unregister(&self, webhook: &Webhook<Self>, io: &Io) -> Result<()> {
        self.tasks(io).webhook_endpoints().delete("delete", &webhook.data.id).await?;
        Ok(())
    }

    /// Stripe lists the events of the last 30 days, of its own account alone.
    async fn backfill(
        &self,
        webhook: &Webhook<Self>,
        since: SystemTime,
        page: Option<String>,
    ) -> Result<Page> {
        if webhook.params.connect {
            return Err(Error::fatal("Stripe does not list the events of connected accounts together"));
        }
        let since = since.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let all = webhook.events.iter().any(|event| event == ANY);
        let types = (!all && webhook.events.len() <= MOST_TYPES).then_some(&webhook.events);
        let params = json!({
            "created": { "gte": since },
            "limit": 100,
            "starting_after": page,
            "types": types,
        });
        let call = Call {
            method: Method::GET,
            path: "/v1/events",
            params: &params,
            idempotency_key: None,
            account: None,
        };
        let List { data, has_more } = self.call::<List<Box<RawValue>>>(call).await?;
        let mut events = Vec::new();
        let mut last = None;
        for event in &data {
            let event: Event<'_> = serde_json::from_str(event.get())?;
            last = Some(event.id.to_owned());
            if all || webhook.events.contains(&event.kind) {
                events.push(event.into());
            }
        }
        // The newest come first; jobs see what happened in its order.
        events.reverse();
        Ok(Page { events, next: last.filter(|_| has_more) })
    }
}

/// The name that stands for every event.
const ANY: &str = "*";

/// An event as Stripe sends it.
#[derive(Deserialize)]
struct Event<'e> {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created: u64,
    #[serde(borrow)]
    data: Data<'e>,
    #[serde(default)]
    livemode: bool,
    api_version: Option<String>,
    account: Option<String>,
}

#[derive(Deserialize)]
struct Data<'e> {
    #[serde(borrow)]
    object: &'e RawValue,
    previous_attributes: Option<Value>,
}

impl From<Event<'_>> for SourceEvent {
    fn from(event: Event<'_>) -> Self {
        let Event { id, kind, created, data, livemode, api_version, account } = event;
        SourceEvent::new(id, kind, data.object.to_owned())
            .at(UNIX_EPOCH + Duration::from_secs(created))
            .context(json!({
                "apiVersion": api_version,
                "livemode": livemode,
                "account": account,
                "previousAttributes": data.previous_attributes,
            }))
    }
}
