//! What a person sees: deliveries, runs, logs and traces.

use super::fixture::{HOUR, START, delivery, line, trace};
use super::{Bed, Engine, Outcome};
use crate::store::Store;
use crate::store::event::OriginId;
use crate::store::record::{End, LogLine, RunQuery, RunState};
use crate::store::trace::{Trace, TraceOutcome};
use uuid::Uuid;

pub(crate) async fn deliveries_are_listed_newest_first<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(bed.stored(delivery().build()).await?);
    }
    ids.reverse();
    for limit in [100, 2, 0] {
        let found = bed.store.deliveries(limit).await?;
        ids.truncate(limit);
        assert_eq!(found.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>(), ids);
    }
    Ok(())
}

pub(crate) async fn the_last_use_of_an_old_secret_is_known<E: Engine>(bed: Bed<E>) -> Outcome {
    let (early, late) = (START.plus(HOUR), START.plus(HOUR * 2));
    for (endpoint, index, at) in
        [("a", 1, early), ("a", 1, late), ("a", 2, early), ("b", 1, early), ("a", 0, late)]
    {
        let new = delivery().to(endpoint).received_at(at).set(|new| new.secret_index = Some(index));
        bed.stored(new.build()).await?;
    }
    for (endpoint, index, last) in
        [("a", 1, Some(late)), ("a", 2, Some(early)), ("b", 1, Some(early)), ("b", 2, None)]
    {
        assert_eq!(bed.store.last_use(endpoint, index).await?, last, "{endpoint} {index}");
    }
    Ok(())
}

pub(crate) async fn runs_are_found_by_each_part_of_a_query<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = bed.stored(delivery().job("x").job("y").build()).await?;
    let ticket = bed.store.claim(1, bed.clock.now()).await?.pop().ok_or("nothing due")?;
    bed.finish(&ticket, End::DONE, Vec::new()).await?;
    let second = bed.stored(delivery().job("x").build()).await?;
    let all = RunQuery::default();
    let (x, done) = (Some("x".to_owned()), Some(RunState::Done));
    let of = |id| Some(OriginId::Delivery(id));
    let rows = [
        (all.clone(), 3),
        (RunQuery { origin: of(first), ..all.clone() }, 2),
        (RunQuery { origin: of(second), ..all.clone() }, 1),
        (RunQuery { origin: of(Uuid::now_v7()), ..all.clone() }, 0),
        (RunQuery { job: x.clone(), ..all.clone() }, 2),
        (RunQuery { job: x.clone(), origin: of(first), ..all.clone() }, 1),
        (RunQuery { job: Some("z".to_owned()), ..all.clone() }, 0),
        (RunQuery { state: done, ..all.clone() }, 1),
        (RunQuery { state: done, job: Some("y".to_owned()), ..all.clone() }, 0),
        (RunQuery { state: Some(RunState::Queued), ..all.clone() }, 2),
        (RunQuery { state: Some(RunState::Crashed), ..all.clone() }, 0),
        (RunQuery { id: Some(ticket.fence.run), ..all.clone() }, 1),
        (RunQuery { id: Some(ticket.fence.run), origin: of(second), ..all.clone() }, 0),
        (RunQuery { id: Some(ticket.fence.run), state: done, job: x, ..all.clone() }, 1),
        (RunQuery { id: Some(Uuid::now_v7()), ..all.clone() }, 0),
        (RunQuery { limit: 2, ..all.clone() }, 2),
        (RunQuery { limit: 0, ..all }, 0),
    ];
    for (query, count) in rows {
        assert_eq!(bed.store.runs(query.clone()).await?.len(), count, "{query:?}");
    }
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!(
        (run.job.as_str(), run.version.as_str(), run.origin),
        ("x", "1.0.0", OriginId::Delivery(first))
    );
    Ok(())
}

pub(crate) async fn runs_are_listed_newest_first<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut ids = Vec::new();
    for _ in 0..3 {
        let new = delivery().runs(2).build();
        ids.extend(new.runs.iter().map(|run| run.id));
        bed.stored(new).await?;
    }
    ids.reverse();
    ids.truncate(4);
    let found = bed.store.runs(RunQuery { limit: 4, ..RunQuery::default() }).await?;
    assert_eq!(found.into_iter().map(|run| run.id).collect::<Vec<_>>(), ids);
    Ok(())
}

pub(crate) async fn logs_keep_their_order<E: Engine>(bed: Bed<E>) -> Outcome {
    let run = bed.claimed(delivery().runs(1).build()).await?.fence.run;
    let plain = LogLine { data: None, level: 0, attempt: 2, ..line(run, "\u{0} é") };
    let mut sent = vec![line(run, "z"), line(run, "a"), plain];
    bed.store.log(sent.clone());
    for n in 0..50 {
        let more = vec![line(run, &format!("{n}")), line(run, "same")];
        bed.store.log(more.clone());
        sent.extend(more);
    }
    bed.store.log(Vec::new());
    bed.store.flush().await?;
    assert_eq!(bed.store.logs(run).await?, sent);
    Ok(())
}

pub(crate) async fn a_log_belongs_to_its_run<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.stored(delivery().runs(2).build()).await?;
    let tickets = bed.store.claim(2, bed.clock.now()).await?;
    let [a, b] = tickets.as_slice() else { return Err("not two".into()) };
    let (a, b) = (a.fence.run, b.fence.run);
    bed.store.log(vec![line(a, "1"), line(b, "2"), line(a, "3")]);
    bed.store.flush().await?;
    assert_eq!(bed.store.logs(a).await?, [line(a, "1"), line(a, "3")]);
    assert_eq!(bed.store.logs(b).await?, [line(b, "2")]);
    assert!(bed.store.logs(Uuid::now_v7()).await?.is_empty());
    Ok(())
}

pub(crate) async fn traces_are_listed_newest_first_and_whole<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut sent: Vec<_> =
        TraceOutcome::ALL.into_iter().map(|outcome| Trace { outcome, ..trace(outcome.name()) }).collect();
    if let Some(first) = sent.first_mut() {
        first.delivery = None;
    }
    for trace in &sent {
        bed.store.trace(trace.clone());
    }
    bed.store.flush().await?;
    sent.reverse();
    // So many are kept.
    sent.truncate(5);
    assert_eq!(bed.store.traces(100).await?, sent);
    sent.truncate(2);
    assert_eq!(bed.store.traces(2).await?, sent);
    Ok(())
}

pub(crate) async fn traces_are_capped<E: Engine>(bed: Bed<E>) -> Outcome {
    for n in 0..20 {
        bed.store.trace(trace(&format!("{n}")));
    }
    bed.store.flush().await?;
    let reasons: Vec<_> = bed.store.traces(100).await?.into_iter().map(|trace| trace.reason).collect();
    assert_eq!(reasons, ["19", "18", "17", "16", "15"]);
    Ok(())
}
