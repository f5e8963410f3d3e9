//! A program that is there to be killed: what its jobs do is written to a file
//! beside its store, so that a test sees what ran, whatever the store says.
#![allow(clippy::expect_used, reason = "a server that cannot do its part must end, and its test fails")]

mod soak;

use serde::Deserialize;
use std::fs::OpenOptions;
use std::io::Write;
use triggerfish::prelude::*;
use triggerfish::runtime;

#[http_endpoint(id = "kill")]
fn kill() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("KILL_SECRET"))
}

#[derive(Deserialize)]
struct Work {
    id: String,
    /// Where the first execution stops and waits for the kill.
    hang: Option<String>,
}

/// Its limit is far away: to be killed often is what it is for.
#[job(id = "kill-steps", version = "1.0.0", trigger = kill, retry(limit = 1000000))]
async fn three_steps(Json(work): Json<Work>, io: Io, ctx: Context) -> Result<()> {
    for step in ["one", "two", "three"] {
        hang(&work, &ctx, &format!("before {step}")).await;
        let made: String = io
            .run_task(step, || async {
                effect(&format!("ran {} {step}", work.id));
                hang(&work, &ctx, &format!("inside {step}")).await;
                done(format!("{} {step}", work.id))
            })
            .await?;
        effect(&format!("recorded {made}"));
    }
    hang(&work, &ctx, "at the end").await;
    effect(&format!("ended {} -", work.id));
    Ok(())
}

async fn hang(work: &Work, ctx: &Context, place: &str) {
    if work.hang.as_deref() == Some(place) && ctx.attempt == 1 {
        effect(&format!("hangs {} -", work.id));
        std::future::pending::<()>().await;
    }
}

/// Stored, and nothing else happens: what it does to the disk is easy to follow.
#[http_endpoint(id = "sync")]
fn sync() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("KILL_SECRET"))
}

#[http_endpoint(id = "abort")]
fn abort() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("KILL_SECRET"))
}

#[job(id = "abort-always", version = "1.0.0", trigger = abort, retry(limit = 3))]
async fn abort_always(ctx: Context) {
    effect(&format!("aborts {} -", ctx.attempt));
    std::process::abort();
}

/// One line, in one write at the file's end: whole, and in the order in which things happened.
fn effect(line: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open("effects").expect("the file of effects");
    file.write_all(format!("{line}\n").as_bytes()).expect("an effect");
}

#[tokio::main]
async fn main() -> Result<(), runtime::Error> {
    runtime::serve().await
}
