//! Schedules are kept, and each tick is sent once.

use super::fixture::{HOUR, START, event};
use super::{Bed, Engine, Outcome};
use crate::store::Store;
use crate::store::schedule::{ScheduleRecord, ScheduleTick};
use crate::time::Timestamp;
use bytes::Bytes;
use futures_util::future::join_all;

fn schedule(id: &str, next_at: Timestamp) -> ScheduleRecord {
    ScheduleRecord {
        dynamic: false,
        id: id.to_owned(),
        job: "job".to_owned(),
        timing: "every: 3600000000".to_owned(),
        payload: Bytes::from_static(b"{}"),
        last_at: None,
        next_at,
    }
}

fn tick(schedule: &ScheduleRecord, key: &str) -> ScheduleTick {
    ScheduleTick {
        schedule: schedule.clone(),
        last_at: Some(schedule.next_at),
        next_at: schedule.next_at.plus(HOUR),
        events: vec![event("tick").key(key).runs(1).build()],
    }
}

pub(crate) async fn a_schedule_is_stored_whole_and_replaced<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = schedule("a", START);
    bed.store.put_schedule(first.clone()).await?;
    let dynamic = ScheduleRecord { dynamic: true, last_at: Some(START), ..schedule("a", START) };
    bed.store.put_schedule(dynamic.clone()).await?;
    assert_eq!(bed.store.schedules().await?, [first, dynamic.clone()], "two kinds, one id");
    let second = ScheduleRecord { job: "other".to_owned(), ..schedule("a", START.plus(HOUR)) };
    bed.store.put_schedule(second.clone()).await?;
    assert_eq!(bed.store.schedules().await?, [second.clone(), dynamic.clone()]);
    assert!(bed.store.drop_schedule(true, "a".to_owned()).await?);
    assert!(!bed.store.drop_schedule(true, "a".to_owned()).await?);
    assert_eq!(bed.store.schedules().await?, [second]);
    Ok(())
}

pub(crate) async fn due_schedules_are_found_in_their_order<E: Engine>(bed: Bed<E>) -> Outcome {
    for (id, hours) in [("c", 1), ("a", 3), ("b", 2)] {
        bed.store.put_schedule(schedule(id, START.plus(HOUR * hours))).await?;
    }
    assert_eq!(bed.store.next_timer().await?, Some(START.plus(HOUR)));
    let due = async |limit, now| -> Outcome<Vec<String>> {
        Ok(bed.store.due_schedules(limit, now).await?.into_iter().map(|schedule| schedule.id).collect())
    };
    assert!(due(10, START).await?.is_empty());
    assert_eq!(due(10, START.plus(HOUR * 2)).await?, ["c", "b"]);
    assert_eq!(due(2, START.plus(HOUR * 9)).await?, ["c", "b"]);
    Ok(())
}

pub(crate) async fn a_tick_moves_its_schedule_on<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = schedule("a", START);
    bed.store.put_schedule(first.clone()).await?;
    assert!(bed.store.tick(tick(&first, "1")).await?);
    let moved = ScheduleRecord { last_at: Some(START), next_at: START.plus(HOUR), ..first };
    assert_eq!(bed.store.schedules().await?, std::slice::from_ref(&moved));
    assert!(bed.claim().await?.origin.event().is_some());
    assert_eq!(bed.store.next_timer().await?, Some(moved.next_at));
    assert!(bed.store.tick(tick(&moved, "2")).await?);
    Ok(())
}

pub(crate) async fn of_many_that_notice_a_tick_one_sends_it<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = schedule("a", START);
    bed.store.put_schedule(first.clone()).await?;
    let ticks = (0..20).map(|n| bed.store.tick(tick(&first, &n.to_string())));
    let mut sent = 0;
    for done in join_all(ticks).await {
        sent += usize::from(done?);
    }
    assert_eq!(sent, 1);
    assert_eq!(bed.events().await?.len(), 1);
    Ok(())
}

pub(crate) async fn a_tick_of_a_schedule_that_changed_is_not_sent<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = schedule("a", START);
    bed.store.put_schedule(first.clone()).await?;
    let changed = ScheduleRecord { timing: "every: 60000000".to_owned(), ..first.clone() };
    bed.store.put_schedule(changed.clone()).await?;
    assert!(!bed.store.tick(tick(&first, "1")).await?);
    bed.store.drop_schedule(false, "a".to_owned()).await?;
    assert!(!bed.store.tick(tick(&changed, "2")).await?);
    assert!(bed.events().await?.is_empty());
    Ok(())
}
