//! A delivery is stored as it came, once it is stored at all.

use super::bed::delivered;
use super::fixture::{delivery, header_list, header_map};
use super::{Bed, Engine, Outcome};
use crate::store::record::{Accepted, DeliveryOutcome};
use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use bytes::Bytes;
use futures_util::future::join_all;
use http::{Method, Uri};
use std::time::{Duration, SystemTime};
use uuid::Uuid;

pub(crate) async fn a_delivery_is_stored_whole<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = delivery().to("b").runs(1).body("{}").headers(&[("x-a", b"1")]).set(|new| {
        new.provider_id = Some("evt_1".to_owned());
        new.secret_index = Some(1);
        new.verdicts = Some("{\"other\":\"no\"}".to_owned());
    });
    let id = bed.stored(new.build()).await?;
    let found = bed.store.delivery(id).await?.ok_or("not found")?;
    assert_eq!((found.id, found.endpoint.as_str()), (id, "b"));
    assert_eq!(found.outcome, DeliveryOutcome::Accepted);
    assert_eq!(found.provider_id.as_deref(), Some("evt_1"));
    assert_eq!(found.secret_index, Some(1));
    assert_eq!(found.verdicts.as_deref(), Some("{\"other\":\"no\"}"));
    assert_eq!(found.request.body(), "{}");
    assert_eq!(header_list(&found.request), [("x-a".to_owned(), b"1".to_vec())]);
    Ok(())
}

pub(crate) async fn a_delivery_without_runs_is_filtered<E: Engine>(bed: Bed<E>) -> Outcome {
    let id = bed.stored(delivery().build()).await?;
    let found = bed.store.delivery(id).await?.ok_or("not found")?;
    assert_eq!(found.outcome, DeliveryOutcome::Filtered);
    assert!(bed.runs_of(id).await?.is_empty());
    assert_eq!(found.provider_id, None);
    assert_eq!(found.secret_index, None);
    assert_eq!(found.verdicts, None);
    Ok(())
}

async fn survives<E: Engine>(bed: &Bed<E>, body: Bytes) -> Outcome {
    let id = bed.stored(delivery().runs(1).body(body.clone()).build()).await?;
    let found = bed.store.delivery(id).await?.ok_or("not found")?;
    assert_eq!(found.request.body(), &body);
    assert_eq!(bed.claim().await?.origin.payload(), &body);
    Ok(())
}

pub(crate) async fn every_byte_of_a_body_survives<E: Engine>(bed: Bed<E>) -> Outcome {
    survives(&bed, (0..=255).rev().collect()).await
}

pub(crate) async fn an_empty_body_survives<E: Engine>(bed: Bed<E>) -> Outcome {
    survives(&bed, Bytes::new()).await
}

pub(crate) async fn a_body_of_two_mebibytes_survives<E: Engine>(bed: Bed<E>) -> Outcome {
    survives(&bed, (0..=255).cycle().take(2 << 20).collect()).await
}

