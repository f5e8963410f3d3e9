//! What start-up refuses, and that it says all of it at once.

use crate::harness::{memory, registry, sqlite};
use triggerfish::prelude::*;
use triggerfish::registry::Registry;
use triggerfish::runtime::{self, Config, Runtime};
use triggerfish::secret::Secret;

/// Two that its author would not have meant to be one.
mod first {
    use triggerfish::prelude::*;

    #[http_endpoint(id = "startup/twice")]
    fn twice() -> Verifier {
        Verifier::hmac_sha256().header("X-Sig").secret(env("TWICE"))
    }

    #[job(id = "startup/job-twice", version = "1.0.0", trigger = super::needy)]
    async fn job_twice() {}
}

mod second {
    use triggerfish::prelude::*;

    #[http_endpoint(id = "startup/twice")]
    fn twice() -> Verifier {
        Verifier::hmac_sha256().header("X-Sig").secret(env("TWICE"))
    }

    #[job(id = "startup/job-twice", version = "1.0.0", trigger = super::needy)]
    async fn job_twice() {}
}

#[http_endpoint(id = "startup/needy")]
fn needy() -> Verifier {
    Verifier::meta([env("STARTUP_NEW"), env("STARTUP_OLD")]).challenge(env("STARTUP_TOKEN"))
}

#[http_endpoint(id = "startup/custom", secrets("STARTUP_CUSTOM"))]
async fn custom(request: &Request) -> Verification {
    match request.secret("STARTUP_CUSTOM") {
        Some(_) => Verification::verified(),
        None => Verification::rejected("no secret"),
    }
}

#[http_endpoint(id = "startup/one-path", path = "/startup")]
fn one_path() -> Verifier {
    Verifier::none("a test of paths")
}

#[http_endpoint(id = "startup/same-path", path = "/startup")]
fn same_path() -> Verifier {
    Verifier::none("a test of paths")
}

/// A state that no test gives.
#[derive(Debug)]
struct Pool;

#[job(id = "startup/stateful", version = "1.0.0", trigger = needy)]
async fn stateful(State(pool): State<Pool>) -> Result<()> {
    Err(Error::msg(format!("{pool:?}")))
}

#[job(id = "startup/fails", version = "1.0.0", trigger = needy)]
async fn fails() -> Result<()> {
    Ok(())
}

fn problems(result: Result<Runtime, runtime::Error>) -> (Vec<String>, String) {
    match result {
        Err(error @ runtime::Error::Startup(_)) => {
            let shown = error.to_string();
            let runtime::Error::Startup(problems) = error else { unreachable!() };
            (problems, shown)
        }
        Err(error) => panic!("not a problem of start-up: {error}"),
        Ok(_) => panic!("it was built"),
    }
}

#[test]
fn every_problem_is_in_one_message_with_its_places() {
    let ids = [
        "startup/twice",
        "startup/job-twice",
        "startup/needy",
        "startup/custom",
        "startup/one-path",
        "startup/same-path",
        "startup/stateful",
    ];
    let built = memory(&ids)
        .builder(|builder| {
            builder.secrets(|name: &'static str| (name == "STARTUP_OLD").then(|| Secret::from(" ")))
        })
        .build();
    let (problems, shown) = problems(built);
    let one = |texts: &[&str]| {
        let found: Vec<_> =
            problems.iter().filter(|problem| texts.iter().all(|text| problem.contains(text))).collect();
        assert_eq!(found.len(), 1, "{texts:?} in {problems:#?}");
        found[0].clone()
    };
    let places = |text: &str| text.matches("startup.rs:").count();
    assert_eq!(places(&one(&["endpoint id \"startup/twice\" is used twice"])), 2);
    assert_eq!(places(&one(&["job id \"startup/job-twice\" is used twice"])), 2);
    assert_eq!(places(&one(&["path `/startup` is used twice"])), 2);
    assert_eq!(places(&one(&["job \"startup/stateful\"", "Pool", ".state("])), 1);
    for name in ["STARTUP_NEW", "STARTUP_TOKEN"] {
        assert_eq!(places(&one(&[&format!("`{name}` is not set"), "endpoint \"startup/needy\""])), 1);
    }
    one(&["`STARTUP_OLD` is blank", "endpoint \"startup/needy\""]);
    one(&["`STARTUP_CUSTOM` is not set", "endpoint \"startup/custom\""]);
    assert!(shown.starts_with(&format!("{} problems at start-up:\n", problems.len())), "{shown}");
    assert!(problems.iter().all(|problem| shown.contains(problem.as_str())), "{shown}");
}

#[test]
fn a_program_without_declarations_is_told_why_it_may_be_so() {
    let built = Runtime::builder()
        .config(Config::default())
        .registry(Registry::default())
        .secrets(crate::harness::secret)
        .build();
    let (problems, _) = problems(built);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("use my_jobs as _;"), "{}", problems[0]);
}

