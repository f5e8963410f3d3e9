//! What an endpoint can be tried with: the provider's own event, and the examples
//! of the events that the program declares for it.

use super::super::Admin;
use super::super::answer::{Answer, Problem};
use super::body::pretty;
use crate::endpoint::{EndpointSpec, VerifySpec};
use crate::event::EventSpec;
use crate::registry::path_of;
use crate::request::RequestParts;
use crate::serve::{Check, LiveEndpoint};
use crate::verify::Sample as ProviderSample;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

/// The id of the provider's sample.
const PROVIDER: &str = "provider";

/// An event to send.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SampleView {
    /// What names it in an action.
    pub(crate) id: String,
    /// What a person calls it.
    pub(crate) name: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// An event as it is sent.
struct Sample {
    id: String,
    name: String,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static str,
}

impl Admin {
    /// The events to try an endpoint with; there is one at least.
    pub(crate) fn samples(&self, spec: &'static EndpointSpec) -> Vec<SampleView> {
        let all = self.known_samples(spec).into_iter().map(|sample| {
            let headers = sample.headers.iter();
            SampleView {
                headers: headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
                body: match serde_json::from_str::<&serde_json::value::RawValue>(sample.body) {
                    Ok(_) => pretty(sample.body),
                    Err(_) => sample.body.to_owned(),
                },
                id: sample.id,
                name: sample.name,
            }
        });
        all.collect()
    }

    /// A request of a sample, without a signature; of the first where none is named.
    pub(crate) fn sample_parts(&self, live: &LiveEndpoint, id: Option<&str>) -> Answer<RequestParts> {
        let all = self.known_samples(live.spec);
        let sample = all.iter().find(|sample| id.is_none_or(|id| sample.id == id)).ok_or_else(|| {
            let known: Vec<_> = all.iter().map(|sample| sample.id.as_str()).collect();
            Problem::field("sample", id.unwrap_or_default(), &format!("of {}", known.join(", ")))
        })?;
        let mut headers = HeaderMap::new();
        for (name, value) in &sample.headers {
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        let uri = path_of(live.spec).parse().map_err(|_| Problem::bad("the endpoint's path is no path"))?;
        let body = Bytes::from_static(sample.body.as_bytes());
        Ok(RequestParts { uri, headers, body, ..RequestParts::default() })
    }

    fn known_samples(&self, spec: &'static EndpointSpec) -> Vec<Sample> {
        let scheme = self.live(spec.id).and_then(|live| live.check.scheme()?.scheme().copied());
        let own = scheme.map_or(ProviderSample::DEFAULT, |scheme| scheme.sample);
        let mut headers = vec![("content-type", own.content_type)];
        headers.extend(own.headers);
        let name = match scheme.filter(|scheme| !scheme.docs.is_empty()) {
            Some(scheme) => format!("{}'s sample", scheme.title),
            None => "a small object".to_owned(),
        };
        let provider = Sample { id: PROVIDER.to_owned(), name, headers: headers.clone(), body: own.body };
        let mut all = Vec::new();
        for event in self.registry.events().iter().filter(|event| is_body_of(event, spec)) {
            let event_name = event.names.first().copied().unwrap_or_default();
            let title = event.title.unwrap_or(event_name);
            for example in event.examples {
                all.push(Sample {
                    id: format!("{event_name}/{}", example.id),
                    name: format!("{title}: {}", example.name),
                    headers: headers.clone(),
                    body: example.json,
                });
            }
        }
        // Where the provider is not known, what the program says of its events comes first.
        let at = if own.body == ProviderSample::DEFAULT.body { all.len() } else { 0 };
        all.insert(at, provider);
        all
    }

    /// Why the program cannot sign what an endpoint takes; `None` where it can.
    pub(crate) fn cannot_sign(&self, live: &LiveEndpoint) -> Option<&'static str> {
        match (&live.check, live.check.scheme()) {
            (Check::Custom(_), _) => {
                Some("the endpoint verifies with its own function, for which nothing can be signed")
            }
            (_, None) if matches!(live.spec.verify, VerifySpec::Source) => {
                Some("no secret is known yet: the webhook is not registered at its provider")
            }
            (_, None) => Some("no secret is known yet"),
            (_, Some(ready)) if ready.scheme().is_some() && ready.has_public_keys() => {
                Some("requests are signed with a private key, which its provider alone has")
            }
            (_, Some(_)) => None,
        }
    }
}

/// Whether the payload of an event is the body of an endpoint's requests: they
/// are declared with one type; or, where the endpoint names none, in one crate
/// for one source. What an external source reads from a request is a part of it.
fn is_body_of(event: &EventSpec, endpoint: &EndpointSpec) -> bool {
    match endpoint.payload {
        _ if matches!(endpoint.verify, VerifySpec::Source) => false,
        Some(payload) => payload() == (event.payload)(),
        None => {
            endpoint.source.is_some()
                && endpoint.source == event.source
                && endpoint.location.package == event.location.package
        }
    }
}