pub(crate) async fn headers_survive_in_order_with_repeats<E: Engine>(bed: Bed<E>) -> Outcome {
    let headers: [(&'static str, &[u8]); 6] = [
        ("x-z", b"1"),
        ("x-a", b" spaced  out "),
        ("x-z", b"2"),
        ("x-bytes", b"\xff\xfe: \x80"),
        ("x-empty", b""),
        ("x-z", b"1"),
    ];
    let id = bed.stored(delivery().runs(1).headers(&headers).build()).await?;
    let sent = header_map(&headers);
    let found = bed.store.delivery(id).await?.ok_or("not found")?;
    for request in [found.request, delivered(&bed.claim().await?)?.request.clone()] {
        assert_eq!(request.headers().len(), 6);
        let sent: Vec<_> =
            sent.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
        assert_eq!(header_list(&request), sent);
    }
    Ok(())
}

pub(crate) async fn credentials_are_masked<E: Engine>(bed: Bed<E>) -> Outcome {
    let headers: [(&'static str, &[u8]); 5] = [
        ("authorization", b"Bearer hunter2"),
        ("cookie", b"a=hunter2"),
        ("cookie", b"b=hunter2"),
        ("x-api-key", b"hunter2"),
        ("x-signature", b"kept"),
    ];
    let id = bed.stored(delivery().runs(1).headers(&headers).build()).await?;
    let found = bed.store.delivery(id).await?.ok_or("not found")?;
    for request in [found.request, delivered(&bed.claim().await?)?.request.clone()] {
        let values: Vec<_> = header_list(&request).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [&b"***"[..], b"***", b"***", b"***", b"kept"]);
    }
    Ok(())
}

pub(crate) async fn method_and_target_survive<E: Engine>(bed: Bed<E>) -> Outcome {
    let targets = ["/hooks/a", "/hooks/a%2Fb?x=%20&y=+&x=2", "https://hooks.example.com/a?b#c", "/", "*"];
    for target in targets {
        let sent: Uri = target.parse()?;
        let uri = sent.clone();
        let new = delivery().parts(|parts| (parts.method, parts.uri) = (Method::PUT, uri)).build();
        let id = bed.stored(new).await?;
        let found = bed.store.delivery(id).await?.ok_or("not found")?;
        assert_eq!((found.request.method(), found.request.uri()), (&Method::PUT, &sent));
    }
    let own = Method::from_bytes(b"X-OWN")?;
    let method = own.clone();
    let id = bed.stored(delivery().parts(|parts| parts.method = method).build()).await?;
    assert_eq!(bed.store.delivery(id).await?.ok_or("not found")?.request.method(), own);
    Ok(())
}

pub(crate) async fn the_time_of_receipt_survives<E: Engine>(bed: Bed<E>) -> Outcome {
    for micros in [0, 1, 1_700_000_000_123_456, -1] {
        let id = bed.stored(delivery().received_at(Timestamp(micros)).build()).await?;
        let found = bed.store.delivery(id).await?.ok_or("not found")?;
        assert_eq!(found.request.received_at(), SystemTime::from(Timestamp(micros)));
    }
    Ok(())
}

pub(crate) async fn the_public_url_survives<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = delivery().parts(|parts| {
        parts.uri = Uri::from_static("/hooks/a?x=1");
        parts.public_url = Some("https://hooks.example.com/base/".into());
    });
    let id = bed.stored(new.build()).await?;
    let found = bed.store.delivery(id).await?.ok_or("not found")?;
    let url = "https://hooks.example.com/base/hooks/a?x=1";
    assert_eq!(found.request.public_url().as_deref(), Some(url));
    Ok(())
}

pub(crate) async fn an_id_that_is_stored_twice_fails_alone<E: Engine>(bed: Bed<E>) -> Outcome {
    let taken = bed.stored(delivery().build()).await?;
    // The run's id is taken, the delivery's is not: nothing of it may stay.
    let run = bed.claimed(delivery().runs(1).build()).await?.fence.run;
    let half =
        delivery().key("half").runs(1).set(|new| new.runs.iter_mut().for_each(|of| of.id = run)).build();
    let half_id = half.id;
    let mut all = vec![half, delivery().set(|new| new.id = taken).build()];
    all.extend((0..20).map(|_| delivery().runs(1).build()));
    let results = join_all(all.into_iter().map(|new| bed.store.accept(new))).await;
    for (n, result) in results.iter().enumerate() {
        match result {
            Err(StoreError::Engine(_)) if n < 2 => {}
            Ok(Accepted::Stored) if n >= 2 => {}
            other => return Err(format!("delivery {n}: {other:?}").into()),
        }
    }
    assert!(bed.store.delivery(half_id).await?.is_none());
    bed.stored(delivery().key("half").build()).await?;
    Ok(())
}

pub(crate) async fn a_future_that_is_dropped_undoes_nothing<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = delivery().runs(2).build();
    let id = new.id;
    drop(bed.store.accept(new));
    bed.store.flush().await?;
    assert!(bed.store.delivery(id).await?.is_some());
    assert_eq!(bed.runs_of(id).await?.len(), 2);
    Ok(())
}

pub(crate) async fn an_unknown_delivery_is_none<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.stored(delivery().build()).await?;
    assert!(bed.store.delivery(Uuid::from_u128(Duration::from_secs(1).as_nanos())).await?.is_none());
    Ok(())
}
