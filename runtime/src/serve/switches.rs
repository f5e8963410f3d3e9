//! What a person switched off: an endpoint, or some jobs.

use super::App;
use super::live::LiveEndpoint;
use super::verdicts::Matched;
use crate::job::JobSpec;
use crate::store::{Store, StoreError};
use crate::{source, verdict};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

const ENDPOINT: u8 = 1;
const SOME_JOB: u8 = 2;

/// The switches of an endpoint and its jobs. A request looks at one number; all
/// is on where it is zero.
pub(crate) struct Switches {
    off: AtomicU8,
    /// Of each job, in the order of the filters.
    jobs: Box<[AtomicBool]>,
}

impl Switches {
    /// All on.
    pub(crate) fn new(jobs: usize) -> Self {
        Switches { off: AtomicU8::new(0), jobs: (0..jobs).map(|_| AtomicBool::new(false)).collect() }
    }

    /// Whether the endpoint is switched off.
    pub(crate) fn endpoint_is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed) & ENDPOINT != 0
    }

    /// Whether a job is switched off.
    pub(crate) fn job_is_off(&self, index: usize) -> bool {
        self.jobs.get(index).is_some_and(|job| job.load(Ordering::Relaxed))
    }

    /// Switches the endpoint off or on.
    pub(crate) fn endpoint(&self, off: bool) {
        self.set(ENDPOINT, off);
    }

    /// Switches a job off or on.
    pub(crate) fn job(&self, index: usize, off: bool) {
        if let Some(job) = self.jobs.get(index) {
            job.store(off, Ordering::Relaxed);
        }
        self.set(SOME_JOB, self.jobs.iter().any(|job| job.load(Ordering::Relaxed)));
    }

    fn set(&self, bit: u8, on: bool) {
        if on {
            self.off.fetch_or(bit, Ordering::Relaxed);
        } else {
            self.off.fetch_and(!bit, Ordering::Relaxed);
        }
    }
}

impl LiveEndpoint {
    /// The jobs that its requests may run, in the order of their switches.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = &'static JobSpec> {
        // No job names the endpoint of a source: they take its events.
        let of_events = self.source.iter().flat_map(|source| source.jobs()).map(|(job, _)| job);
        self.filters.jobs.iter().copied().chain(of_events)
    }

    /// Which of its switches is that of a job.
    pub(crate) fn switch_of(&self, job: &str) -> Option<usize> {
        self.jobs().position(|known| known.id == job)
    }

    /// Whether a job is switched off that its requests may run.
    pub(crate) fn is_off(&self, job: &str) -> bool {
        let some = self.switches.off.load(Ordering::Relaxed) & SOME_JOB != 0;
        some && self.switch_of(job).is_some_and(|index| self.switches.job_is_off(index))
    }

    /// Takes the runs of jobs that are switched off from those that an event
    /// starts, and says so among the reasons.
    pub(crate) fn without_runs_off(&self, matched: &mut source::Matched) {
        if self.switches.off.load(Ordering::Relaxed) & SOME_JOB == 0 {
            return;
        }
        matched.event.runs.retain(|run| !self.is_off(run.job));
        matched.jobs.retain(|job| {
            let off = self.is_off(job.id);
            if off {
                verdict::add_off(&mut matched.verdicts, job.id);
            }
            !off
        });
    }

    /// Takes jobs that are switched off out of those that a request runs, and
    /// says so among the reasons.
    pub(super) fn without_jobs_off(&self, matched: &mut Matched) {
        if self.switches.off.load(Ordering::Relaxed) & SOME_JOB == 0 {
            return;
        }
        let (off, on): (Vec<_>, Vec<_>) = matched.jobs.drain(..).partition(|job| self.is_off(job.id));
        matched.jobs = on;
        for job in off {
            matched.switched_off(job.id);
        }
    }
}

/// What the settings of switched off endpoints and jobs begin with.
pub(crate) const OFF_ENDPOINT: &str = "off:endpoint:";
pub(crate) const OFF_JOB: &str = "off:job:";

impl App {
    /// Switches a job off or on, for requests and for events; whether the
    /// program runs it.
    pub(crate) fn switch_job(&self, job: &str, off: bool) -> bool {
        for live in &self.endpoints {
            if let Some(index) = live.switch_of(job) {
                live.switches.job(index, off);
            }
        }
        self.subscriptions.switch(job, off)
    }
}

/// The jobs that a person switched off before the program was started again.
pub(crate) async fn jobs_off(store: &dyn Store) -> Result<Vec<String>, StoreError> {
    let settings = store.settings(OFF_JOB).await?;
    Ok(settings.iter().filter_map(|(name, _)| name.strip_prefix(OFF_JOB)).map(str::to_owned).collect())
}

/// Switches off what a person switched off before the program was started again.
pub(crate) async fn restore_switches(app: &App) -> Result<(), StoreError> {
    for (name, _) in app.store.settings(OFF_ENDPOINT).await? {
        let id = name.strip_prefix(OFF_ENDPOINT).unwrap_or_default();
        if let Some(live) = app.endpoints.iter().find(|live| live.spec.id == id) {
            live.switches.endpoint(true);
            tracing::warn!(endpoint = id, "the endpoint is switched off: its requests get a 503");
        }
    }
    for job in jobs_off(&*app.store).await? {
        if app.switch_job(&job, true) {
            tracing::warn!(job, "the job is switched off: it starts no runs");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_is_switched_on_again_leaves_the_others_off() {
        let switches = Switches::new(2);
        switches.job(0, true);
        switches.job(1, true);
        switches.job(0, false);
        assert_eq!((switches.job_is_off(0), switches.job_is_off(1)), (false, true));
        assert_eq!(switches.off.load(Ordering::Relaxed), SOME_JOB);
        switches.job(1, false);
        switches.endpoint(true);
        assert_eq!(switches.off.load(Ordering::Relaxed), ENDPOINT);
        assert!(switches.endpoint_is_off());
    }
}
