//! A source whose deliveries are lists of events, with no provider to ask.

use serde_json::Value;
use serde_json::value::RawValue;
use triggerfish::prelude::*;
use triggerfish::secret::{ResolveSecrets, SecretProblem, SecretSource};
use triggerfish::source::{ExternalSource, Handled, Registered, Registration, SourceEvent, Webhook};
use triggerfish::{event, external_source};

/// A part of a delivery.
#[event(name = "part", source = "parts.example")]
pub(crate) fn on_part(_part: &Value) {}

/// A provider whose deliveries are lists of ids.
pub(crate) struct Parts;

#[external_source(id = "parts", version = "1.0.0", events = [on_part])]
impl ExternalSource for Parts {
    type Params = ();
    type Data = ();

    fn id(&self) -> &str {
        "parts"
    }

    fn connect(&mut self, _: &dyn ResolveSecrets) -> Result<(), Vec<SecretProblem>> {
        Ok(())
    }

    fn key(_: &()) -> Result<String, String> {
        Ok("main".to_owned())
    }

    fn verifier(&self, secret: SecretSource) -> Verifier {
        Verifier::hmac_sha256().header("X-Parts").secret(secret)
    }

    async fn register(&self, _: &Registration<Self>, io: &Io) -> Result<Registered<()>> {
        Ok(Registered::new(()).secret(io.seal(&Secret::from("sekrit-of-the-parts-0123456789"))?))
    }

    async fn handle(&self, request: &Request, _: &Webhook<Self>) -> Result<Handled> {
        let ids: Vec<String> = request.json()?;
        let events = ids.into_iter().map(|id| {
            let payload = RawValue::from_string(Value::from(id.as_str()).to_string())?;
            Ok(SourceEvent::new(id, "part", payload))
        });
        Ok(Handled::events(events.collect::<Result<Vec<_>>>()?))
    }

    async fn unregister(&self, _: &Webhook<Self>, _: &Io) -> Result<()> {
        Ok(())
    }
}
