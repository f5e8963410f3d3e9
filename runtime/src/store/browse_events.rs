//! Events as a person looks for them. An event with a key has an id that says
//! nothing of its time, so pages go by the time at which events happened, and
//! among those of one time by the order in which they were stored.

use super::event::{EventRecord, EventState};
use crate::time::Timestamp;
use uuid::Uuid;

/// Which events to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventSearch {
    /// Those of one name.
    pub name: Option<String>,
    /// Those from one system.
    pub source: Option<String>,
    /// Those in one state.
    pub state: Option<EventState>,
    /// Those that happened then or later.
    pub since: Option<Timestamp>,
    /// Those that happened before.
    pub until: Option<Timestamp>,
    /// Those after this one on the pages; none where it is not kept any more.
    pub before: Option<Uuid>,
    /// At most so many.
    pub limit: usize,
}

/// How many events of a name happened in one minute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventCount {
    /// The minute, counting from the Unix epoch.
    pub minute: i64,
    /// Their name.
    pub name: String,
    /// The system that they come from.
    pub source: Option<String>,
    /// How many.
    pub count: u64,
}

impl EventSearch {
    /// Whether an event of this name and source may be wanted.
    pub(super) fn selects(&self, name: &str, source: Option<&str>) -> bool {
        self.name.as_deref().is_none_or(|wanted| wanted == name)
            && self.source.as_deref().is_none_or(|wanted| Some(wanted) == source)
    }

    pub(super) fn wants(&self, event: &EventRecord) -> bool {
        self.state.is_none_or(|state| state == event.state)
    }
}
