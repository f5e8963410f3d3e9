//! Runs: a row of a list, and one with its steps and its log.

use super::super::Admin;
use super::super::answer::{Answer, Problem};
use super::super::wait::wait;
use super::micros;
use crate::store::{LogLine, Run, RunQuery, RunSearch, RunState, Step, StepKind, StepState, Wait};
use crate::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use triggerfish_filter::{Filter, Root};
use uuid::Uuid;

/// A run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RunView {
    pub(crate) id: Uuid,
    pub(crate) job: String,
    pub(crate) name: String,
    pub(crate) version: String,
    /// The delivery that started it, where it was one.
    pub(crate) delivery: Option<Uuid>,
    /// The event that started it, where it was one.
    pub(crate) event: Option<Uuid>,
    pub(crate) state: &'static str,
    /// Executions begun.
    pub(crate) attempt: u32,
    pub(crate) failures: u32,
    pub(crate) crashes: u32,
    pub(crate) error: Option<String>,
    pub(crate) created_at: Timestamp,
    /// When it goes on by itself, where it is queued or waits.
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) finished_at: Option<Timestamp>,
    /// From its making to its end, in microseconds.
    pub(crate) took: Option<u64>,
    pub(crate) can_retry: bool,
    pub(crate) can_cancel: bool,
}

/// A page of runs.
#[derive(Debug, Serialize)]
pub(crate) struct RunPage {
    pub(crate) runs: Vec<RunView>,
    /// What to give as `before` for the next page.
    pub(crate) next: Option<Uuid>,
}

/// One run.
#[derive(Debug, Serialize)]
pub(crate) struct RunDetail {
    /// Its fields stand beside the others.
    #[serde(skip)]
    pub(crate) run: RunView,
    /// What it returned, as JSON.
    pub(crate) output: Option<String>,
    pub(crate) steps: Vec<StepView>,
    /// What it waits for now.
    pub(crate) waits: Vec<WaitView>,
    pub(crate) logs: Vec<LogView>,
    #[serde(skip)]
    pub(crate) stored: Run,
    #[serde(skip)]
    pub(crate) stored_steps: Vec<Step>,
    #[serde(skip)]
    pub(crate) stored_waits: Vec<Wait>,
}

/// A step that ended.
#[derive(Debug, Serialize)]
pub(crate) struct StepView {
    pub(crate) key: String,
    /// What a person calls it, where that is not the key.
    pub(crate) name: Option<String>,
    /// What it is: a task, a value, a wait, or a call.
    pub(crate) kind: &'static str,
    pub(crate) state: &'static str,
    /// How often it failed until then.
    pub(crate) failures: u32,
    /// What it works on, as JSON.
    pub(crate) params: Option<String>,
    /// The output as JSON, or the text of the error.
    pub(crate) output: String,
    /// The execution that ran it.
    pub(crate) attempt: u32,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    pub(crate) took: u64,
    /// The event that ended it, of a wait.
    pub(crate) event: Option<Uuid>,
}

/// A wait that is open.
#[derive(Debug, Serialize)]
pub(crate) struct WaitView {
    pub(crate) key: String,
    /// What it is for: a time, an event, a request or a call.
    pub(crate) kind: &'static str,
    /// The name of the event that it is for.
    pub(crate) event: Option<String>,
    /// Which of these events: filters over the payload that must all hold.
    pub(crate) filters: Vec<String>,
    /// Whether it can be completed with a body: what the run then gets.
    pub(crate) takes_body: bool,
    /// A payload that the event's declaration gives as an example.
    pub(crate) example: Option<&'static str>,
    pub(crate) opened_at: Timestamp,
    /// The event of the call whose run it is for.
    pub(crate) call: Option<Uuid>,
    /// When it ends by itself, where it does.
    pub(crate) due_at: Option<Timestamp>,
}

/// A line of a run's log.
#[derive(Debug, Serialize)]
pub(crate) struct LogView {
    pub(crate) at: Timestamp,
    pub(crate) attempt: u32,
    pub(crate) level: &'static str,
    pub(crate) message: String,
    /// What was logged with it, as JSON.
    pub(crate) data: Option<String>,
}

/// The names of levels, by their number in the store.
pub(crate) const LEVELS: [&str; 5] = ["log", "error", "warn", "info", "debug"];

/// A time that comes.
fn due(at: Timestamp) -> Option<Timestamp> {
    Some(at).filter(|at| *at != Timestamp::NEVER)
}

impl Admin {
    /// A page of runs.
    pub(crate) fn runs(&self, search: RunSearch) -> Answer<RunPage> {
        let page = wait(self.app.store.browse_runs(search))?;
        let runs = page.rows.iter().map(|run| self.run_view(run)).collect();
        Ok(RunPage { runs, next: page.next })
    }

