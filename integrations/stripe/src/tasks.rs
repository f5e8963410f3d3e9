//! Calls to Stripe as recorded steps: `io.stripe().customers().create("customer", ..)`.

use crate::client::Call;
use crate::error::{StepError, StripeError};
use crate::types::{Customer, List, PaymentIntent, Price, Refund, WebhookEndpoint};
use crate::{Stripe, form};
use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use triggerfish::error::RunError;
use triggerfish::run::{IntoKey, Io};
use triggerfish::secret::{Sealed, Secret};
use triggerfish::source::SourceInstance;

/// Gives a run its Stripe.
pub trait StripeIo {
    /// The account from which the run's event came, or the only one.
    fn stripe(&self) -> StripeTasks<'_>;

    /// An account by the function that declares it: `io.stripe_of::<stripe_live>()`.
    fn stripe_of<I: SourceInstance<Source = Stripe>>(&self) -> StripeTasks<'_>;
}

impl StripeIo for Io {
    fn stripe(&self) -> StripeTasks<'_> {
        StripeTasks { io: self, which: Which::Found(Io::source::<Stripe>), account: None }
    }

    fn stripe_of<I: SourceInstance<Source = Stripe>>(&self) -> StripeTasks<'_> {
        StripeTasks { io: self, which: Which::Found(Io::instance::<I>), account: None }
    }
}

/// What a run can ask of Stripe. Every call is a step with a key of its own,
/// made with an idempotency key of that step.
#[derive(Clone)]
pub struct StripeTasks<'io> {
    io: &'io Io,
    which: Which<'io>,
    account: Option<String>,
}

#[derive(Clone, Copy)]
enum Which<'io> {
    Found(fn(&Io) -> Result<Arc<Stripe>, RunError>),
    This(&'io Stripe),
}

impl Stripe {
    /// What a run can ask of this account.
    pub fn tasks<'io>(&'io self, io: &'io Io) -> StripeTasks<'io> {
        StripeTasks { io, which: Which::This(self), account: None }
    }
}

impl<'io> StripeTasks<'io> {
    /// The same in the name of a connected account, `acct_...`.
    #[must_use]
    pub fn account(self, id: impl Into<String>) -> Self {
        StripeTasks { account: Some(id.into()), ..self }
    }

    /// The customers.
    pub fn customers(&self) -> Resource<'io, Customer> {
        self.resource("/v1/customers")
    }

    /// The prices.
    pub fn prices(&self) -> Resource<'io, Price> {
        self.resource("/v1/prices")
    }

    /// The payment intents.
    pub fn payment_intents(&self) -> Resource<'io, PaymentIntent> {
        self.resource("/v1/payment_intents")
    }

    /// The refunds.
    pub fn refunds(&self) -> Resource<'io, Refund> {
        self.resource("/v1/refunds")
    }

    /// The webhook endpoints.
    pub fn webhook_endpoints(&self) -> WebhookEndpoints<'io> {
        WebhookEndpoints { all: self.resource("/v1/webhook_endpoints") }
    }

    /// Objects of any kind, by their path: `tasks.resource::<Value>("/v1/products")`.
    pub fn resource<T: Serialize + DeserializeOwned>(&self, path: &'static str) -> Resource<'io, T> {
        Resource { tasks: self.clone(), path, of: PhantomData }
    }

    /// Reads anything.
    ///
    /// # Errors
    ///
    /// As all calls: an answer that is no success, or none; a key that is used twice.
    pub async fn get(&self, key: impl IntoKey, path: &str) -> Result<Value, RunError> {
        self.request(key, Method::GET, path, Value::Null).await
    }

    /// Makes any call; `params` go into the query of a GET and the form of a POST.
    ///
    /// # Errors
    ///
    /// As all calls: an answer that is no success, or none; a key that is used twice.
    pub async fn request<T: Serialize + DeserializeOwned>(
        &self,
        key: impl IntoKey,
        method: Method,
        path: &str,
        params: impl Serialize,
    ) -> Result<T, RunError> {
        self.step(key, async |stripe: &Stripe, idempotency_key| {
            let params = json_of(params)?;
            let account = self.account.as_deref();
            stripe.call(Call { method, path, params: &params, idempotency_key, account }).await
        })
        .await
    }

    /// A step with the account, and the idempotency key of that step.
    pub(crate) async fn step<T: Serialize + DeserializeOwned>(
        &self,
        key: impl IntoKey,
        work: impl AsyncFnOnce(&Stripe, Option<String>) -> Result<T, StripeError>,
    ) -> Result<T, RunError> {
        let found;
        let stripe = match self.which {
            Which::This(stripe) => stripe,
            Which::Found(find) => {
                found = find(self.io)?;
                &*found
            }
        };
        let io = self.io;
        io.run_task(key, || async { work(stripe, Some(io.idempotency_key())).await.map_err(StepError::from) })
            .await
    }
}

impl fmt::Debug for StripeTasks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeTasks").field("account", &self.account).finish_non_exhaustive()
    }
}

fn json_of(params: impl Serialize) -> Result<Value, StripeError> {
    serde_json::to_value(params)
        .map_err(|error| StripeError::Request(format!("the parameters are no JSON: {error}")))
}

