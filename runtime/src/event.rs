//! What `#[event]` declares.

use crate::endpoint::Location;

/// A function that carries `#[event(...)]`.
pub trait Event {
    /// What it carries.
    type Payload;
    /// What the attribute declares.
    const EVENT: EventSpec;
}

/// What an event is declared to be.
#[derive(Clone, Copy, Debug)]
pub struct EventSpec {
    /// Its name.
    pub name: &'static str,
    /// What a person calls it.
    pub title: Option<&'static str>,
    /// The system that it comes from.
    pub source: Option<&'static str>,
    /// The name of an icon.
    pub icon: Option<&'static str>,
    /// What is shown of it, as JSON, from its payload.
    pub properties: fn(&[u8]) -> Option<String>,
    /// Where it is declared.
    pub location: Location,
}

impl EventSpec {
    /// An event of the runtime itself.
    pub(crate) const fn internal(name: &'static str, location: Location) -> Self {
        EventSpec { name, title: None, source: None, icon: None, properties: |_| None, location }
    }
}
