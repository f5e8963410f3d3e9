//! Lists that go on by themselves: server-sent events.

use super::fields::Fields;
use super::view::request::RequestView;
use super::{Admin, Visit};
use crate::serve::Listener;
use axum::body::Body;
use axum::response::Response;
use futures_util::stream;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
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

/// After so long without a request a line is sent, so that nobody on the way
/// takes the connection for dead.
const QUIET: Duration = Duration::from_secs(15);

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
    /// The next events; `None` when the program ends. It may be dropped while it
    /// waits, and nothing is lost.
    async fn next(&mut self) -> Option<String> {
        let mut events = String::new();
        while events.is_empty() {
            if self.told {
                tokio::time::sleep(self.pace.pause).await;
            }
            let burst = self.listener.next().await?;
            self.told = true;
            let mut rows: Vec<_> = burst.told.iter().map(|told| self.admin.told_row(told)).collect();
            rows.retain(|row| self.wanted.selects(row));
            let left_out = rows.len().saturating_sub(self.pace.most);
            for row in rows.iter().skip(left_out) {
                event(&mut events, &["id: ", &row.id.to_string()], &(self.write)(&self.visit, row));
            }
            let missed = burst.missed.saturating_add(u64::try_from(left_out).unwrap_or(u64::MAX));
            if missed > 0 {
                event(&mut events, &["event: missed"], &format!("{{\"missed\":{missed}}}"));
            }
        }
        Some(events)
    }
}

/// A server-sent event: a line about it, and those of its data.
fn event(out: &mut String, about: &[&str], data: &str) {
    out.extend(about.iter().copied());
    // Either of the two ends a line, and a stranger may have written it.
    for line in data.split(['\n', '\r']) {
        out.extend(["\ndata: ", line]);
    }
    out.push_str("\n\n");
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
        let next = tokio::time::timeout(QUIET, following.next()).await;
        let told = next.unwrap_or_else(|_| Some(":\n\n".to_owned()))?;
        Some((Ok::<_, Infallible>(told), following))
    });
    let mut response = Response::new(Body::from_stream(bursts));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_an_event_is_its_data() {
        let mut events = String::new();
        event(&mut events, &["id: ", "a"], "<tr>\r\n</tr>");
        event(&mut events, &["event: missed"], "{}");
        assert_eq!(events, "id: a\ndata: <tr>\ndata: \ndata: </tr>\n\nevent: missed\ndata: {}\n\n");
    }
}
