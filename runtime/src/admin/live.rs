//! Lists that go on by themselves: server-sent events.

use super::Admin;
use super::fields::Fields;
use super::view::request::RequestView;
use crate::serve::Listener;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
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

/// Each request from now on, written by `write`, and as the event `missed` how
/// many there was no time to tell. It ends when the program does.
pub(crate) fn requests<W>(
    admin: &Arc<Admin>,
    wanted: Wanted,
    pace: Pace,
    write: W,
) -> impl IntoResponse + use<W>
where
    W: Fn(&Admin, &RequestView) -> String + Send + 'static,
{
    struct Following<W> {
        admin: Arc<Admin>,
        listener: Listener,
        wanted: Wanted,
        write: W,
        told: bool,
    }
    let listener = admin.app.feed.listen();
    let following = Following { admin: Arc::clone(admin), listener, wanted, write, told: false };
    let bursts = stream::unfold(following, move |mut following| async move {
        if following.told {
            tokio::time::sleep(pace.pause).await;
        }
        let burst = following.listener.next().await?;
        let rows = burst.told.iter().map(|told| following.admin.told_row(told));
        let rows: Vec<_> = rows.filter(|row| following.wanted.selects(row)).collect();
        let left_out = rows.len().saturating_sub(pace.most);
        let mut events: Vec<_> = rows
            .iter()
            .skip(left_out)
            .map(|row| Event::default().id(&row.id).data((following.write)(&following.admin, row)))
            .collect();
        let missed = burst.missed.saturating_add(u64::try_from(left_out).unwrap_or(u64::MAX));
        if missed > 0 {
            events.push(Event::default().event("missed").data(format!("{{\"missed\":{missed}}}")));
        }
        following.told = true;
        Some((stream::iter(events.into_iter().map(Ok::<_, Infallible>)), following))
    });
    Sse::new(bursts.flatten()).keep_alive(KeepAlive::default())
}
