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
