//! Who gets in, who may act, and what nobody sees.

use super::{API, ask, desk, desk_app, get, order, ordered, post, token};
use crate::harness::{App, Call, exchange, lines_with, memory};
use axum::Router;
use triggerfish::dashboard::{Dashboard, Role};
use triggerfish::prelude::*;

async fn raw(app: &App, head: &str) -> u16 {
    let bytes = format!("{head}\r\nconnection: close\r\n\r\n");
    exchange(app.address, bytes.as_bytes()).await.unwrap().status
}

#[tokio::test]
async fn without_the_token_or_from_elsewhere_nothing_is_there() {
    let app = desk_app().start().await;
    let (token, host) = (token(&app), app.address);
    for path in ["/_triggerfish", "/_triggerfish/map", &format!("{API}/requests"), "/_triggerfish/style.css"]
    {
        let plain = app.send(&Call::new("GET", path)).await;
        let unknown = app.send(&Call::new("GET", "/hooks/none")).await;
        assert_eq!((plain.status, plain.body), (404, unknown.body), "{path}");
        assert_eq!(app.send(&Call::new("GET", path).header("authorization", "Bearer x")).await.status, 404);
        let bearer = format!("authorization: Bearer {token}");
        let get = format!("GET {path} HTTP/1.1\r\n{bearer}\r\n");
        assert_eq!(raw(&app, &format!("{get}host: {host}")).await, 200, "{path}");
        assert_eq!(raw(&app, &format!("{get}host: evil.example:{}", host.port())).await, 404);
        assert_eq!(raw(&app, &format!("{get}host: {host}\r\norigin: http://evil.example")).await, 404);
        assert_eq!(raw(&app, &format!("{get}host: {host}\r\norigin: null")).await, 404);
        assert_eq!(raw(&app, &format!("{get}host: {host}\r\norigin: http://{host}")).await, 200);
    }
    app.stop().await;
}

#[tokio::test]
async fn the_url_lets_in_with_a_cookie_and_actions_need_more_than_that() {
    let app = desk_app().start().await;
    let url = app.pages.clone().unwrap();
    let target = url.split_once(&app.address.to_string()).unwrap().1;
    let entered = app.send(&Call::new("GET", target)).await;
    assert_eq!((entered.status, entered.header("location")), (303, Some("/_triggerfish")));
    let cookie = entered.header("set-cookie").unwrap().to_owned();
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(&token(&app)));
    let cookie = cookie.split(';').next().unwrap();
    let about = app.send(&Call::new("GET", &format!("{API}/about")).header("cookie", cookie)).await;
    let csrf = about.json()["csrf"].as_str().unwrap().to_owned();
    let pause = |csrf: Option<&str>| {
        let call = Call::post(&format!("{API}/endpoints/desk/pause"), "{}").header("cookie", cookie);
        csrf.map_or(call, |_| {
            Call::post(&format!("{API}/endpoints/desk/pause"), "{}").header("cookie", cookie)
        })
    };
    assert_eq!(app.send(&pause(None)).await.status, 403);
    assert_eq!(app.send(&pause(None).header("x-csrf-token", "0000")).await.status, 403);
    assert_eq!(get(&app, "/endpoints/desk").await["paused"], false);
    assert_eq!(app.send(&pause(None).header("x-csrf-token", &csrf)).await.status, 200);
    assert_eq!(get(&app, "/endpoints/desk").await["paused"], true);
    app.stop().await;
}

