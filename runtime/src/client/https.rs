//! HTTP/1.1 over TLS, with the roots of webpki-roots: a small client for calls
//! that are few and far between.

use super::{Reply, Transport, TransportError};
use crate::BoxFuture;
use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// The largest answer that is read.
const MOST_READ: usize = 16 << 20;

/// Sends requests over HTTPS; over plain HTTP to this machine alone.
#[derive(Clone)]
pub struct Https {
    /// None where this machine's TLS library could not be set up, and why.
    client: Result<Client<HttpsConnector<HttpConnector>, Full<Bytes>>, String>,
    timeout: Duration,
}

impl Https {
    /// With a limit for each request, its answer included.
    pub fn new(timeout: Duration) -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map(|builder| builder.https_or_http().enable_http1().build());
        let client = connector.map(|connector| Client::builder(TokioExecutor::new()).build(connector));
        Https { client: client.map_err(|error| error.to_string()), timeout }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Reply, TransportError> {
        let client = self.client.as_ref().map_err(|why| TransportError::Broken(why.clone().into()))?;
        let (head, body) = client
            .request(request.map(Full::new))
            .await
            .map_err(|error| TransportError::Broken(error.into()))?
            .into_parts();
        let body = Limited::new(body, MOST_READ).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                TransportError::TooLarge(MOST_READ)
            } else {
                TransportError::Broken(error)
            }
        })?;
        Ok(Reply { status: head.status, headers: head.headers, body: body.to_bytes() })
    }
}

impl Transport for Https {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Reply, TransportError>> {
        Box::pin(async move {
            if !is_private(request.uri()) {
                return Err(TransportError::NotEncrypted(without_query(request.uri())));
            }
            let answer = tokio::time::timeout(self.timeout, self.exchange(request)).await;
            answer.unwrap_or(Err(TransportError::Timeout(self.timeout)))
        })
    }
}

/// Whether nobody on the way can read what is sent there.
fn is_private(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    uri.scheme_str() == Some("https")
        || host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn without_query(uri: &Uri) -> String {
    let text = uri.to_string();
    text.split('?').next().unwrap_or_default().to_owned()
}

impl fmt::Debug for Https {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Https").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for (uri, private) in [
            ("https://api.stripe.com/v1/events", true),
            ("http://127.0.0.1:80/", true),
            ("http://[::1]:80/", true),
            ("http://localhost:80/", true),
            ("http://api.stripe.com/", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://10.0.0.1/", false),
        ] {
            assert_eq!(is_private(&Uri::from_static(uri)), private, "{uri}");
        }
    }
}