    /// One run as it is stored.
    pub(crate) fn stored_run(&self, id: Uuid) -> Answer<Run> {
        let query = RunQuery { id: Some(id), ..RunQuery::default() };
        let run = wait(self.app.store.runs(query))?.into_iter().next();
        run.ok_or_else(|| Problem::unknown("run", id))
    }

    /// One run with its steps and its log, of lines up to a level.
    pub(crate) fn run(&self, id: Uuid, level: u8) -> Answer<RunDetail> {
        let stored = self.stored_run(id)?;
        let stored_steps = wait(self.app.store.steps(id))?;
        let stored_waits = wait(self.app.store.waits(id))?;
        let output = wait(self.app.store.output(id))?;
        let logs = wait(self.app.store.logs(id))?;
        let logs = logs.iter().filter(|line| line.level <= level);
        Ok(RunDetail {
            run: self.run_view(&stored),
            output: output.map(|output| super::body::pretty(&self.redaction.json(&output))),
            steps: stored_steps.iter().map(|step| self.step_view(step)).collect(),
            waits: stored_waits.iter().map(|wait| self.wait_view(wait)).collect(),
            logs: logs.map(|line| self.log_view(line)).collect(),
            stored,
            stored_steps,
            stored_waits,
        })
    }

    pub(crate) fn run_view(&self, run: &Run) -> RunView {
        let job = self.registry.jobs().iter().find(|job| job.id == run.job);
        RunView {
            id: run.id,
            name: job.map_or(run.job.as_str(), |job| job.name).to_owned(),
            job: run.job.clone(),
            version: run.version.clone(),
            delivery: run.origin.delivery(),
            event: run.origin.event(),
            state: run.state.name(),
            attempt: run.attempt,
            failures: run.failures,
            crashes: run.crashes,
            error: run.error.as_deref().map(|error| self.redaction.text(error)),
            created_at: run.created_at,
            due_at: match run.state {
                RunState::Queued | RunState::Waiting => due(run.due_at),
                _ => None,
            },
            finished_at: run.finished_at,
            took: run.finished_at.map(|end| micros(end.since(run.created_at))),
            can_retry: run.state.is_final() || run.state == RunState::Parked,
            can_cancel: !run.state.is_final(),
        }
    }

    fn wait_view(&self, wait: &Wait) -> WaitView {
        let filters = wait.filter.as_deref().and_then(|filters| serde_json::from_str(filters).ok());
        let filters: Vec<Value> = filters.unwrap_or_default();
        // It was checked before it was stored.
        let filters = filters.iter().filter_map(|filter| Filter::from_json(filter, Root::Payload).ok());
        let declared = wait
            .event
            .as_deref()
            .and_then(|name| self.registry.events().iter().find(|spec| spec.names.contains(&name)));
        WaitView {
            key: wait.key.clone(),
            kind: wait.kind.name(),
            event: wait.event.clone(),
            filters: filters.map(|filter| self.redaction.text(&filter.to_string())).collect(),
            takes_body: wait.kind != StepKind::Wait,
            example: declared.and_then(|spec| spec.examples.first()).map(|example| example.json),
            opened_at: wait.opened_at,
            call: wait.call,
            due_at: due(wait.due_at),
        }
    }

    fn step_view(&self, step: &Step) -> StepView {
        let about = step.about.as_deref();
        StepView {
            key: step.key.clone(),
            name: about.and_then(|about| about.name.clone()).map(|name| self.redaction.text(&name)),
            kind: step.kind.name(),
            state: step.state.name(),
            output: match step.state {
                StepState::Done | StepState::TimedOut => {
                    super::body::pretty(&self.redaction.json(&step.output))
                }
                StepState::Failed | StepState::Failing => self.redaction.text(&step.output),
            },
            params: about
                .and_then(|about| about.params.as_ref())
                .map(|params| super::body::pretty(&self.redaction.json(&params.to_string()))),
            failures: step.failures,
            attempt: step.attempt,
            started_at: step.started_at,
            finished_at: step.finished_at,
            took: micros(step.finished_at.since(step.started_at)),
            event: step.event,
        }
    }

    fn log_view(&self, line: &LogLine) -> LogView {
        LogView {
            at: line.at,
            attempt: line.attempt,
            level: LEVELS.get(usize::from(line.level)).copied().unwrap_or("info"),
            message: self.redaction.text(&line.message),
            data: line.data.as_deref().map(|data| super::body::pretty(&self.redaction.json(data))),
        }
    }
}