#[tokio::test]
async fn every_answer_carries_what_keeps_browsers_strict() {
    let app = desk_app().start().await;
    for path in ["/requests", "/none", "/openapi.json"] {
        let answer = ask(&app, "GET", path, "").await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    app.stop().await;
}

#[tokio::test]
async fn nested_or_off_loopback_it_is_closed_until_the_app_guards_it() {
    let nested = |ours| Router::new().nest("/in", ours);
    let app = memory(super::IDS).mount(nested).start().await;
    for path in ["/in/_triggerfish", "/_triggerfish", &format!("/in{API}/requests")] {
        assert_eq!(app.send(&Call::new("GET", path)).await.status, 404, "{path}");
    }
    assert!(app.running.local_dashboard("192.0.2.1:3000".parse().unwrap()).is_none());
    assert!(app.running.local_dashboard("0.0.0.0:3000".parse().unwrap()).is_none());
    assert!(app.running.local_dashboard("[::1]:3000".parse().unwrap()).is_some());
    app.stop().await;

    let guard = || {
        Dashboard::auth(|head| match head.headers.get("x-user")?.to_str().ok()? {
            "admin" => Some(Role::Full),
            "guest" => Some(Role::ReadOnly),
            _ => None,
        })
    };
    let app =
        memory(super::IDS).mount(nested).builder(move |builder| builder.dashboard(guard())).start().await;
    let about = |user: &str| Call::new("GET", &format!("/in{API}/about")).header("x-user", user);
    assert_eq!(app.send(&about("nobody")).await.status, 404);
    assert_eq!(app.send(&Call::new("GET", &format!("/in{API}/about"))).await.status, 404);
    assert!(app.running.local_dashboard("127.0.0.1:3000".parse().unwrap()).is_none(), "no token opens it");
    let guest = app.send(&about("guest")).await.json();
    assert_eq!(
        (&guest["may_act"], &guest["pages"]),
        (&false.into(), &"http://localhost/in/_triggerfish".into())
    );
    let admin = app.send(&about("admin")).await.json();
    for (user, csrf, status) in [
        ("guest", &guest["csrf"], 403),
        ("admin", &serde_json::Value::from("x"), 403),
        ("admin", &admin["csrf"], 200),
    ] {
        let call = Call::post(&format!("/in{API}/endpoints/desk/reveal"), "{}").header("x-user", user);
        let answer = app.send(&call.header("x-csrf-token", csrf.as_str().unwrap())).await;
        assert_eq!(answer.status, status, "{user}: {}", answer.text());
    }
    app.stop().await;
}

#[tokio::test]
async fn switched_off_or_for_reading_alone_it_is_that() {
    let app = desk_app().config(|config| config.dashboard = false).start().await;
    assert!(app.pages.is_none());
    app.stop().await;
    let app = desk_app().builder(|builder| builder.dashboard(Dashboard::off())).start().await;
    assert!(app.pages.is_none());
    app.stop().await;
    let app = desk_app().builder(|builder| builder.dashboard(Dashboard::default().read_only())).start().await;
    assert_eq!(get(&app, "/about").await["may_act"], false);
    let delivery = ordered(&app, r#"{"amount":3}"#).await;
    for path in [format!("/requests/{delivery}/replay"), "/endpoints/desk/reveal".to_owned()] {
        assert_eq!(ask(&app, "POST", &path, "{}").await.status, 403, "{path}");
    }
    app.stop().await;
}

#[http_endpoint(id = "desk/token", dedupe = none)]
fn by_token() -> Verifier {
    Verifier::token("X-Desk-Key").secret(env("DESK_TOKEN"))
}

#[job(id = "desk/tells", version = "1.0.0", trigger = by_token, retry(limit = 1))]
async fn tells(request: Request, io: Io) -> Result<()> {
    let text = String::from_utf8_lossy(request.body()).into_owned();
    io.logger().info(format_args!("got {text}"), &text);
    io.run_task("echo", || async { done(text.clone()) }).await?;
    Err(Error::msg(text))
}

#[tokio::test]
async fn secrets_are_shown_to_nobody_but_who_asks_and_that_is_logged() {
    let app = memory(&["desk", "desk/charge", "desk/token", "desk/tells"]).dashboard().start().await;
    let secret = "sekrit-DESK_TOKEN-0123456789abcdef";
    let body = format!(r#"{{"amount":1,"said":"{secret}"}}"#);
    let call = Call::post("/hooks/desk/token", body).header("x-desk-key", secret);
    let call = call.header("authorization", "Bearer hunter2hunter2").header("cookie", "a=hunter3hunter3");
    let answer = app.send(&call).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let run = app.ended(answer.delivery()).await.id;
    let wrong = order("{}").with("x-desk-signature", "sekrit-looking-0123456789");
    let wrong = wrong.header("authorization", "Bearer hunter2hunter2");
    assert_eq!(app.send(&wrong).await.status, 401);
    app.store().flush().await.unwrap();
    let rejected =
        get(&app, "/requests?outcome=rejected").await["requests"][0]["id"].as_str().unwrap().to_owned();
    for path in [
        "/endpoints".to_owned(),
        "/requests".to_owned(),
        format!("/requests/{}", answer.delivery()),
        format!("/requests/{}/test", answer.delivery()),
        format!("/requests/{rejected}"),
        format!("/runs/{run}"),
        "/problems".to_owned(),
    ] {
        let shown = ask(&app, "GET", &path, "").await.text();
        assert!(!shown.contains("sekrit") && !shown.contains("hunter"), "{path}: {shown}");
    }
    let revealed = post(&app, "/endpoints/desk%2Ftoken/reveal", "").await;
    assert_eq!(revealed["secrets"][0]["variable"], "DESK_TOKEN");
    assert_eq!(revealed["secrets"][0]["value"], secret);
    assert!(!lines_with(&["the secrets of an endpoint were shown"]).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn what_the_configuration_names_is_hidden_everywhere() {
    let pointers = vec!["/note".to_owned(), "/lines/*/pin".to_owned()];
    let app = desk_app().config(move |config| config.redact = pointers).start().await;
    let body = r#"{"amount":30,"note":"hush-hush","lines":[{"pin":"hush-pin"}]}"#;
    let delivery = ordered(&app, body).await;
    let run = app.ended(delivery).await.id;
    let shown = get(&app, &format!("/requests/{delivery}")).await;
    assert_eq!(shown["body"]["note"], "some values are hidden");
    assert!(shown["body"]["text"].as_str().unwrap().contains(r#""note":"***""#), "{shown}");
    for path in
        [format!("/requests/{delivery}"), format!("/runs/{run}"), format!("/requests/{delivery}/test")]
    {
        assert!(!ask(&app, "GET", &path, "").await.text().contains("hush"), "{path}");
    }
    assert_eq!(ask(&app, "GET", &format!("/requests/{delivery}/body"), "").await.status, 403);
    assert_eq!(app.deliveries().await[0].request.body().as_ref(), body.as_bytes(), "the job sees all of it");
    drop(desk());
    app.stop().await;
}
