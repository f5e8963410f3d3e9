//! What the store in memory forgets, and when.

use super::state::State;
use crate::store::event::OriginId;
use crate::store::kv::scope_of;
use crate::time::Timestamp;
use std::collections::VecDeque;
use uuid::Uuid;

impl State {
    pub(super) fn is_finished(&mut self, origin: OriginId) -> bool {
        let runs = self.runs_of(origin).map(|runs| runs.clone()).unwrap_or_default();
        runs.iter().filter_map(|id| self.runs.get(id)).all(|run| run.state.is_final())
    }

    /// Counts a delivery or an event as finished, and forgets the oldest beyond the number kept.
    pub(super) fn retire(&mut self, origin: OriginId) {
        self.finished.push_back(origin);
        while self.finished.len() > self.max_finished {
            let Some(oldest) = self.finished.pop_front() else { break };
            self.forget(oldest);
        }
    }

    fn forget(&mut self, origin: OriginId) {
        let runs = match origin {
            OriginId::Delivery(id) => self.forget_delivery(id),
            OriginId::Event(id) => self.events.forget(id),
        };
        for run in runs {
            let scope = scope_of(run);
            self.values.retain(|(of, _), _| *of != scope);
            for token in self.runs.remove(&run).map(|run| run.tokens).unwrap_or_default() {
                self.tokens.remove(&token);
            }
        }
    }

    fn forget_delivery(&mut self, id: Uuid) -> Vec<Uuid> {
        let Some(row) = self.deliveries.remove(&id) else { return Vec::new() };
        self.order.remove(&row.place);
        if let (Some(dedupe), Some(keys)) = (row.dedupe, self.keys.get_mut(row.endpoint))
            && keys.get(&dedupe.key).is_some_and(|key| key.delivery == id)
        {
            keys.remove(&dedupe.key);
        }
        row.runs
    }

    pub(super) fn prune(&mut self, before: Timestamp, now: Timestamp) -> usize {
        for keys in self.keys.values_mut() {
            keys.retain(|_, key| key.expires_at > now);
        }
        self.values.retain(|_, row| row.is_there(now));
        let (old, kept): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.finished)
            .into_iter()
            .partition(|origin| self.is_older(*origin, before, now));
        self.finished = kept;
        for origin in &old {
            self.forget(*origin);
        }
        old.len()
    }

    fn is_older(&self, origin: OriginId, before: Timestamp, now: Timestamp) -> bool {
        let (is_old, runs) = match origin {
            OriginId::Delivery(id) => match self.deliveries.get(&id) {
                Some(row) => {
                    let is_old = Timestamp::from(row.request.received_at()) < before
                        && row.dedupe.as_ref().is_none_or(|dedupe| dedupe.expires_at <= now);
                    (is_old, &row.runs)
                }
                None => return true,
            },
            OriginId::Event(id) => match self.events.rows.get(&id) {
                Some(row) => (row.event.due_at.unwrap_or(row.event.at) < before, &row.runs),
                None => return true,
            },
        };
        let ended =
            |id: &Uuid| self.runs.get(id).is_none_or(|run| run.finished_at.is_some_and(|at| at < before));
        is_old && runs.iter().all(ended)
    }
}
