//! A request on its way: where it came in, when, and who sent it.

use super::App;
use super::live::LiveEndpoint;
use crate::store::RequestOutcome;
use crate::time::Timestamp;
use std::sync::OnceLock;
use std::time::SystemTime;
use uuid::Uuid;

/// A request on its way.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) app: &'a App,
    pub(super) endpoint: &'a LiveEndpoint,
    pub(super) at: Timestamp,
    /// How a person sends it; `None` for what came over the wire.
    pub(super) by_hand: Option<&'a ByHand>,
}

/// A request that a person sends: again, changed, or for a try.
#[derive(Debug, Default)]
pub(crate) struct ByHand {
    /// It is not verified: the person vouches for it.
    pub(crate) vouched_for: bool,
    /// The time by which its signature is judged; now, where none is said.
    pub(crate) as_of: Option<SystemTime>,
    /// It is taken although it repeats another.
    pub(crate) also_repeats: bool,
    /// The request that is sent again.
    pub(crate) replay_of: Option<Uuid>,
    /// What became of it, when that is known.
    pub(crate) landed: OnceLock<Landed>,
}

/// What became of a request that a person sent.
#[derive(Clone, Debug)]
pub(crate) struct Landed {
    pub(crate) id: Uuid,
    pub(crate) outcome: RequestOutcome,
    pub(crate) status: u16,
    pub(crate) reason: Option<String>,
    pub(crate) jobs: Vec<&'static str>,
}

impl Arrival<'_> {
    pub(super) fn replay_of(&self) -> Option<Uuid> {
        self.by_hand?.replay_of
    }

    pub(super) fn is_vouched_for(&self) -> bool {
        self.by_hand.is_some_and(|by_hand| by_hand.vouched_for)
    }

    /// The time by which its signature is judged.
    pub(super) fn judged_at(&self) -> SystemTime {
        self.by_hand.and_then(|by_hand| by_hand.as_of).unwrap_or_else(|| self.at.into())
    }

    /// Tells a person what became of the request.
    pub(super) fn landed(&self, landed: impl FnOnce() -> Landed) {
        if let Some(by_hand) = self.by_hand {
            by_hand.landed.get_or_init(landed);
        }
    }

    /// The page of a request, for its log line.
    pub(super) fn page(&self, id: Uuid) -> Option<String> {
        Some(format!("{}/requests/{id}", self.app.pages.get()?))
    }
}
