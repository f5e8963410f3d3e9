use triggerfish::external_source;
use triggerfish::prelude::*;
use triggerfish::secret::{ResolveSecrets, SecretProblem, SecretSource};
use triggerfish::source::{ExternalSource, Handled, Registered, Registration, Webhook};

struct Mine;

#[event(name = "mine", source = "mine.com")]
fn on_mine(_: &String) {}

#[external_source(id = "mine", version = "1.0.0", events = [on_mien])]
impl ExternalSource for Mine {
    type Params = ();
    type Data = ();

    fn id(&self) -> &str {
        "mine"
    }

    fn connect(&mut self, _: &dyn ResolveSecrets) -> Result<(), Vec<SecretProblem>> {
        Ok(())
    }

    fn key((): &()) -> Result<String, String> {
        Ok("key".to_owned())
    }

    fn verifier(&self, secret: SecretSource) -> Verifier {
        Verifier::github(secret)
    }

    async fn register(&self, _: &Registration<Self>, _: &Io) -> Result<Registered<()>> {
        Ok(Registered::new(()))
    }

    async fn handle(&self, _: &Request, _: &Webhook<Self>) -> Result<Handled> {
        Ok(Handled::default())
    }

    async fn unregister(&self, _: &Webhook<Self>, _: &Io) -> Result<()> {
        Ok(())
    }
}

fn main() {}