/// Objects of one kind.
#[derive(Debug)]
pub struct Resource<'io, T> {
    tasks: StripeTasks<'io>,
    path: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Resource<'_, T> {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// As all calls: an answer that is no success, or none; a key that is used twice.
    pub async fn create(&self, key: impl IntoKey, params: impl Serialize) -> Result<T, RunError> {
        self.tasks.request(key, Method::POST, self.path, params).await
    }

    /// Reads one.
    ///
    /// # Errors
    ///
    /// As [`Resource::create`].
    pub async fn retrieve(&self, key: impl IntoKey, id: &str) -> Result<T, RunError> {
        self.tasks.request(key, Method::GET, &self.one(id), Value::Null).await
    }

    /// Changes one.
    ///
    /// # Errors
    ///
    /// As [`Resource::create`].
    pub async fn update(&self, key: impl IntoKey, id: &str, params: impl Serialize) -> Result<T, RunError> {
        self.tasks.request(key, Method::POST, &self.one(id), params).await
    }

    /// Removes one.
    ///
    /// # Errors
    ///
    /// As [`Resource::create`].
    pub async fn delete(&self, key: impl IntoKey, id: &str) -> Result<Value, RunError> {
        self.tasks.request(key, Method::DELETE, &self.one(id), Value::Null).await
    }

    /// Does something to one: `refunds.act("cancel", "cancel", id, ())`.
    ///
    /// # Errors
    ///
    /// As [`Resource::create`].
    pub async fn act(
        &self,
        key: impl IntoKey,
        action: &str,
        id: &str,
        params: impl Serialize,
    ) -> Result<T, RunError> {
        self.tasks.request(key, Method::POST, &format!("{}/{action}", self.one(id)), params).await
    }

    /// Reads a page of a list.
    ///
    /// # Errors
    ///
    /// As [`Resource::create`].
    pub async fn list(&self, key: impl IntoKey, params: impl Serialize) -> Result<List<T>, RunError> {
        self.tasks.request(key, Method::GET, self.path, params).await
    }

    /// The path of one, whatever its id holds.
    fn one(&self, id: &str) -> String {
        format!("{}/{}", self.path, form::encode(id))
    }
}

/// The webhook endpoints of an account.
#[derive(Debug)]
pub struct WebhookEndpoints<'io> {
    all: Resource<'io, WebhookEndpoint>,
}

/// A webhook endpoint that was made, with the secret that Stripe shows once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreatedWebhook {
    /// The webhook endpoint.
    pub webhook: WebhookEndpoint,
    /// Its secret; [`Io::open`] opens it.
    pub secret: Sealed,
}

/// As Stripe shows it once.
#[derive(Deserialize)]
struct Created {
    #[serde(flatten)]
    webhook: WebhookEndpoint,
    secret: String,
}

impl WebhookEndpoints<'_> {
    /// Makes one. Its secret is sealed before the step records it.
    ///
    /// # Errors
    ///
    /// As [`Resource::create`]; a program without `TRIGGERFISH_SECRET_KEY`.
    pub async fn create(
        &self,
        key: impl IntoKey,
        params: impl Serialize,
    ) -> Result<CreatedWebhook, RunError> {
        let (tasks, path) = (&self.all.tasks, self.all.path);
        tasks
            .step(key, async |stripe, idempotency_key| {
                let (method, params) = (Method::POST, json_of(params)?);
                let account = tasks.account.as_deref();
                let call = Call { method, path, params: &params, idempotency_key, account };
                let Created { webhook, secret } = stripe.call(call).await?;
                let sealed = tasks.io.seal(&Secret::from(secret.as_str()));
                let secret = sealed.map_err(|error| StripeError::Request(error.to_string()))?;
                Ok(CreatedWebhook { webhook, secret })
            })
            .await
    }

    /// Changes one; `None` where it is gone.
    ///
    /// # Errors
    ///
    /// As [`Resource::create`].
    pub async fn update(
        &self,
        key: impl IntoKey,
        id: &str,
        params: impl Serialize,
    ) -> Result<Option<WebhookEndpoint>, RunError> {
        self.unless_missing(key, Method::POST, id, params).await
    }

    /// Removes one, and says whether it was there.
    ///
    /// # Errors
    ///
    /// As [`Resource::create`].
    pub async fn delete(&self, key: impl IntoKey, id: &str) -> Result<bool, RunError> {
        let gone: Option<Value> = self.unless_missing(key, Method::DELETE, id, Value::Null).await?;
        Ok(gone.is_some())
    }

    /// All of them, in as many calls as that takes, in one step.
    ///
    /// # Errors
    ///
    /// As [`Resource::create`].
    pub async fn list(&self, key: impl IntoKey) -> Result<Vec<WebhookEndpoint>, RunError> {
        let (tasks, path) = (&self.all.tasks, self.all.path);
        tasks
            .step(key, async |stripe, _| {
                let mut all: Vec<WebhookEndpoint> = Vec::new();
                loop {
                    let params = json!({ "limit": 100, "starting_after": all.last().map(|last| &last.id) });
                    let (method, account) = (Method::GET, tasks.account.as_deref());
                    let call = Call { method, path, params: &params, idempotency_key: None, account };
                    let List { data, has_more } = stripe.call(call).await?;
                    all.extend(data);
                    if !has_more {
                        return Ok(all);
                    }
                }
            })
            .await
    }

    async fn unless_missing<T: Serialize + DeserializeOwned>(
        &self,
        key: impl IntoKey,
        method: Method,
        id: &str,
        params: impl Serialize,
    ) -> Result<Option<T>, RunError> {
        let (tasks, path) = (&self.all.tasks, self.all.one(id));
        tasks
            .step(key, async |stripe, idempotency_key| {
                let params = json_of(params)?;
                let account = tasks.account.as_deref();
                let call = Call { method, path: &path, params: &params, idempotency_key, account };
                match stripe.call(call).await {
                    Ok(answer) => Ok(Some(answer)),
                    Err(error) if error.is_missing() => Ok(None),
                    Err(error) => Err(error),
                }
            })
            .await
    }
}
