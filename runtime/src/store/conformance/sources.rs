//! Registrations of external sources are kept, replaced and forgotten.

use super::bed::is_stale;
use super::fixture::{HOUR, START, delivery, event};
use super::{Bed, Engine, Outcome};
use crate::secret::Sealed;
use crate::store::{
    Accepted, DeliveryOutcome, KeptSecret, OriginId, RunQuery, SecretStore, SourceNote, SourceRow,
    SourceStore, Store,
};

fn row(address: &str) -> SourceRow {
    SourceRow {
        address: address.to_owned(),
        source: "stripe.webhook".to_owned(),
        version: "0.1.0".to_owned(),
        instance: "stripe".to_owned(),
        params: "{\"connect\":false}".to_owned(),
        url: "https://hooks.example.com/hooks/stripe".to_owned(),
        events: vec!["price.created".to_owned(), "price.updated".to_owned()],
        data: "{\"id\":\"we_1\"}".to_owned(),
        metadata: None,
        revision: 0,
        registered_at: START,
    }
}

fn note(seen: u64, metadata: &str) -> SourceNote {
    SourceNote { address: "a".to_owned(), seen, metadata: metadata.to_owned() }
}

fn noted(revision: u64, metadata: &str, row: SourceRow) -> SourceRow {
    SourceRow { revision, metadata: Some(metadata.to_owned()), ..row }
}

pub(crate) async fn a_registration_is_kept_whole<E: Engine>(bed: Bed<E>) -> Outcome {
    assert_eq!(bed.store.sources().await?, []);
    bed.store.keep_source(row("b")).await?;
    bed.store.keep_source(SourceRow { events: Vec::new(), ..row("a") }).await?;
    assert_eq!(bed.store.sources().await?, [SourceRow { events: Vec::new(), ..row("a") }, row("b")]);
    Ok(())
}

pub(crate) async fn a_new_registration_takes_the_place_of_the_old_one<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.store.keep_source(row("a")).await?;
    bed.store.accept(delivery().set(|new| new.note = Some(note(0, "1"))).build()).await?;
    let new = SourceRow { version: "0.2.0".to_owned(), registered_at: START.plus(HOUR), ..row("a") };
    bed.store.keep_source(new.clone()).await?;
    assert_eq!(bed.store.sources().await?, [noted(1, "1", new)]);
    Ok(())
}

pub(crate) async fn a_note_is_kept_with_its_delivery<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.store.keep_source(row("a")).await?;
    bed.store.keep_source(row("b")).await?;
    let with = |key: &str, note: SourceNote| {
        let noting = delivery().key(key).set(|new| new.note = Some(note));
        noting.set(|new| new.events = vec![event("a").key(key).build()]).build()
    };
    assert_eq!(bed.store.accept(with("1", note(0, "1"))).await?, Accepted::Stored);
    assert_eq!(bed.store.accept(with("2", note(1, "2"))).await?, Accepted::Stored);
    assert_eq!(bed.store.sources().await?, [noted(2, "2", row("a")), row("b")]);

    // One that was made before another was kept, and one of a source that is gone.
    let gone = SourceNote { address: "c".to_owned(), ..note(0, "3") };
    for stale in [note(1, "3"), note(0, "3"), note(3, "3"), gone] {
        assert!(is_stale(&bed.store.accept(with("3", stale)).await));
    }
    assert_eq!(bed.store.deliveries(10).await?.len(), 2, "nothing of it is stored");
    assert_eq!(bed.events().await?.len(), 2);
    assert_eq!(bed.store.sources().await?, [noted(2, "2", row("a")), row("b")]);

    // A repeat leaves nothing.
    let repeat = bed.store.accept(with("2", note(2, "4"))).await?;
    assert!(!matches!(repeat, Accepted::Stored), "{repeat:?}");
    assert_eq!(bed.store.accept(with("3", note(2, "3"))).await?, Accepted::Stored);
    assert_eq!(bed.store.sources().await?, [noted(3, "3", row("a")), row("b")]);
    Ok(())
}

pub(crate) async fn a_registration_goes_with_its_secrets<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.store.keep_source(row("a")).await?;
    for owner in ["source/a", "source/b"] {
        let sealed = Sealed::from_bytes(vec![1]);
        let secret =
            KeptSecret { owner: owner.to_owned(), version: 1, sealed, made_at: START, valid_until: None };
        bed.store.keep_secret(secret, START).await?;
    }
    bed.store.drop_source("a").await?;
    assert_eq!(bed.store.sources().await?, []);
    assert_eq!(bed.store.secrets("source/a").await?, []);
    assert_eq!(bed.store.secrets("source/b").await?.len(), 1);
    Ok(())
}

pub(crate) async fn events_of_a_delivery_are_stored_with_it<E: Engine>(bed: Bed<E>) -> Outcome {
    let events = || vec![event("a").key("1").runs(1).build(), event("b").key("2").build()];
    let new = delivery().key("d").set(|new| new.events = events()).build();
    let id = new.id;
    assert_eq!(bed.store.accept(new).await?, Accepted::Stored);
    let stored = bed.store.delivery(id).await?.ok_or("no delivery")?;
    assert_eq!(stored.outcome, DeliveryOutcome::Accepted, "an event of it has a run");
    let all = bed.events().await?;
    assert_eq!(all.len(), 2);
    let runs = bed.store.runs(RunQuery::default()).await?;
    let of = all.iter().find(|event| event.name == "a").ok_or("no event")?;
    assert_eq!(runs.iter().map(|run| run.origin).collect::<Vec<_>>(), [OriginId::Event(of.id)]);

    // The same delivery again, and the same events in another delivery.
    let again = delivery().key("d").set(|new| new.events = events()).build();
    assert!(matches!(bed.store.accept(again).await?, Accepted::Duplicate { .. }));
    let other = delivery().key("other").set(|new| new.events = events()).build();
    assert_eq!(bed.store.accept(other).await?, Accepted::Stored);
    assert_eq!(bed.events().await?.len(), 2);
    assert_eq!(bed.store.runs(RunQuery::default()).await?.len(), 1);
    Ok(())
}
