//! Every scheme of the catalogue, from its own sample to a run.

use crate::harness::Call;
use crate::vectors::{app_with, stand_in};
use std::time::{Duration, SystemTime};
use triggerfish::prelude::*;
use triggerfish::secret::SecretSource;
use triggerfish::store::RunState;
use triggerfish::verify::{Coverage, ReadyVerifier, Scheme, SignError, VerifierProblem};

fn no_variable(_: &'static str) -> Option<Secret> {
    None
}

/// The scheme with a secret, and with the values that it asks for beside it.
/// `None` where only the provider has the key that signs.
fn ready(scheme: &'static Scheme) -> Option<(Verifier, ReadyVerifier)> {
    let mut verifier = Verifier::from_scheme(scheme, SecretSource::Value(stand_in(scheme.key)));
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

#[tokio::test]
async fn every_scheme_takes_its_own_sample_and_refuses_it_unsigned_and_changed() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_752_000);
    let (mut taken, mut public) = (0, 0);
    for scheme in Scheme::all() {
        let Some((verifier, ready)) = ready(scheme) else {
            public += 1;
            continue;
        };
        let sample = scheme.sample;
        let headers =
            [("content-type", sample.content_type)].into_iter().chain(sample.headers.iter().copied());
        let plain = || {
            let call = Call::post("/in", sample.body);
            headers.clone().fold(call, |call, (name, value)| call.header(name, value))
        };
        let mut call = plain();
        call.0.public_url = Some("https://hooks.example.com".into());
        let signed = match ready.sign(call.0, now) {
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
        assert_eq!((again.status, again.body), (answer.status, answer.body), "{}: a repeat", scheme.name);
        assert_eq!(app.runs().await.len(), 1, "{}: a repeat starts nothing", scheme.name);
        app.stop().await;
        taken += 1;
    }
    println!(
        "{taken} schemes taken, unsigned and changed ones refused; {public} sign with a key that only the provider has"
    );
    assert_eq!(taken + public, Scheme::all().len());
    assert!(taken > 40, "only {taken} schemes were tried");
}
