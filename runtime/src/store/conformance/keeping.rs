//! Values by key: who sees them, when they are gone, and who may write over them.

use super::fixture::{HOUR, START, delivery};
use super::{Bed, Engine, Outcome};
use crate::store::record::End;
use crate::store::{Put, Store, ValueStore, scope_of};

fn put(key: &str, value: &str) -> Put {
    Put {
        scope: "app".to_owned(),
        key: key.to_owned(),
        value: Some(value.to_owned()),
        expires_at: None,
        expected: None,
        by: None,
    }
}

fn over(key: &str, old: Option<&str>, new: &str) -> Put {
    Put { expected: Some(old.map(str::to_owned)), ..put(key, new) }
}

async fn get<E: Engine>(bed: &Bed<E>, key: &str) -> Outcome<Option<String>> {
    Ok(bed.store.get("app".to_owned(), key.to_owned()).await?)
}

pub(crate) async fn a_value_is_what_was_written_last<E: Engine>(bed: Bed<E>) -> Outcome {
    assert_eq!(get(&bed, "a").await?, None);
    for value in ["1", "{\"é\":[2]}", "null"] {
        assert!(bed.store.put(put("a", value)).await?);
        assert_eq!(get(&bed, "a").await?.as_deref(), Some(value));
    }
    assert!(bed.store.put(Put { value: None, ..put("a", "") }).await?);
    assert_eq!(get(&bed, "a").await?, None);
    Ok(())
}

pub(crate) async fn scopes_and_keys_are_apart<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.store.put(put("a", "1")).await?;
    bed.store.put(Put { scope: "job:x".to_owned(), ..put("a", "2") }).await?;
    bed.store.put(put("A", "3")).await?;
    assert_eq!(get(&bed, "a").await?.as_deref(), Some("1"));
    assert_eq!(bed.store.get("job:x".to_owned(), "a".to_owned()).await?.as_deref(), Some("2"));
    Ok(())
}

pub(crate) async fn a_value_is_gone_at_its_time_and_not_before<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.store.put(Put { expires_at: Some(START.plus(HOUR)), ..put("a", "1") }).await?;
    bed.clock.advance(HOUR - std::time::Duration::from_micros(1));
    assert_eq!(get(&bed, "a").await?.as_deref(), Some("1"));
    assert!(!bed.store.put(over("a", None, "2")).await?);
    bed.clock.advance(std::time::Duration::from_micros(1));
    assert_eq!(get(&bed, "a").await?, None);
    assert!(bed.store.put(over("a", None, "2")).await?, "what has expired is not there");
    assert_eq!(get(&bed, "a").await?.as_deref(), Some("2"));
    bed.clock.advance(HOUR);
    assert_eq!(get(&bed, "a").await?.as_deref(), Some("2"), "the new one does not expire");
    Ok(())
}

pub(crate) async fn a_value_is_written_over_the_expected_one_alone<E: Engine>(bed: Bed<E>) -> Outcome {
    assert!(!bed.store.put(over("a", Some("1"), "2")).await?);
    assert!(bed.store.put(over("a", None, "1")).await?);
    assert!(!bed.store.put(over("a", None, "9")).await?);
    assert!(bed.store.put(over("a", Some("1"), "2")).await?);
    assert!(!bed.store.put(over("a", Some("1"), "9")).await?);
    assert!(bed.store.put(Put { value: None, ..over("a", Some("2"), "") }).await?);
    assert_eq!(get(&bed, "a").await?, None);
    Ok(())
}

pub(crate) async fn of_many_that_expect_the_same_one_succeeds<E: Engine>(bed: Bed<E>) -> Outcome {
    let all: Vec<_> = (0..50).map(|n| bed.store.put(over("a", None, &n.to_string()))).collect();
    let mut won = 0;
    for put in all {
        won += usize::from(put.await?);
    }
    assert_eq!(won, 1);
    Ok(())
}

pub(crate) async fn a_write_that_is_repeated_by_its_name_succeeds_again<E: Engine>(bed: Bed<E>) -> Outcome {
    let named = |put: Put| Put { by: Some("run/step".to_owned()), ..put };
    assert!(bed.store.put(named(over("a", None, "1"))).await?);
    assert!(bed.store.put(named(over("a", None, "1"))).await?);
    assert!(!bed.store.put(named(over("a", None, "2"))).await?, "another value is another write");
    assert!(bed.store.put(put("a", "1")).await?);
    assert!(!bed.store.put(named(over("a", None, "1"))).await?, "somebody else's is not its own");
    Ok(())
}

pub(crate) async fn expired_values_and_those_of_runs_that_went_are_deleted<E: Engine>(
    bed: Bed<E>,
) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let scope = scope_of(ticket.fence.run);
    bed.store.put(Put { scope: scope.clone(), ..put("a", "1") }).await?;
    bed.store.put(Put { expires_at: Some(START.plus(HOUR)), ..put("b", "1") }).await?;
    bed.finish(&ticket, End::DONE, Vec::new()).await?;
    assert_eq!(bed.store.get(scope.clone(), "a".to_owned()).await?.as_deref(), Some("1"));
    bed.clock.advance(HOUR * 2);
    let now = bed.clock.now();
    bed.store.prune(now, now).await?;
    assert_eq!(bed.store.get(scope, "a".to_owned()).await?, None);
    assert_eq!(get(&bed, "b").await?, None);
    Ok(())
}
