//! Secrets and signatures are shown nowhere.

use crate::harness::{Board, Call, lines, memory, secret};
use triggerfish::prelude::*;

#[http_endpoint(id = "secrets/scheme")]
fn scheme() -> Verifier {
    Verifier::meta([env("SCHEME_NEW"), env("SCHEME_OLD")]).challenge(env("SCHEME_TOKEN"))
}

/// The header is the secret itself.
#[http_endpoint(id = "secrets/token")]
fn token() -> Verifier {
    Verifier::token("X-Token").secret(env("TOKEN"))
}

#[job(id = "secrets/token", version = "1.0.0", trigger = token)]
async fn on_token(request: Request, State(board): State<Board>) {
    board.note(format_args!("token {:?}", request.headers().get("x-token")));
}

#[http_endpoint(id = "secrets/custom", secrets("CUSTOM"))]
async fn custom(request: &Request) -> Verification {
    match request.secret("CUSTOM") {
        Some(secret) if request.header("x-token").map(str::as_bytes) == Some(secret.expose()) => {
            Verification::verified()
        }
        Some(secret) => Verification::rejected(format!("{request:?} has not {secret:?}")),
        None => Verification::rejected("`CUSTOM` is not declared"),
    }
}

#[job(id = "secrets/scheme", version = "1.0.0", trigger = scheme)]
async fn on_scheme(request: Request, ctx: Context, io: Io, State(board): State<Board>) {
    board.note(format_args!("{request:?} {ctx:?} {io:?}"));
    io.logger().info(format_args!("{request:?}"), ());
}

#[job(id = "secrets/custom", version = "1.0.0", trigger = custom)]
async fn on_custom(request: Request, State(board): State<Board>) {
    board.note(format_args!("{request:?} of {:?}", request.headers().get("authorization")));
}

#[tokio::test]
async fn no_log_line_no_trace_and_no_debug_shows_a_secret_or_a_credential() {
    let app = memory(&["secrets/scheme", "secrets/token", "secrets/custom"])
        .config(|config| config.dev = true)
        .start()
        .await;
    let text = |name| String::from_utf8(secret(name).unwrap().expose().to_vec()).unwrap();
    let challenge = text("SCHEME_TOKEN");
    let custom_token = text("CUSTOM");

    let good = Call::post("/hooks/secrets/scheme", "{\"n\":1}")
        .header("authorization", "Bearer sekrit-bearer")
        .sign(scheme());
    let signature = good.value("x-hub-signature-256");
    let forged = Call::post("/hooks/secrets/scheme", "{\"n\":2}").with("x-hub-signature-256", &signature);
    let known =
        format!("/hooks/secrets/scheme?hub.mode=subscribe&hub.challenge=1&hub.verify_token={challenge}");
    let calls = [
        good,
        Call::post("/hooks/secrets/token", "{}").sign(token()),
        Call::post("/hooks/secrets/token", "{}").header("x-token", "sekrit-guess"),
        Call::post("/hooks/secrets/scheme", "{\"n\":1}").sign(scheme()),
        forged,
        Call::new("GET", &known),
        Call::new("GET", "/hooks/secrets/scheme?hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong"),
        Call::post("/hooks/secrets/custom", "{}")
            .header("x-token", &custom_token)
            .header("cookie", "sekrit-cookie"),
        Call::post("/hooks/secrets/custom", "{}")
            .header("x-token", "sekrit-wrong")
            .header("x-api-key", "sekrit-key"),
        Call::post("/hooks/secrets/nothing", "{}").header("x-token", &custom_token),
    ];
    for call in &calls {
        app.send(call).await;
    }
    let runs = app.all_ended().await;
    assert_eq!(runs.len(), 3);
    assert_eq!(app.board.count("token Some(\"***\")"), 1, "{:?}", app.board.notes());

    // Whatever a person could come to see of all this.
    let mut shown: Vec<String> = app.board.notes();
    shown.push(format!("{:?} {:?}", app.running, app.running.config()));
    shown.push(format!("{:?}", scheme()));
    shown.push(format!("{:?}", scheme().build(&secret).unwrap()));
    shown.extend(
        app.traces().await.iter().map(|trace| format!("{} {} {}", trace.reason, trace.target, trace.status)),
    );
    shown.extend(app.deliveries().await.iter().map(|delivery| {
        format!(
            "{delivery:?} {:?} {:?}",
            delivery.request.headers().get("authorization"),
            delivery.request.headers().get("x-token")
        )
    }));
    shown.extend(runs.iter().map(|run| format!("{run:?}")));
    for run in &runs {
        shown.extend(app.store().logs(run.id).await.unwrap().iter().map(|line| format!("{line:?}")));
    }
    let logged: Vec<_> = lines().into_iter().filter(|line| !line.contains("hyper")).collect();
    assert!(logged.iter().any(|line| line.contains("secrets/custom")), "the log is looked at");
    let digits = signature.strip_prefix("sha256=").unwrap();
    for text in shown.iter().chain(&logged) {
        assert!(!text.contains(digits), "a signature is shown: {text}");
    }
    for text in &logged {
        assert!(!text.contains("sekrit"), "a secret is logged: {text}");
    }
    for text in &shown {
        assert!(!text.contains("sekrit"), "a secret is shown: {text}");
    }
    app.stop().await;
}
