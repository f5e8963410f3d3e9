//! Registrations of external sources are kept, replaced and forgotten.

use super::fixture::{HOUR, START, delivery, event};
use super::{Bed, Engine, Outcome};
use crate::secret::Sealed;
use crate::store::{
    Accepted, DeliveryOutcome, EventQuery, KeptSecret, OriginId, RunQuery, SecretStore, SourceRow,
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
        registered_at: START,
    }
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
    bed.store.note_source("a", "{\"n\":1}".to_owned()).await?;
    bed.store.note_source("unknown", "{}".to_owned()).await?;
    let new = SourceRow { version: "0.2.0".to_owned(), registered_at: START.plus(HOUR), ..row("a") };
    bed.store.keep_source(new.clone()).await?;
    assert_eq!(bed.store.sources().await?, [SourceRow { metadata: Some("{\"n\":1}".to_owned()), ..new }]);
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
    let all = bed.store.events(EventQuery::default()).await?;
    assert_eq!(all.len(), 2);
    let runs = bed.store.runs(RunQuery::default()).await?;
    let of = all.iter().find(|event| event.name == "a").ok_or("no event")?;
    assert_eq!(runs.iter().map(|run| run.origin).collect::<Vec<_>>(), [OriginId::Event(of.id)]);

    // The same delivery again, and the same events in another delivery.
    let again = delivery().key("d").set(|new| new.events = events()).build();
    assert!(matches!(bed.store.accept(again).await?, Accepted::Duplicate { .. }));
    let other = delivery().key("other").set(|new| new.events = events()).build();
    assert_eq!(bed.store.accept(other).await?, Accepted::Stored);
    assert_eq!(bed.store.events(EventQuery::default()).await?.len(), 2);
    assert_eq!(bed.store.runs(RunQuery::default()).await?.len(), 1);
    Ok(())
}
