//! What the cases share.

use triggerfish::prelude::*;

/// An endpoint without mistakes.
#[http_endpoint(id = "cal.com")]
pub fn caldotcom() -> Verifier {
    Verifier::calcom(env("CALDOTCOM_SECRET"))
}

/// An external source without mistakes, and one beside it.
pub mod shop {
    use serde::{Deserialize, Serialize};
    use triggerfish::event::Properties;
    use triggerfish::prelude::*;
    use triggerfish::secret::{ResolveSecrets, SecretProblem, SecretSource};
    use triggerfish::source::{ExternalSource, Handled, Registered, Registration, Webhook};
    use triggerfish::{event, external_source};

    /// What an order looks like.
    #[derive(Debug, Serialize, Deserialize, Payload)]
    pub struct Order {
        /// Its id.
        pub id: String,
        /// The sum in cents.
        pub total: u64,
    }

    /// An order was paid.
    #[event(name = "order.paid", source = "shop.com")]
    pub fn on_order_paid(order: &Order) -> Properties {
        Properties::new().text("Order", &order.id)
    }

    /// Something else.
    #[event(name = "other", source = "other.com")]
    pub fn on_other(_: &Order) {}

    /// What a job may say.
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub struct Params {
        /// Which shop.
        pub name: String,
        /// Whether trials are meant.
        pub trial: bool,
        /// At most so many.
        pub most: u32,
    }

    macro_rules! source {
        () => {
            type Params = Params;
            type Data = ();

            fn id(&self) -> &str {
                "shop"
            }

            fn connect(&mut self, _: &dyn ResolveSecrets) -> Result<(), Vec<SecretProblem>> {
                Ok(())
            }

            fn key(_: &Params) -> Result<String, String> {
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
        };
    }

    /// A shop.
    #[derive(Debug)]
    pub struct Shop;

    #[external_source(id = "shop", version = "1.0.0", events = [on_order_paid])]
    impl ExternalSource for Shop {
        source!();
    }

    /// Something else.
    #[derive(Debug)]
    pub struct Other;

    #[external_source(id = "other", version = "1.0.0", events = [on_other])]
    impl ExternalSource for Other {
        source!();
    }

    /// An instance.
    #[source]
    pub fn shop() -> Shop {
        Shop
    }

    /// One of the other source.
    #[source]
    pub fn other() -> Other {
        Other
    }
}
