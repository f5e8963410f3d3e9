//! Handshakes and `respond_with`: answers in place of a run, or before one.

use super::live::{LiveEndpoint, unpanicked};
use super::reply;
use crate::endpoint::{RespondSpec, Response, Verify};
use crate::request::Request;
use crate::verify::{Phase, Verification};
use std::time::SystemTime;
use triggerfish_filter::{Headers, Parts};

/// What answered a request before its jobs are asked.
pub(super) enum Responded {
    /// The answer is the end of the request.
    End(Response),
    /// The request goes on, with this as the answer to the sender.
    GoOn(Response),
}

/// Asks the endpoint's handshake and its `respond_with` in one phase.
pub(super) async fn respond(
    endpoint: &LiveEndpoint,
    request: &Request,
    now: SystemTime,
    phase: Phase,
) -> Option<Responded> {
    if let Some(ready) = endpoint.check.scheme()
        && let Some(answer) = ready.handshake(request, phase)
    {
        return Some(Responded::End(reply::made(answer)));
    }
    let spec = endpoint.spec.respond_with.as_ref()?;
    let its_phase = if spec.verified { Phase::AfterVerify } else { Phase::Before };
    if phase != its_phase {
        return None;
    }
    Box::pin(handled(endpoint, spec, request, now)).await
}

/// Asks the user's handler, if the request is one for it.
async fn handled(
    endpoint: &LiveEndpoint,
    spec: &RespondSpec,
    request: &Request,
    now: SystemTime,
) -> Option<Responded> {
    let shown = shown(spec, request);
    if endpoint.filters.respond.as_ref().is_some_and(|filter| !filter.matches(&parts(&shown))) {
        return None;
    }
    let verify = Verify(Box::pin(async move {
        match endpoint.verify(request, now).await {
            Ok(_) => Verification::verified(),
            Err(why) => Verification::rejected(why.into_reason()),
        }
    }));
    let response = match unpanicked((spec.handler)(&shown, verify)).await {
        Ok(response) => response,
        Err(panic) => {
            tracing::error!(endpoint = endpoint.spec.id, "the handler of `respond_with` panicked: {panic}");
            reply::failed()
        }
    };
    Some(if spec.skip_triggering_runs || !response.status().is_success() {
        Responded::End(response)
    } else {
        Responded::GoOn(response)
    })
}

/// The request as a handler may see it: without its body as long as nobody
/// vouches for it, unless the endpoint says otherwise.
fn shown(spec: &RespondSpec, request: &Request) -> Request {
    if spec.verified || spec.unverified_body { request.clone() } else { request.without_body() }
}

/// A request as filters look at it.
pub(crate) fn parts(request: &Request) -> Parts<'_> {
    Parts {
        method: request.method().as_str(),
        headers: request,
        query: request.query_string(),
        body: request.body(),
    }
}

impl Headers for Request {
    fn each<'h>(&'h self, name: &str, value: &mut dyn FnMut(&'h [u8])) {
        self.headers().get_all(name).iter().for_each(|found| value(found.as_bytes()));
    }
}
