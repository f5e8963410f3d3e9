//! The request path: from a socket's bytes to a durable delivery and an answer.

#[cfg_attr(not(feature = "dashboard"), allow(dead_code, reason = "nobody looks on"))]
mod arrival;
mod dedupe;
#[cfg_attr(not(feature = "dashboard"), allow(dead_code, reason = "nobody looks on"))]
mod feed;
mod filters;
mod ingest;
mod live;
mod outcome;
mod reply;
mod respond;
mod resume;
mod router;
mod source;
#[cfg_attr(not(feature = "dashboard"), allow(dead_code, reason = "nobody looks on"))]
mod switches;
mod verdicts;

#[cfg(feature = "dashboard")]
pub(crate) use arrival::{ByHand, Landed};
pub(crate) use feed::Feed;
#[cfg(feature = "dashboard")]
pub(crate) use feed::{Listener, Told};
pub(crate) use filters::Filters;
#[cfg(feature = "dashboard")]
pub(crate) use ingest::{Unread, read, send_by_hand};
pub(crate) use live::{Check, LiveEndpoint};
#[cfg(feature = "dashboard")]
pub(crate) use respond::parts;
pub(crate) use router::router;
#[cfg(feature = "dashboard")]
pub(crate) use switches::{OFF_ENDPOINT, OFF_JOB};
pub(crate) use switches::{jobs_off, restore_switches};

use crate::event::Subscriptions;
use crate::run::Workers;
use crate::source::Sources;
use crate::store::Store;
use crate::time::Clock;
use crate::vault::Vault;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// What the request path works on. Built once, at start-up.
pub(crate) struct App {
    pub(crate) endpoints: Vec<LiveEndpoint>,
    /// Where an endpoint that is mounted by its id stands in `endpoints`.
    pub(crate) by_id: HashMap<&'static str, usize>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) workers: Arc<Workers>,
    /// Which jobs take events, and which of all are switched off.
    pub(crate) subscriptions: Arc<Subscriptions>,
    pub(crate) clock: Clock,
    /// Requests that may be in work at once.
    pub(crate) in_flight: Semaphore,
    /// How long the body of a request may take to arrive.
    pub(crate) body_timeout: Duration,
    pub(crate) public_url: Option<Arc<str>>,
    pub(crate) dev: bool,
    /// Who looks on.
    pub(crate) feed: Feed,
    /// Where the pages of the dashboard are, for log lines; set where they are served.
    pub(crate) pages: OnceLock<String>,
    /// Where the secrets are that the program keeps; none where it keeps none.
    pub(crate) vault: Option<Vault>,
    pub(crate) sources: Sources,
}
