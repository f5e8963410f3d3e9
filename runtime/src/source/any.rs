//! External sources of any type, with their parameters and data as JSON.

use super::{Active, ExternalSource, Handled, OwnSecret, Page, Registered, Registration, Webhook};
use crate::BoxFuture;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::run::Io;
use crate::secret::{ResolveSecrets, SecretProblem, SecretSource};
use crate::store::SourceRow;
use crate::verify::Verifier;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// An instance of an external source, whatever its type.
#[derive(Clone)]
pub struct ErasedSource(pub(crate) Arc<dyn AnySource>);

impl fmt::Debug for ErasedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ErasedSource").field(&self.0.id()).finish()
    }
}

/// Reads the secrets of an instance, and forgets its type.
///
/// # Errors
///
/// Every secret that is missing or blank.
pub fn erase<S: ExternalSource>(
    mut source: S,
    secrets: &dyn ResolveSecrets,
) -> Result<ErasedSource, Vec<SecretProblem>> {
    source.connect(secrets)?;
    Ok(ErasedSource(Arc::new(Typed(Arc::new(source)))))
}

/// What is wanted of a webhook, as a registration run gets it.
#[derive(Debug)]
pub(crate) struct Wanted<'w> {
    pub(crate) address: &'w str,
    pub(crate) url: &'w str,
    pub(crate) params: &'w Value,
    pub(crate) events: &'w [String],
    /// What is registered.
    pub(crate) row: Option<&'w SourceRow>,
    pub(crate) own: OwnSecret,
}

/// An external source of any type.
pub(crate) trait AnySource: Send + Sync + 'static {
    fn id(&self) -> &str;
    fn key(&self, params: &Value) -> Result<String, String>;
    fn verifier(&self, secret: SecretSource) -> Verifier;
    fn register<'a>(&'a self, wanted: Wanted<'a>, io: &'a Io) -> BoxFuture<'a, Result<Registered<String>>>;
    fn handle<'a>(&'a self, request: &'a Request, row: &'a SourceRow) -> BoxFuture<'a, Result<Handled>>;
    fn unregister<'a>(&'a self, row: &'a SourceRow, io: &'a Io) -> BoxFuture<'a, Result<()>>;
    fn backfill<'a>(
        &'a self,
        row: &'a SourceRow,
        since: SystemTime,
        page: Option<String>,
    ) -> BoxFuture<'a, Result<Page>>;
    /// The instance itself, for those who know its type.
    fn inner(&self) -> Arc<dyn Any + Send + Sync>;
}

struct Typed<S>(Arc<S>);

impl<S: ExternalSource> AnySource for Typed<S> {
    fn id(&self) -> &str {
        self.0.id()
    }

    fn key(&self, params: &Value) -> Result<String, String> {
        S::key(&S::Params::deserialize(params).map_err(|error| error.to_string())?)
    }

    fn verifier(&self, secret: SecretSource) -> Verifier {
        self.0.verifier(secret)
    }

    fn register<'a>(&'a self, wanted: Wanted<'a>, io: &'a Io) -> BoxFuture<'a, Result<Registered<String>>> {
        Box::pin(async move {
            let Wanted { address, url, params, events, row, own } = wanted;
            let known: &[String] = row.map_or(&[], |row| &row.events);
            let without = |all: &[String], these: &[String]| -> Vec<String> {
                all.iter().filter(|event| !these.contains(event)).cloned().collect()
            };
            // Data that this version cannot read any more is as good as none.
            let active = row.and_then(|row| {
                let data = serde_json::from_str(&row.data).ok()?;
                let SourceRow { url, events, version, .. } = row.clone();
                Some(Active { data, url, events, version })
            });
            let registration = Registration {
                address: address.to_owned(),
                url: url.to_owned(),
                params: S::Params::deserialize(params)?,
                desired: events.to_vec(),
                missing: without(events, known),
                orphaned: without(known, events),
                active,
                own,
            };
            let Registered { data, secret } = self.0.register(&registration, io).await?;
            Ok(Registered { data: serde_json::to_string(&data)?, secret })
        })
    }

    fn handle<'a>(&'a self, request: &'a Request, row: &'a SourceRow) -> BoxFuture<'a, Result<Handled>> {
        Box::pin(async move { self.0.handle(request, &webhook(row)?).await })
    }

    fn unregister<'a>(&'a self, row: &'a SourceRow, io: &'a Io) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.0.unregister(&webhook(row)?, io).await })
    }

    fn backfill<'a>(
        &'a self,
        row: &'a SourceRow,
        since: SystemTime,
        page: Option<String>,
    ) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move { self.0.backfill(&webhook(row)?, since, page).await })
    }

    fn inner(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::clone(&self.0) as Arc<dyn Any + Send + Sync>
    }
}

fn webhook<S: ExternalSource>(row: &SourceRow) -> Result<Webhook<S>> {
    Ok(Webhook {
        address: row.address.clone(),
        params: read(&row.params, "parameters")?,
        data: read(&row.data, "data")?,
        events: row.events.clone(),
        metadata: row.metadata.as_deref().map(|text| read(text, "metadata")).transpose()?,
    })
}

fn read<T: DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Error::msg(format_args!("the stored {what} of the webhook cannot be read: {error}")))
}
