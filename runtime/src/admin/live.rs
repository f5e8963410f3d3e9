//! Lists that go on by themselves: server-sent events.

use super::Admin;
use super::fields::Fields;
use super::view::request::RequestView;
use crate::serve::Listener;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;

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

/// Each request from now on, written by `write`. It ends when the program does.
pub(crate) fn requests<W>(admin: &Arc<Admin>, wanted: Wanted, write: W) -> impl IntoResponse + use<W>
where
    W: Fn(&Admin, &RequestView) -> String + Send + 'static,
{
    struct Following<W> {
        admin: Arc<Admin>,
        listener: Listener,
        wanted: Wanted,
        write: W,
    }
    let following = Following { admin: Arc::clone(admin), listener: admin.app.feed.listen(), wanted, write };
    let events = stream::unfold(following, |mut following| async move {
        loop {
            let told = following.listener.next().await?;
            let row = following.admin.told_row(&told);
            if following.wanted.selects(&row) {
                let event = Event::default().id(&row.id).data((following.write)(&following.admin, &row));
                return Some((Ok::<_, Infallible>(event), following));
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
