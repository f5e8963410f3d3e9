//! Every scheme of the catalogue, from its own sample to a run.

use crate::harness::Call;
use crate::vectors::{app_with, stand_in};
use std::time::{Duration, SystemTime};
use triggerfish::prelude::*;
use triggerfish::secret::{KeyFormat, SecretSource};
use triggerfish::store::RunState;
use triggerfish::verify::{Coverage, ReadyVerifier, Scheme, SignError, VerifierProblem};

fn no_variable(_: &'static str) -> Option<Secret> {
    None
}

/// The scheme with a secret, and with the values that it asks for beside it.
/// `None` where only the provider has the key that signs.
fn ready(scheme: &'static Scheme) -> Option<(Verifier, ReadyVerifier)> {
    ready_with(scheme, vec![stand_in(scheme.key)])
}

fn ready_with(scheme: &'static Scheme, secrets: Vec<Secret>) -> Option<(Verifier, ReadyVerifier)> {
    let secrets: Vec<_> = secrets.into_iter().map(SecretSource::Value).collect();
    let mut verifier = Verifier::from_scheme(scheme, secrets);
    for _ in 0..10 {
        let problems = match verifier.build(&no_variable) {
            Ok(ready) => return Some((verifier, ready)),
            Err(problems) => problems,
        };
        let asked = problems.iter().find_map(|problem| match problem {
            VerifierProblem::Configuration(text) => text.split_once("needs the value `")?.1.split('`').next(),
            _ => None,
        });
        let name: &'static str = Box::leak(asked?.to_owned().into_boxed_str());
        verifier = verifier.param(name, "value");
    }
    None
}

/// The secret of before the rotation, and one that was never ours.
fn other(format: KeyFormat, mark: char) -> Secret {
    let mut text = String::from_utf8(stand_in(format).expose().to_vec()).unwrap();
    let last = text.pop().unwrap();
    // The last characters of base64 are not all possible; one before the last is.
    let second = text.pop().unwrap();
    text.push(if second == mark { 'b' } else { mark });
    text.push(last);
    Secret::from(text.as_str())
}

/// The sample of a scheme, as it is sent.
fn sample(scheme: &Scheme) -> Call {
    let sample = scheme.sample;
    let headers = [("content-type", sample.content_type)].into_iter().chain(sample.headers.iter().copied());
    let mut call =
        headers.fold(Call::post("/in", sample.body), |call, (name, value)| call.header(name, value));
    call.0.public_url = Some("https://hooks.example.com".into());
    call
}

#[tokio::test]
async fn every_scheme_takes_an_old_secret_while_it_rotates_and_refuses_a_foreign_one_and_a_stale_time() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_752_000);
    let (mut rotated, mut stale) = (0, 0);
    for scheme in Scheme::all() {
        let [old, foreign] = ['4', '5'].map(|mark| other(scheme.key, mark));
        let Some((verifier, ready)) = ready_with(scheme, vec![stand_in(scheme.key), old.clone()]) else {
            continue;
        };
        let Some((_, with_old)) = ready_with(scheme, vec![old]) else { continue };
        let Some((_, with_foreign)) = ready_with(scheme, vec![foreign]) else { continue };
        let signed = |by: &ReadyVerifier, at| by.sign(sample(scheme).0, at).map(Call);
        let Ok(by_old) = signed(&with_old, now) else { continue };
        let by_foreign = signed(&with_foreign, now).unwrap();
        let app = app_with(verifier, now).await;
        let refused = scheme.replies.rejected.status;
        assert_eq!(app.send(&by_foreign).await.status, refused, "{}: a foreign secret", scheme.name);
        if scheme.timestamp.is_some_and(|timestamp| timestamp.window.is_some()) {
            let late = signed(&ready, now - Duration::from_secs(30 * 24 * 3600)).unwrap();
            assert_eq!(app.send(&late).await.status, refused, "{}: a stale time", scheme.name);
            stale += 1;
        }
        assert!(app.deliveries().await.is_empty(), "{}", scheme.name);
        let answer = app.send(&by_old).await;
        assert!((200..300).contains(&answer.status), "{}: the old secret: {}", scheme.name, answer.text());
        let deliveries = app.deliveries().await;
        assert_eq!(deliveries.len(), 1, "{}", scheme.name);
        assert_eq!(deliveries[0].secret_index, Some(1), "{}: which secret matched", scheme.name);
        app.stop().await;
        rotated += 1;
    }
    println!("{rotated} schemes rotated; {stale} refused a stale time");
    assert!(rotated > 40 && stale > 10, "only {rotated} schemes were rotated, {stale} were stale");
}

#[tokio::test]
async fn every_scheme_takes_its_own_sample_and_refuses_it_unsigned_and_changed() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_752_000);
    let (mut taken, mut public) = (0, 0);
    for scheme in Scheme::all() {
        let Some((verifier, ready)) = ready(scheme) else {
            public += 1;
            continue;
        };
        let plain = || sample(scheme);
        let signed = match ready.sign(plain().0, now) {
            Ok(parts) => Call(parts),
            Err(SignError::PrivateKey(_)) => {
                public += 1;
                continue;
            }
            Err(error) => panic!("{}: its sample cannot be signed: {error}", scheme.name),
        };
        let app = app_with(verifier, now).await;
        let refused = scheme.replies.rejected;
        if plain().bytes() != signed.bytes() {
            let unsigned = app.send(&plain()).await;
            assert_eq!(
                (unsigned.status, unsigned.text().as_str()),
                (refused.status, refused.body),
                "{}",
                scheme.name
            );
        }
        if ready.coverage() == Coverage::Body {
            let mut changed = Call(signed.0.clone());
            let mut body = changed.0.body.to_vec();
            let middle = body.len() / 2;
            body[middle] ^= 1;
            changed.0.body = body.into();
            let answer = app.send(&changed).await;
            assert_eq!(answer.status, refused.status, "{}: {}", scheme.name, answer.text());
        }
        assert!(app.deliveries().await.is_empty(), "{}", scheme.name);
        let answer = app.send(&signed).await;
        let wanted = scheme.replies.accepted.map_or(200, |reply| reply.status);
        assert_eq!(
            answer.status,
            wanted,
            "{}: {} {:?}",
            scheme.name,
            answer.text(),
            app.traces().await.first()
        );
        let runs = app.all_ended().await;
        assert_eq!(runs.len(), 1, "{}", scheme.name);
        assert_eq!(runs[0].state, RunState::Done, "{}", scheme.name);
        let again = app.send(&signed).await;
        if scheme.retried_for.is_zero() {
            // Its different events may look alike, so that nothing is taken for a repeat.
            assert_eq!(again.status, answer.status, "{}", scheme.name);
            assert_eq!(app.all_ended().await.len(), 2, "{}: the same again is news", scheme.name);
        } else {
            assert_eq!((again.status, again.body), (answer.status, answer.body), "{}: a repeat", scheme.name);
            assert_eq!(app.runs().await.len(), 1, "{}: a repeat starts nothing", scheme.name);
        }
        app.stop().await;
        taken += 1;
    }
    println!(
        "{taken} schemes taken, unsigned and changed ones refused; {public} sign with a key that only the provider has"
    );
    assert_eq!(taken + public, Scheme::all().len());
    assert!(taken > 40, "only {taken} schemes were tried");
}
