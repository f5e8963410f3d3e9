//! What the cases share.

use serde::Deserialize;
use std::collections::HashMap;
use triggerfish::prelude::*;

/// An endpoint without mistakes.
#[http_endpoint(id = "cal.com")]
pub fn caldotcom() -> Verifier {
    Verifier::calcom(env("CALDOTCOM_SECRET"))
}

/// An endpoint that says what it receives.
#[http_endpoint(id = "typed", payload = BookingEvent)]
pub fn typed() -> Verifier {
    Verifier::calcom(env("CALDOTCOM_SECRET"))
}

/// A payload with something of every kind.
#[derive(Debug, Deserialize, Payload)]
#[serde(rename_all = "camelCase")]
pub struct BookingEvent {
    /// One of some strings.
    pub trigger_event: TriggerEvent,
    /// A date.
    pub created_at: String,
    /// An object.
    pub payload: Booking,
    /// Not in the JSON.
    #[serde(skip)]
    pub cache: u8,
}

/// Strings.
#[derive(Debug, Deserialize, Payload)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TriggerEvent {
    /// "BOOKING_CREATED"
    BookingCreated,
    /// "BOOKING_CANCELLED"
    #[serde(alias = "BOOKING_REMOVED")]
    BookingCancelled,
}

/// An object.
#[derive(Debug, Deserialize, Payload)]
pub struct Booking {
    /// An unsigned number.
    pub length: u32,
    /// A small one.
    pub version: u8,
    /// A signed one.
    pub offset: i64,
    /// A large one.
    pub serial: i128,
    /// A number with a fraction.
    pub price: f64,
    /// Text.
    pub title: String,
    /// Yes or no.
    pub paid: bool,
    /// Perhaps nothing.
    pub notes: Option<String>,
    /// A list of texts.
    pub tags: Vec<String>,
    /// A list of numbers.
    pub sizes: Vec<u8>,
    /// A list of objects.
    pub attendees: Vec<Attendee>,
    /// Perhaps a list of strings.
    pub history: Option<Vec<TriggerEvent>>,
    /// Lists in a list.
    pub rows: Vec<Vec<Attendee>>,
    /// Variants told by a field.
    pub location: Location,
    /// Variants told by one field, with the data in another.
    pub change: Change,
    /// Variants told by a key.
    pub source: Source,
    /// Objects by keys.
    pub accounts: HashMap<String, Account>,
    /// Anything.
    pub metadata: serde_json::Value,
    /// Another object's keys, among these.
    #[serde(flatten)]
    pub host: Host,
}

/// An item of a list.
#[derive(Debug, Deserialize, Payload)]
pub struct Attendee {
    /// Text.
    pub email: String,
    /// A number, or nothing.
    pub age: Option<u8>,
}

/// Variants told by a field.
#[derive(Debug, Deserialize, Payload)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Location {
    /// With an address.
    InPerson {
        /// Text.
        address: String,
        /// A number.
        floor: i8,
    },
    /// With a URL.
    Link {
        /// Text.
        url: String,
    },
}

/// Variants told by one field, with the data in another.
#[derive(Debug, Deserialize, Payload)]
#[serde(tag = "kind", content = "to", rename_all = "lowercase")]
pub enum Change {
    /// A number.
    Length(u32),
    /// Text.
    Title(String),
}

/// Variants told by a key.
#[derive(Debug, Deserialize, Payload)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// An object.
    Person(Attendee),
    /// A number.
    Machine(u64),
}

/// A value of a map.
#[derive(Debug, Deserialize, Payload)]
pub struct Account {
    /// A number.
    pub balance: i32,
}

/// An object whose keys stand among another's.
#[derive(Debug, Deserialize, Payload)]
pub struct Host {
    /// Text.
    pub organizer: String,
}

/// A page of anything.
#[derive(Debug, Deserialize, Payload)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What comes after.
    pub next: Option<String>,
}

/// Events of one sender.
#[derive(Debug, Deserialize, Payload)]
#[serde(tag = "type")]
pub enum PluginEvent {
    /// "test.completed"
    #[serde(rename = "test.completed")]
    TestCompleted {
        /// Text.
        id: String,
    },
    /// "transcript.completed"
    #[serde(rename = "transcript.completed")]
    TranscriptCompleted {
        /// Text.
        id: String,
        /// Text.
        transcript: String,
    },
}

/// What an external source has, all but the key.
#[macro_export]
macro_rules! source_without_a_key {
    ($params:ty) => {
        type Params = $params;
        type Data = ();

        fn id(&self) -> &str {
            "shop"
        }

        fn connect(
            &mut self,
            _: &dyn ::triggerfish::secret::ResolveSecrets,
        ) -> Result<(), Vec<::triggerfish::secret::SecretProblem>> {
            Ok(())
        }

        fn verifier(&self, secret: ::triggerfish::secret::SecretSource) -> ::triggerfish::verify::Verifier {
            ::triggerfish::verify::Verifier::github(secret)
        }

        async fn register(
            &self,
            _: &::triggerfish::source::Registration<Self>,
            _: &::triggerfish::run::Io,
        ) -> ::triggerfish::error::Result<::triggerfish::source::Registered<()>> {
            Ok(::triggerfish::source::Registered::new(()))
        }

        async fn handle(
            &self,
            _: &::triggerfish::request::Request,
            _: &::triggerfish::source::Webhook<Self>,
        ) -> ::triggerfish::error::Result<::triggerfish::source::Handled> {
            Ok(::triggerfish::source::Handled::default())
        }

        async fn unregister(
            &self,
            _: &::triggerfish::source::Webhook<Self>,
            _: &::triggerfish::run::Io,
        ) -> ::triggerfish::error::Result<()> {
            Ok(())
        }
    };
}

/// An external source without mistakes, and one beside it.
pub mod shop {
    use serde::{Deserialize, Serialize};
    use triggerfish::event::Properties;
    use triggerfish::prelude::*;
    use triggerfish::source::ExternalSource;
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

    /// A shop.
    #[derive(Debug)]
    pub struct Shop;

    #[external_source(id = "shop", version = "1.0.0", events = [on_order_paid])]
    impl ExternalSource for Shop {
        crate::source_without_a_key!(Params);

        fn key(_: &Params) -> Result<String, String> {
            Ok("key".to_owned())
        }
    }

    /// Something else.
    #[derive(Debug)]
    pub struct Other;

    #[external_source(id = "other", version = "1.0.0", events = [on_other])]
    impl ExternalSource for Other {
        crate::source_without_a_key!(Params);

        fn key(_: &Params) -> Result<String, String> {
            Ok("key".to_owned())
        }
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
