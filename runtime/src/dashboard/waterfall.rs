//! A run as bars on one line of time.

use crate::admin::view::run::{RunDetail, StepView, WaitView};
use crate::store::{Run, Step, StepKind, StepState};
use crate::time::Timestamp;
use std::cmp::Reverse;

/// How wide the line of time is drawn.
const WIDTH: u64 = 1000;

/// One bar with its name.
#[derive(Debug)]
pub(super) struct Bar<'a> {
    pub(super) name: String,
    /// How deep it lies inside of other steps.
    pub(super) depth: usize,
    pub(super) mark: &'static str,
    pub(super) state: &'static str,
    /// The execution that it is of, where that was not the first.
    pub(super) attempt: Option<u32>,
    pub(super) spans: Vec<Span>,
    /// Microseconds.
    pub(super) took: u64,
    pub(super) step: Option<&'a StepView>,
    /// A wait that is open.
    pub(super) wait: Option<&'a WaitView>,
    pub(super) note: &'static str,
    /// Whether its details are shown at once.
    pub(super) open: bool,
}

/// A piece of a bar.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) kind: &'static str,
    pub(super) x: u64,
    pub(super) width: u64,
}

/// The line of time on which bars are drawn.
struct Scale {
    start: i64,
    length: i64,
}

impl Scale {
    fn span(&self, kind: &'static str, from: Timestamp, to: Timestamp) -> Span {
        let place = |at: Timestamp| {
            let offset = (at.0 - self.start).clamp(0, self.length);
            u64::try_from(i128::from(offset) * i128::from(WIDTH) / i128::from(self.length)).unwrap_or(0)
        };
        let x = place(from).min(WIDTH - 3);
        Span { kind, x, width: place(to).saturating_sub(x).max(3) }
    }
}

/// The bars of a run: the whole of it, then each step in the order in which they began.
pub(super) fn bars(run: &RunDetail, now: Timestamp) -> Vec<Bar<'_>> {
    let stored = &run.stored;
    let end = stored.finished_at.unwrap_or(now);
    let last = run.stored_steps.iter().map(|step| step.finished_at).max().unwrap_or(end);
    let scale = Scale { start: stored.created_at.0, length: (end.max(last).0 - stored.created_at.0).max(1) };
    let mut bars = vec![whole(stored, &run.stored_steps, &scale, end)];
    let mut steps: Vec<(&Step, &StepView)> = Vec::with_capacity(run.steps.len());
    let place = |step: &Step| (step.started_at, Reverse(step.finished_at));
    for (step, view) in run.stored_steps.iter().zip(&run.steps) {
        // They come nearly in this order, as they ended.
        let n = steps.partition_point(|(other, _)| place(other) <= place(step));
        steps.insert(n, (step, view));
    }
    bars.extend(steps.into_iter().map(|(step, view)| Bar {
        name: view.name.clone().unwrap_or_else(|| last_part(&step.key)),
        depth: step.key.matches('/').count().min(4),
        mark: match step.state {
            StepState::Done => "✓",
            StepState::TimedOut => "○",
            StepState::Failed | StepState::Failing => "✗",
        },
        state: view.state,
        attempt: later(step.attempt),
        spans: vec![scale.span(kind(step.kind, view.state), step.started_at, step.finished_at)],
        took: view.took,
        step: Some(view),
        wait: None,
        note: "",
        open: matches!(step.state, StepState::Failed | StepState::Failing),
    }));
    // One that has ended is a step as soon as its run goes on.
    let open = run.stored_waits.iter().zip(&run.waits);
    bars.extend(open.map(|(wait, view)| Bar {
        name: last_part(&wait.key),
        depth: wait.key.matches('/').count().min(4),
        mark: "…",
        state: "waiting",
        attempt: None,
        spans: vec![scale.span("wait", wait.opened_at, end)],
        took: crate::admin::view::micros(end.since(wait.opened_at)),
        step: None,
        wait: Some(view).filter(|_| wait.ended.is_none()),
        note: match wait.kind {
            _ if wait.ended.is_some() => "It has ended; the run goes on.",
            StepKind::Event => "It waits for an event.",
            StepKind::Request => "It waits for a request to its address.",
            StepKind::Call => "It waits for the end of the run that it called.",
            _ => "It waits for its time.",
        },
        open: true,
    }));
    bars
}

fn later(attempt: u32) -> Option<u32> {
    Some(attempt).filter(|attempt| *attempt > 1)
}

fn last_part(key: &str) -> String {
    key.rsplit('/').next().unwrap_or_default().to_owned()
}

/// How a step is drawn: what waits is no work.
fn kind(kind: StepKind, state: &'static str) -> &'static str {
    match kind {
        StepKind::Task | StepKind::Value => state,
        StepKind::Wait | StepKind::Event | StepKind::Request | StepKind::Call => "wait",
    }
}

/// The bar of the run itself: what is no step is the job's own code, or a pause
/// before another attempt.
fn whole(run: &Run, steps: &[Step], scale: &Scale, end: Timestamp) -> Bar<'static> {
    let begun = steps.iter().map(|step| step.started_at).min();
    let mut spans = Vec::new();
    if run.attempt == 0 {
        spans.push(scale.span("queued", run.created_at, end));
    } else {
        if let Some(begun) = begun {
            spans.push(scale.span("queued", run.created_at, begun));
        }
        spans.push(scale.span("running", begun.unwrap_or(run.created_at), end));
    }
    Bar {
        name: "run".to_owned(),
        depth: 0,
        mark: if run.state.is_failure() {
            "✗"
        } else if run.state.is_final() {
            "✓"
        } else {
            "·"
        },
        state: run.state.name(),
        attempt: later(run.attempt),
        spans,
        took: crate::admin::view::micros(end.since(run.created_at)),
        step: None,
        wait: None,
        note: "From its making to its end; the lighter part is until its first step began.",
        open: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_never_too_thin_to_see_nor_off_the_line() {
        let scale = Scale { start: 100, length: 1_000_000 };
        let span = |from, to| scale.span("done", Timestamp(from), Timestamp(to));
        assert_eq!(span(100, 1_000_100), Span { kind: "done", x: 0, width: 1000 });
        assert_eq!(span(500_100, 500_101), Span { kind: "done", x: 500, width: 3 });
        assert_eq!(span(1_000_100, 1_000_100), Span { kind: "done", x: 997, width: 3 });
        assert_eq!(span(i64::MIN / 2, i64::MAX / 2), Span { kind: "done", x: 0, width: 1000 });
    }
}
