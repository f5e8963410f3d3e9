//! Sealed secrets are kept, replaced, and go.

use super::fixture::{HOUR, START};
use super::{Bed, Engine, Outcome};
use crate::secret::Sealed;
use crate::store::{KeptSecret, SecretStore};
use crate::time::Timestamp;

fn kept(owner: &str, version: u32, at: Timestamp) -> KeptSecret {
    let sealed = Sealed::from_bytes(format!("{owner} {version}").into_bytes());
    KeptSecret { owner: owner.to_owned(), version, sealed, made_at: at, valid_until: None }
}

pub(crate) async fn a_secret_is_kept_for_its_owner<E: Engine>(bed: Bed<E>) -> Outcome {
    assert!(bed.store.keep_secret(kept("a", 1, START), START).await?);
    assert!(bed.store.keep_secret(kept("b", 1, START), START).await?);
    assert_eq!(bed.store.secrets("a").await?, [kept("a", 1, START)]);
    assert_eq!(bed.store.secrets("c").await?, []);
    Ok(())
}

pub(crate) async fn of_two_first_secrets_one_is_kept<E: Engine>(bed: Bed<E>) -> Outcome {
    assert!(bed.store.keep_secret(kept("a", 1, START), START).await?);
    let other = KeptSecret { sealed: Sealed::from_bytes(vec![9]), ..kept("a", 1, START) };
    assert!(!bed.store.keep_secret(other, START).await?);
    assert_eq!(bed.store.secrets("a").await?, [kept("a", 1, START)]);
    Ok(())
}

pub(crate) async fn an_old_secret_is_valid_for_a_time_and_goes<E: Engine>(bed: Bed<E>) -> Outcome {
    let until = START.plus(HOUR);
    bed.store.keep_secret(kept("a", 1, START), START).await?;
    bed.store.keep_secret(kept("a", 2, START), until).await?;
    let old = KeptSecret { valid_until: Some(until), ..kept("a", 1, START) };
    assert_eq!(bed.store.secrets("a").await?, [kept("a", 2, START), old.clone()]);

    bed.store.keep_secret(kept("a", 3, START), until.plus(HOUR)).await?;
    let second = KeptSecret { valid_until: Some(until.plus(HOUR)), ..kept("a", 2, START) };
    assert_eq!(bed.store.secrets("a").await?, [kept("a", 3, START), second, old], "never longer than before");

    bed.clock.advance(HOUR);
    let now = bed.clock.now();
    bed.store.keep_secret(kept("a", 4, now), now).await?;
    let versions: Vec<_> = bed.store.secrets("a").await?.iter().map(|kept| kept.version).collect();
    assert_eq!(versions, [4], "those whose time is over are gone");
    Ok(())
}

pub(crate) async fn a_secret_is_sealed_again_in_its_place<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.store.keep_secret(kept("a", 1, START), START).await?;
    bed.store.keep_secret(kept("a", 2, START), START.plus(HOUR)).await?;
    bed.store.reseal("a", 1, Sealed::from_bytes(vec![7])).await?;
    let all = bed.store.secrets("a").await?;
    let bytes: Vec<_> = all.iter().map(|kept| kept.sealed.as_bytes()).collect();
    assert_eq!(bytes, [&b"a 2"[..], &[7]]);
    Ok(())
}
