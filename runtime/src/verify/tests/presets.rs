//! What holds for every scheme of the catalogue.

use super::{all_ready, build, now, problems, reason, sample, sign, value, verifier_for};
use crate::request::Request;
use crate::verify::presets::constructors;
use crate::verify::{Coverage, Dedupe, Outcome, Provenance, Reason, Scheme, Verifier, VerifierProblem};
use std::collections::BTreeSet;
use std::time::Duration;

#[test]
fn every_scheme_has_a_constructor_of_its_name() {
    let names: BTreeSet<String> = Scheme::all().map(|scheme| scheme.name.replace('-', "_")).collect();
    let constructors: BTreeSet<String> = constructors().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names, constructors);
    assert_eq!(names.len(), Scheme::all().len(), "a name is used twice");
    assert!(names.len() >= 52);
    for (name, verifier) in constructors_with_schemes() {
        assert_eq!(verifier, name, "a constructor makes another scheme's verifier");
    }
}

fn constructors_with_schemes() -> Vec<(String, String)> {
    constructors()
        .into_iter()
        .map(|(name, verifier)| (name.to_owned(), verifier.scheme.name.replace('-', "_")))
        .collect()
}

#[test]
fn every_scheme_says_where_it_comes_from() {
    for scheme in Scheme::all() {
        assert_ne!(scheme.provenance, Provenance::Own, "{}", scheme.name);
        let documented = scheme.docs.starts_with("https://") || scheme.name == "connect-it";
        assert!(documented, "{} has no documentation", scheme.name);
        assert_ne!(scheme.title, scheme.name);
    }
}

#[test]
fn a_signed_sample_of_every_scheme_is_verified() {
    for (scheme, ready, private) in all_ready() {
        let request = Request::new(sign(&ready, sample(scheme), private.as_ref()));
        let outcome = ready.verify(&request, now());
        let Outcome::Verified(verified) = outcome else { panic!("{}: {outcome:?}", scheme.name) };
        assert_eq!(verified.secret_index, 0);
        assert_eq!(verified.delivery_id, ready.delivery_id(&request), "{}", scheme.name);
        assert_eq!(verified.delivery_id.is_some(), scheme.delivery_id.is_some(), "{}", scheme.name);
        assert_eq!(ready.event_type(&request).is_some(), !scheme.event_type.is_empty(), "{}", scheme.name);
        assert_eq!(matches!(ready.dedupe(), Dedupe::Id { .. }), scheme.delivery_id.is_some());
    }
}

#[test]
fn an_unsigned_sample_of_every_scheme_is_rejected() {
    for (scheme, ready, _) in all_ready() {
        assert!(reason(&ready, &Request::new(sample(scheme))).is_some(), "{}", scheme.name);
    }
}

#[test]
fn a_sample_signed_with_another_secret_is_rejected() {
    for (scheme, ready, private) in all_ready() {
        let request = Request::new(sign(&ready, sample(scheme), private.as_ref()));
        let other = match scheme.key {
            crate::secret::KeyFormat::Hex => "ff0102030405060708090a0b0c0d0e0f",
            crate::secret::KeyFormat::Whsec => "whsec_AgICAgICAgICAgICAgICAgICAgICAgIC",
            crate::secret::KeyFormat::Public(_) => continue,
            _ => "user:another secret, as long",
        };
        let other = build(&verifier_for(scheme, other));
        assert_eq!(reason(&other, &request), Some(Reason::Mismatch), "{}", scheme.name);
    }
}

#[test]
fn a_stale_and_an_early_request_of_every_scheme_with_a_window_are_rejected() {
    for (scheme, ready, private) in all_ready() {
        let Some(window) = scheme.timestamp.and_then(|timestamp| timestamp.window) else { continue };
        let request = Request::new(sign(&ready, sample(scheme), private.as_ref()));
        let verdict = |at| ready.verify(&request, at).is_verified();
        let [past, future] = [window.past, window.future].map(|seconds| Duration::from_secs(seconds.into()));
        let second = Duration::from_secs(1);
        assert!(verdict(now() + past) && verdict(now() - future), "{}", scheme.name);
        assert!(!verdict(now() + past + second) && !verdict(now() - future - second), "{}", scheme.name);
    }
}

#[test]
fn an_old_secret_is_tried_and_named_for_every_scheme_with_a_shared_one() {
    for (scheme, old, private) in all_ready() {
        let (text, _) = super::secret_for(scheme);
        let fresh = match scheme.key {
            crate::secret::KeyFormat::Hex => "ff0102030405060708090a0b0c0d0e0f",
            crate::secret::KeyFormat::Whsec => "whsec_AgICAgICAgICAgICAgICAgICAgICAgIC",
            crate::secret::KeyFormat::Public(_) => continue,
            _ => "user:another secret, as long",
        };
        let both = build(&verifier_for(scheme, fresh).secret(value(text)));
        let request = Request::new(sign(&old, sample(scheme), private.as_ref()));
        let outcome = both.verify(&request, now());
        let Outcome::Verified(verified) = outcome else { panic!("{}: {outcome:?}", scheme.name) };
        assert_eq!(verified.secret_index, 1, "{}", scheme.name);
    }
}

#[test]
fn a_scheme_that_does_not_cover_the_body_says_so_at_start_up() {
    for (scheme, ready, _) in all_ready() {
        let noted = ready.notes().iter().any(|note| note.to_string().contains("body"));
        assert_eq!(noted, ready.coverage() < Coverage::Body, "{}", scheme.name);
    }
}

#[test]
fn events_that_look_alike_are_not_taken_for_repeats() {
    for (scheme, ready, _) in all_ready() {
        let alike = matches!(scheme.name, "dropbox" | "plaid" | "microsoft-graph");
        assert_eq!(ready.dedupe() == Dedupe::Body { window: Duration::ZERO }, alike, "{}", scheme.name);
    }
}

#[test]
fn the_lines_of_the_table_say_what_is_verified() {
    let line = |verifier: Verifier| build(&verifier).describe();
    let secret = || value("a long enough secret");
    assert_eq!(line(Verifier::calcom(secret())), "hmac-sha256 hex of body in x-cal-signature-256");
    assert_eq!(
        line(Verifier::stripe(secret())),
        "hmac-sha256 hex of {timestamp}.{body} in stripe-signature (v1), within 300 s"
    );
    assert_eq!(line(Verifier::gitlab(secret())), "token in x-gitlab-token");
    assert_eq!(
        line(Verifier::square(secret())),
        "hmac-sha256 base64 of {url}{body} in x-square-hmacsha256-signature"
    );
    assert_eq!(
        Verifier::none("behind a VPN").build(&super::no_environment).map(|r| r.describe()).ok().as_deref(),
        Some("accepts everything: behind a VPN")
    );
}

#[test]
fn a_scheme_whose_feature_is_off_names_the_feature() {
    for scheme in Scheme::all() {
        let (secret, _) = super::secret_for(scheme);
        let Err(found) = verifier_for(scheme, &secret).build(&super::no_environment) else { continue };
        assert!(found.iter().all(|problem| matches!(problem, VerifierProblem::Feature { .. })), "{found:?}");
        assert!(problems(&verifier_for(scheme, &secret))[0].to_string().contains("Cargo.toml"));
    }
}
