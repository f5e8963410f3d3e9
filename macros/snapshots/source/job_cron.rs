#[job(id = "a", version = "1.0.0", trigger = cron("0 3 * * mon-fri", tz = "Europe/London", missed = "skip"))]
async fn nightly(tick: Tick, io: Io) -> Result<()> {
    Ok(())
}
