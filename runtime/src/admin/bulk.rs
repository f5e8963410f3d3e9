//! Many at once: first a plan, which says how many and shows some of them, then
//! the same with the number as its confirmation.

use super::Admin;
use super::answer::{Answer, Problem};
use super::fields::Fields;
use super::view::request::RequestView;
use super::view::run::RunView;
use super::wait::wait;
use crate::store::{RequestOutcome, RequestQuery, RunSearch, RunState};
use serde::Serialize;
use uuid::Uuid;

/// So many at once at most.
const MOST: usize = 1000;
/// So many of them a plan shows.
const SAMPLE: usize = 5;
/// So many pages are looked through for a plan.
const MOST_PAGES: usize = 20;

/// What would be done.
#[derive(Debug, Serialize)]
pub(crate) struct Plan<T> {
    /// How many; what to give as `confirm`.
    pub(crate) count: usize,
    /// There are more than can be done at once: narrow the query, or repeat it.
    pub(crate) more: bool,
    pub(crate) sample: Vec<T>,
    /// All of them.
    pub(crate) ids: Vec<Uuid>,
}

/// What was done.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Done {
    pub(crate) done: usize,
    /// What failed, by id.
    pub(crate) failed: Vec<(Uuid, String)>,
}

impl Admin {
    /// Which requests a query selects, with a limit.
    pub(crate) fn request_query(&self, fields: &Fields) -> Answer<RequestQuery> {
        let now = self.app.clock.now();
        let outcomes = fields.list("outcome").map(|name| {
            RequestOutcome::named(name).ok_or_else(|| {
                let known = RequestOutcome::ALL.map(RequestOutcome::name).join(", ");
                Problem::field("outcome", name, &format!("of {known}"))
            })
        });
        Ok(RequestQuery {
            endpoint: fields.get("endpoint").map(str::to_owned),
            outcomes: outcomes.collect::<Result<_, _>>()?,
            since: fields.time("since", now)?,
            until: fields.time("until", now)?,
            text: fields.get("text").map(str::to_owned),
            before: fields.id("before")?,
            limit: fields.limit()?,
        })
    }

    /// Which runs a query selects, with a limit.
    pub(crate) fn run_search(&self, fields: &Fields) -> Answer<RunSearch> {
        let now = self.app.clock.now();
        let states = fields.list("state").map(|name| {
            RunState::named(name).ok_or_else(|| {
                let known = RunState::ALL.map(RunState::name).join(", ");
                Problem::field("state", name, &format!("of {known}"))
            })
        });
        Ok(RunSearch {
            job: fields.get("job").map(str::to_owned),
            states: states.collect::<Result<_, _>>()?,
            since: fields.time("since", now)?,
            until: fields.time("until", now)?,
            before: fields.id("before")?,
            limit: fields.limit()?,
        })
    }

    /// Which requests would be sent again.
    pub(crate) fn plan_replay(&self, fields: &Fields) -> Answer<Plan<RequestView>> {
        let mut query = RequestQuery { limit: MOST, ..self.request_query(fields)? };
        let (mut rows, mut pages) = (Vec::new(), 0);
        let mut more = true;
        while more && rows.len() < MOST && pages < MOST_PAGES {
            let page = wait(self.app.store.browse(query.clone()))?;
            rows.extend(page.rows.into_iter().filter(|row| can_be_sent(row.outcome)));
            (query.before, more) = (page.next, page.next.is_some());
            pages += 1;
        }
        more |= rows.len() > MOST;
        rows.truncate(MOST);
        let ids = rows.iter().map(|row| row.id).collect();
        let count = rows.len();
        rows.truncate(SAMPLE);
        let sample = self.request_rows(rows)?;
        Ok(Plan { count, more, sample, ids })
    }

    /// Sends again what the plan found, the oldest first.
    pub(crate) fn replay_all(&self, fields: &Fields) -> Answer<Done> {
        let plan = self.plan_replay(fields)?;
        confirm(fields, plan.count)?;
        let mut done = Done::default();
        // What selects requests is not what is sent.
        let how = Fields::form(&format!("signature={}", fields.get("signature").unwrap_or_default()));
        for id in plan.ids.into_iter().rev() {
            done.note(id, self.replay(id, &how).map(drop));
        }
        Ok(done)
    }

    /// Which runs would be queued again.
    pub(crate) fn plan_retry(&self, fields: &Fields) -> Answer<Plan<RunView>> {
        let mut search = RunSearch { limit: MOST, ..self.run_search(fields)? };
        if search.states.is_empty() {
            search.states = vec![RunState::Failed, RunState::InvalidPayload, RunState::Crashed];
        }
        let error = fields.get("error");
        let (mut runs, mut pages) = (Vec::new(), 0);
        let mut more = true;
        while more && runs.len() < MOST && pages < MOST_PAGES {
            let page = wait(self.app.store.browse_runs(search.clone()))?;
            let views = page.rows.iter().map(|run| self.run_view(run)).filter(|run| run.can_retry);
            let wanted = views.filter(|run| {
                error.is_none_or(|wanted| {
                    let error = run.error.as_deref().unwrap_or("no error is known");
                    super::view::problems::fingerprint(error) == wanted
                })
            });
            runs.extend(wanted);
            (search.before, more) = (page.next, page.next.is_some());
            pages += 1;
        }
        more |= runs.len() > MOST;
        runs.truncate(MOST);
        let ids = runs.iter().map(|run| run.id).collect();
        let count = runs.len();
        runs.truncate(SAMPLE);
        Ok(Plan { count, more, sample: runs, ids })
    }

    /// Queues again what the plan found, the oldest first.
    pub(crate) fn retry_all(&self, fields: &Fields) -> Answer<Done> {
        let plan = self.plan_retry(fields)?;
        confirm(fields, plan.count)?;
        let mut done = Done::default();
        for id in plan.ids.into_iter().rev() {
            done.note(id, self.retry(id, None));
        }
        Ok(done)
    }
}

impl Done {
    fn note(&mut self, id: Uuid, result: Answer<()>) {
        match result {
            Ok(()) => self.done += 1,
            Err(problem) => self.failed.push((id, problem.text)),
        }
    }
}

/// Handshakes and what was not read cannot be sent again.
fn can_be_sent(outcome: RequestOutcome) -> bool {
    !matches!(outcome, RequestOutcome::Handshake | RequestOutcome::TooLarge | RequestOutcome::Overloaded)
}

/// What is done is what was planned, or nothing.
fn confirm(fields: &Fields, count: usize) -> Answer<()> {
    match fields.parse::<usize>("confirm", "the number that the plan says")? {
        Some(confirmed) if confirmed == count => Ok(()),
        Some(confirmed) => Err(Problem::conflict(format!(
            "there are {count} now, and not {confirmed}: ask for the plan again"
        ))),
        None => Err(Problem::bad(format!(
            "ask with `plan=1` first, then with `confirm={count}`, the number that it says"
        ))),
    }
}
