//! Calls that are kept with their runs.
//!
//! Most calls say which job is called and with what, and nothing else; their ids say
//! when. Such a call has no row in `event`: its run has its id, and its payload. So it
//! costs one row in place of two, of which one is in two more indexes.

use crate::event::INVOKE;
use crate::store::event::{EventRecord, EventState};
use crate::store::record::NewRun;
use bytes::Bytes;

/// A longer payload is not kept with the run, whose row is written again when it ends.
pub(super) const MOST_PAYLOAD: usize = 1024;

/// What is kept with the run of a call in place of a row for it; `None` where the
/// call needs a row, or is none.
pub(super) fn payload<'e>(event: &'e EventRecord, runs: &[NewRun]) -> Option<&'e Bytes> {
    let EventRecord {
        id,
        name,
        job: Some(job),
        payload,
        at,
        state: EventState::Sent,
        source: None,
        key: None,
        context: None,
        properties: None,
        due_at: None,
        delivery: None,
        sender: None,
        test: false,
    } = event
    else {
        return None;
    };
    let [run] = runs else { return None };
    let follows = name == INVOKE && run.id == *id && run.job == job && crate::id::time(*id) == *at;
    (follows && payload.len() <= MOST_PAYLOAD).then_some(payload)
}
