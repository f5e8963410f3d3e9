//! Lists that go on by themselves: server-sent events.

use super::fields::Fields;
use super::view::request::RequestView;
use super::{Admin, Visit};
use crate::serve::Listener;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// Which requests are told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    endpoint: Option<String>,
    outcomes: Vec<String>,
}

impl Wanted {
    pub(crate) fn of(fields: &Fields) -> Self {
        Wanted {
            endpoint: fields.get("endpoint").map(str::to_owned),
            outcomes: fields.list("outcome").map(str::to_owned).collect(),
        }
    }

    fn selects(&self, row: &RequestView) -> bool {
        self.endpoint.as_ref().is_none_or(|endpoint| *endpoint == row.endpoint)
            && (self.outcomes.is_empty() || self.outcomes.iter().any(|outcome| outcome == row.outcome))
    }
}

/// How fast a list goes on. One request alone is told at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// The pause after some were told.
    pub(crate) pause: Duration,
    /// So many are told at once, the newest; of the others the number.
    pub(crate) most: usize,
}

impl Pace {
    /// For eyes: nobody reads more.
    pub(crate) const PAGE: Pace = Pace { pause: Duration::from_millis(250), most: 20 };
    /// For programs.
    pub(crate) const API: Pace = Pace { pause: Duration::from_millis(100), most: usize::MAX };
}

/// A list while it goes on.
struct Following {
    admin: Arc<Admin>,
    visit: Visit,
    listener: Listener,
    wanted: Wanted,
    pace: Pace,
    write: fn(&Visit, &RequestView) -> String,
    told: bool,
}

impl Following {
    /// What is told next; `None` when the program ends.
    async fn next(&mut self) -> Option<Vec<Event>> {
        if self.told {
            tokio::time::sleep(self.pace.pause).await;
        }
        let burst = self.listener.next().await?;
        let mut rows: Vec<_> = burst.told.iter().map(|told| self.admin.told_row(told)).collect();
        rows.retain(|row| self.wanted.selects(row));
        let left_out = rows.len().saturating_sub(self.pace.most);
        let mut events = Vec::new();
        for row in rows.iter().skip(left_out) {
            events.push(Event::default().id(&row.id).data((self.write)(&self.visit, row)));
        }
        let missed = burst.missed.saturating_add(u64::try_from(left_out).unwrap_or(u64::MAX));
        if missed > 0 {
            events.push(Event::default().event("missed").data(format!("{{\"missed\":{missed}}}")));
        }
        self.told = true;
        Some(events)
    }
}

/// Each request from now on, written by `write`, and as the event `missed` how
/// many there was no time to tell. It ends when the program does.
pub(crate) fn requests(
    admin: Arc<Admin>,
    visit: Visit,
    wanted: Wanted,
    pace: Pace,
    write: fn(&Visit, &RequestView) -> String,
) -> Response {
    let listener = admin.app.feed.listen();
    let following = Following { admin, visit, listener, wanted, pace, write, told: false };
    let bursts = stream::unfold(following, async |mut following| {
        let events = following.next().await?;
        Some((stream::iter(events.into_iter().map(Ok::<_, Infallible>)), following))
    });
    Sse::new(bursts.flatten()).keep_alive(KeepAlive::default()).into_response()
}
