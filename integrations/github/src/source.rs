//! The webhook of a repository: how it is registered, what its requests mean.

use crate::Github;
use crate::client::StepError;
use crate::events::*;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use triggerfish::error::{Error, Result, RunError};
use triggerfish::external_source;
use triggerfish::request::Request;
use triggerfish::run::Io;
use triggerfish::secret::{ResolveSecrets, SecretProblem, SecretSource};
use triggerfish::source::{ExternalSource, Handled, Registered, Registration, SourceEvent, Webhook};
use triggerfish::verify::Verifier;

/// What a job says beside its event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GithubParams {
    /// The repository: `owner/name`.
    pub repository: String,
}

/// The webhook, as it was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookData {
    /// Its id.
    pub id: u64,
    /// The repository that has it.
    pub repository: String,
}

/// A webhook as GitHub shows it, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Hook {
    id: u64,
    config: Config,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Config {
    #[serde(default)]
    url: String,
}

#[external_source(
    id = "github.webhook",
    version = "0.1.0",
    events = [on_event, on_issues, on_pull_request, on_push, on_release],
)]
impl ExternalSource for Github {
    type Params = GithubParams;
    type Data = WebhookData;

    fn id(&self) -> &str {
        self.account.id()
    }

    fn connect(&mut self, secrets: &dyn ResolveSecrets) -> Result<(), Vec<SecretProblem>> {
        self.account.connect(secrets)
    }

    fn key(params: &GithubParams) -> Result<String, String> {
        let plain = |part: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !part.is_empty() && part.chars().all(allowed) && part.chars().any(|c| c != '.')
        };
        match params.repository.split_once('/') {
            // Neither part of a name holds a `~`.
            Some((owner, name)) if plain(owner) && plain(name) => {
                Ok(format!("{owner}~{name}").to_ascii_lowercase())
            }
            _ => Err(format!(
                "the repository is {:?}: name it as `repository = \"octocat/hello-world\"`",
                params.repository
            )),
        }
    }

    fn verifier(&self, secret: SecretSource) -> Verifier {
        Verifier::github(secret)
    }

    /// The secret is the program's own. It is kept before GitHub gets it, so that the
    /// ping verifies which GitHub sends with its answer, and a webhook that is found
    /// by its URL gets it again: whatever crashes in between, GitHub has the one that
    /// is kept. A webhook that is known keeps its own.
    async fn register(&self, wanted: &Registration<Self>, io: &Io) -> Result<Registered<WebhookData>> {
        let repository = &wanted.params.repository;
        let path = format!("/repos/{repository}/hooks");
        let known = wanted.active.as_ref().filter(|active| active.data.repository == *repository);
        if let Some(active) = known {
            let path = format!("{path}/{}", active.data.id);
            // Without `config`, which would take the secret away.
            let events = json!({ "active": true, "events": wanted.desired });
            let hook: Option<Hook> =
                self.unless_missing("update", Method::PATCH, &path, Some(&events), io).await?;
            if hook.is_some() {
                if active.url != wanted.url {
                    let (path, url) = (format!("{path}/config"), json!({ "url": wanted.url }));
                    let _: Option<Config> =
                        self.unless_missing("move", Method::PATCH, &path, Some(&url), io).await?;
                }
                return Ok(Registered::new(active.data.clone()));
            }
        }
        let secret = wanted.own_secret().await?;
        let body = json!({
            "name": "web",
            "active": true,
            "events": wanted.desired,
            "config": {
                "url": wanted.url,
                "content_type": "json",
                "insecure_ssl": "0",
                "secret": String::from_utf8_lossy(secret.expose()),
            },
        });
        // Looked for and made in one step: a creation whose answer was lost is found
        // by its URL when the step is tried again.
        let hook: Hook = io
            .run_task("create", async || {
                let made = self.all(&path).await?.into_iter().find(|hook| hook.config.url == wanted.url);
                let (method, path) = match made {
                    Some(hook) => (Method::PATCH, format!("{path}/{}", hook.id)),
                    None => (Method::POST, path.clone()),
                };
                self.call(method, &path, Some(&body)).await.map_err(StepError::from)
            })
            .await?;
        let data = WebhookData { id: hook.id, repository: repository.clone() };
        Ok(Registered::new(data))
    }

    async fn handle(&self, request: &Request, _: &Webhook<Self>) -> Result<Handled> {
        let header = |name: &str| {
            let text = request.header(name);
            text.ok_or_else(|| Error::msg(format_args!("the header `{name}` is missing")))
        };
        let (id, kind) = (header("x-github-delivery")?, header("x-github-event")?);
        let payload: Box<RawValue> = serde_json::from_slice(request.body())
            .map_err(|error| Error::msg(format_args!("the body is no JSON: {error}")))?;
        let context = json!({ "hook": request.header("x-github-hook-id") });
        Ok(Handled::events([SourceEvent::new(id, kind, payload).context(context)]))
    }

    async fn unregister(&self, webhook: &Webhook<Self>, io: &Io) -> Result<()> {
        let WebhookData { id, repository } = &webhook.data;
        let path = format!("/repos/{repository}/hooks/{id}");
        let _: Option<Value> = self.unless_missing("delete", Method::DELETE, &path, None, io).await?;
        Ok(())
    }
}

impl Github {
    /// All webhooks of a repository, in as many calls as that takes.
    async fn all(&self, path: &str) -> Result<Vec<Hook>, StepError> {
        const PAGE: usize = 100;
        let mut all: Vec<Hook> = Vec::new();
        for page in 1.. {
            let path = format!("{path}?per_page={PAGE}&page={page}");
            let hooks: Vec<Hook> = self.call(Method::GET, &path, None).await.map_err(StepError::from)?;
            let last = hooks.len() < PAGE;
            all.extend(hooks);
            if last {
                break;
            }
        }
        Ok(all)
    }

    /// A call as a step; `None` where what it is about is gone.
    async fn unless_missing<T: Serialize + serde::de::DeserializeOwned>(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
        io: &Io,
    ) -> Result<Option<T>, RunError> {
        io.run_task(key, async || match self.call(method, path, body).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(StepError::from(error)),
        })
        .await
    }
}
