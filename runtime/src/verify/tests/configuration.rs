//! Configurations that cannot work are refused at start-up, with the cure.

use super::{build, problems, value};
use crate::secret::{KeyFormat, PublicKey, Secret, SecretSource, env};
use crate::verify::part::{body, id, lit, timestamp};
use crate::verify::{Place, Reason, Scheme, TimeUnit, Verifier, VerifierNote, Window};
use std::time::Duration;

const SECRET: &str = "correct horse battery staple";

fn custom() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(value(SECRET))
}

/// The texts of all problems, joined.
fn refusal(verifier: &Verifier) -> String {
    problems(verifier).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_can_never_verify_or_proves_too_little_is_refused() {
    let json_time = Scheme { signed: &[], ..Scheme::hmac_sha256("own", "x-sig") };
    let uncovered: &'static Scheme = Box::leak(Box::new(json_time));
    let weaker: &'static Scheme = Box::leak(Box::new(Scheme {
        or_signed: &[&[crate::verify::Part::Method]],
        ..Scheme::hmac_sha256("own", "x-sig")
    }));
    let rows: Vec<(Verifier, &str)> = vec![
        (Verifier::from_scheme(weaker, value(SECRET)), "`or_signed` covers less"),
        (Verifier::hmac_sha256().secret(value(SECRET)), "`.header("),
        (
            Verifier::hmac_sha256().header("X Sig").secret(value(SECRET)),
            "`X Sig` is not the name of a header",
        ),
        (Verifier::hmac_sha256().header("X-Sig"), "`.secret("),
        (custom().signed([timestamp(), lit("."), body()]), "`.timestamp_header("),
        (custom().signed([id(), body()]), "`.id_header("),
        (custom().timestamp_header("X-Ts"), "is not signed"),
        (custom().timestamp_header("X-Ts").signed([body()]), "is not signed"),
        (custom().id_header("X-Id"), "`X-Id` is not signed"),
        (custom().signed([timestamp()]).timestamp_header("X-Ts"), "`.body_not_covered("),
        (custom().signed([]), "`.body_not_covered("),
        (Verifier::github(value(SECRET)).signed([lit("x")]), "`.body_not_covered("),
        (Verifier::from_scheme(uncovered, value(SECRET)), "`.body_not_covered("),
        (custom().window(300), "`.timestamp_header("),
        (custom().timestamp_header("X-Ts").window(0).signed([timestamp(), body()]), "window of 0 s"),
        (
            custom().timestamp_header("X-Ts").timestamp_unit(TimeUnit::Opaque).signed([timestamp(), body()]),
            "`.timestamp_unit(",
        ),
        (custom().timestamp_entry("t").signed([timestamp(), body()]), "`.entries("),
        (custom().entries("", "v1"), "separator"),
        (custom().challenge(value("token")), "remove `.challenge("),
        (custom().signed([body(), crate::verify::Part::Secret]), "plain SHA-256"),
        (custom().signed([crate::verify::Part::Param("realm"), body()]), "`.param(\"realm\""),
        (custom().key(KeyFormat::Hex), "is not hexadecimal"),
        (custom().key(KeyFormat::Whsec), "`whsec_`"),
        (Verifier::basic(value("no colon in this one")), "`user:password`"),
        (Verifier::token("X-Token").signed([body()]).secret(value(SECRET)), "signs nothing"),
        (custom().key(KeyFormat::Public(PublicKey::Hex)), "public key"),
        (custom().delivery_id(Place::HeaderSeries("x-id-")), "never found there"),
        (Verifier::none("why not").secret(value(SECRET)), "takes no secret"),
    ];
    for (verifier, cure) in rows {
        let found = refusal(&verifier);
        assert!(found.contains(cure), "{cure:?} is not in {found:?}");
        assert!(!found.contains(SECRET), "{found}");
    }
}

#[test]
fn a_blank_secret_is_refused_wherever_it_comes_from() {
    for blank in ["", " ", "\n", "\t \r\n"] {
        assert!(refusal(&Verifier::calcom(value(blank))).contains("blank"), "{blank:?}");
        let resolver = |_: &'static str| Some(Secret::from(blank));
        let found = Verifier::calcom(env("CALDOTCOM_SECRET")).build(&resolver).expect_err("refused");
        assert!(found[0].to_string().contains("`CALDOTCOM_SECRET`"), "{found:?}");
        let found =
            Verifier::meta(value(SECRET)).challenge(env("TOKEN")).build(&resolver).expect_err("refused");
        assert!(found[0].to_string().contains("`TOKEN`"), "{found:?}");
    }
    for empty in ["whsec_", "whsec_=="] {
        assert!(!problems(&Verifier::standard_webhooks(value(empty))).is_empty(), "{empty}");
    }
}

#[test]
fn every_problem_is_reported_and_no_value() {
    let resolver = |name: &'static str| (name == "B").then(|| Secret::from("hunter2, not hex"));
    let verifier = Verifier::meta([env("A"), env("B")]).key(KeyFormat::Hex).challenge(env("C"));
    let found = verifier.build(&resolver).expect_err("refused");
    let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    for (text, name) in texts.iter().zip(["`A`", "`B`", "`C`"]) {
        assert!(text.contains(name) && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn what_is_allowed_but_should_be_known_is_noted() {
    let resolver = |name: &'static str| {
        Some(Secret::from(match name {
            "SHORT" => "short",
            "PADDED" => "correct horse battery staple\n",
            _ => SECRET,
        }))
    };
    let notes = |verifier: Verifier| {
        verifier.build(&resolver).map(|ready| ready.notes().to_vec()).expect("a verifier that can be built")
    };
    assert_eq!(notes(Verifier::calcom(env("GOOD"))), []);
    assert_eq!(notes(Verifier::calcom(env("SHORT"))), [VerifierNote::ShortSecret(Some("SHORT"))]);
    assert_eq!(notes(Verifier::calcom(env("PADDED"))), [VerifierNote::Padded(Some("PADDED"))]);
    assert_eq!(notes(Verifier::calcom([env("A"), env("B")])), [VerifierNote::SameSecretTwice]);
}

#[test]
fn neither_form_of_a_verifier_shows_its_secrets() {
    let verifier = Verifier::meta(value(SECRET)).challenge(value("another secret token"));
    let shown = format!("{verifier:?} {:?}", build(&verifier));
    assert!(!shown.contains("correct horse") && !shown.contains("another"), "{shown}");
}

#[test]
fn a_window_may_be_seconds_a_duration_or_lopsided() {
    let window = |verifier: Verifier| verifier.scheme.timestamp.and_then(|timestamp| timestamp.window);
    let timed = || custom().timestamp_header("X-Ts");
    assert_eq!(window(timed().window(60)), Some(Window::of(60)));
    assert_eq!(window(timed().window(Duration::from_secs(60))), Some(Window::of(60)));
    let lopsided = Window { past: 60, future: 5 };
    assert_eq!(window(timed().window(lopsided)), Some(lopsided));
}

#[test]
fn a_scheme_may_leave_the_body_out_when_it_says_why() {
    let verifier = custom()
        .timestamp_header("X-Ts")
        .signed([timestamp()])
        .body_not_covered("the body is a hint to poll")
        .delivery_id(Place::Header("x-delivery"));
    assert!(build(&verifier).notes().iter().any(|note| note.to_string().contains("not signed")));
    let request = crate::request::Request::new(crate::request::RequestParts::default());
    assert_eq!(super::reason(&build(&verifier), &request), Some(Reason::MissingHeader));
    assert!(matches!(verifier.secrets.as_slice(), [SecretSource::Value(_)]));
}
