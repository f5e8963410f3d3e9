//! Kinds of events that arrive at endpoints and that no job takes. A request
//! keeps no kind: it is read from the newest requests of the day, each once.

use super::Admin;
use super::answer::Answer;
use super::view::request::event_type;
use super::wait::wait;
use crate::serve::LiveEndpoint;
use crate::store::{RequestOutcome, RequestQuery};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// So many requests of each outcome are looked at.
const MOST: usize = 200;

/// What is known of the requests that were looked at last, in order of their ids.
#[derive(Default)]
pub(super) struct Kinds(Mutex<Vec<(Uuid, Option<String>)>>);

/// A kind that no job takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnhandledKind {
    pub(crate) endpoint: String,
    pub(crate) kind: String,
    /// How many of the requests that were looked at are of it.
    pub(crate) count: u64,
}

impl Admin {
    /// The kinds of which some request came in 24 hours, and none was accepted,
    /// at endpoints that have jobs.
    pub(crate) fn unhandled_kinds(&self) -> Answer<Vec<UnhandledKind>> {
        let filtered = self.newest_kinds(RequestOutcome::Filtered)?;
        if filtered.is_empty() {
            return Ok(Vec::new());
        }
        let taken = self.newest_kinds(RequestOutcome::Accepted)?;
        let mut unhandled: Vec<UnhandledKind> = Vec::new();
        for (endpoint, kind) in filtered {
            if taken.iter().any(|known| known.0 == endpoint && known.1 == kind) {
                continue;
            }
            let order = |known: &UnhandledKind| (&*known.endpoint, &*known.kind).cmp(&(&*endpoint, &*kind));
            match unhandled.binary_search_by(order) {
                Ok(index) => unhandled.get_mut(index).into_iter().for_each(|known| known.count += 1),
                Err(index) => unhandled.insert(index, UnhandledKind { endpoint, kind, count: 1 }),
            }
        }
        Ok(unhandled)
    }

    /// Endpoint and kind of each of the newest requests with an outcome.
    fn newest_kinds(&self, outcome: RequestOutcome) -> Answer<Vec<(String, String)>> {
        let since = Some(self.app.clock.now().minus(DAY));
        let query = RequestQuery { outcomes: vec![outcome], since, limit: MOST, ..RequestQuery::default() };
        let rows = wait(self.app.store.browse(query))?.rows;
        let mut found = Vec::new();
        for row in rows {
            let Some(live) = self.live(&row.endpoint).filter(|live| has_kinds(live)) else { continue };
            let known = self.kinds.of(row.id);
            let kind = match known {
                Some(kind) => kind,
                None => {
                    let kind = event_type(live, &self.kept(row.id)?.request);
                    self.kinds.note(row.id, kind.clone());
                    kind
                }
            };
            found.extend(kind.map(|kind| (row.endpoint, kind)));
        }
        Ok(found)
    }
}

/// Whether an endpoint has jobs, and its provider names kinds of events. What
/// comes to the webhook of a source are events of their own.
fn has_kinds(live: &LiveEndpoint) -> bool {
    let ready = live.check.scheme();
    let scheme = ready.as_ref().and_then(|ready| ready.scheme());
    live.source.is_none()
        && !live.filters.jobs.is_empty()
        && scheme.is_some_and(|scheme| !scheme.event_type.is_empty())
}

impl Kinds {
    fn lock(&self) -> MutexGuard<'_, Vec<(Uuid, Option<String>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The kind of a request, if it has one; `None` where it was not looked at yet.
    fn of(&self, id: Uuid) -> Option<Option<String>> {
        let known = self.lock();
        let index = known.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        known.get(index).map(|(_, kind)| kind.clone())
    }

    fn note(&self, id: Uuid, kind: Option<String>) {
        let mut known = self.lock();
        if known.len() >= 8 * MOST {
            known.clear();
        }
        if let Err(index) = known.binary_search_by_key(&id, |(id, _)| *id) {
            known.insert(index, (id, kind));
        }
    }
}