#[tokio::test]
async fn a_state_that_is_given_is_the_one_the_job_gets() {
    let app =
        memory(&["startup/needy", "startup/stateful"]).builder(|builder| builder.state(Pool)).start().await;
    let call = crate::harness::Call::post("/hooks/startup/needy", "{}").sign(needy());
    let answer = app.send(&call).await;
    let run = crate::harness::until("the first failure", async || {
        app.runs().await.into_iter().find(|run| run.failures == 1)
    })
    .await;
    assert_eq!(run.origin.delivery(), Some(answer.delivery()));
    assert!(run.error.unwrap().contains("Pool"));
    app.stop().await;
}

#[test]
fn missing_secrets_are_made_up_in_development_on_loopback_alone() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("dev.db");
    let build = |host: &str, dev: &str| {
        let table = |name: &str| match name {
            "HOST" => Some(host.to_owned()),
            "TRIGGERFISH_DEV" => Some(dev.to_owned()),
            "TRIGGERFISH_DATABASE_URL" => Some(format!("sqlite:{}", database.display())),
            _ => None,
        };
        let config = Config::read(&table).unwrap();
        Runtime::builder().config(config).registry(registry(&["startup/needy", "startup/fails"])).build()
    };
    for (host, dev) in [("0.0.0.0", "1"), ("127.0.0.1", "0"), ("192.0.2.1", "1")] {
        let (problems, _) = problems(build(host, dev));
        assert!(problems.iter().any(|problem| problem.contains("STARTUP_NEW")), "{host} {dev}: {problems:?}");
        assert_eq!(
            std::fs::read_dir(directory.path()).unwrap().count(),
            0,
            "nothing is made up for {host} {dev}"
        );
    }
    build("127.0.0.1", "1").unwrap();
    build("::1", "1").unwrap();
    let secrets = directory.path().join("dev.db.secrets");
    let text = std::fs::read_to_string(&secrets).unwrap();
    for name in ["STARTUP_NEW=", "STARTUP_OLD=", "STARTUP_TOKEN="] {
        assert!(text.lines().any(|line| line.starts_with(name)), "{text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&secrets).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_second_program_on_the_same_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["startup/needy", "startup/fails"];
    let app = sqlite(directory.path(), ids).start().await;
    let error = sqlite(directory.path(), ids).build().unwrap().start().await.unwrap_err();
    assert!(matches!(error, runtime::Error::Store(_)), "{error}");
    assert!(error.to_string().contains("app.db"), "{error}");
    app.stop().await;
    let app = sqlite(directory.path(), ids).start().await;
    app.stop().await;
}

#[test]
fn what_this_whole_program_declares_has_no_problem_but_those_of_this_test() {
    let problems: Vec<_> = Registry::collect().problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 4, "{problems:#?}");
    let meant = |problem: &String| problem.contains("startup") || problem.contains("\"events/twice\"");
    assert!(problems.iter().all(meant), "{problems:#?}");
}
