#[job(id = "a", version = "1.0.0", trigger = invoke)]
pub async fn send_invite(Json(invite): Json<Invite>, io: Io) -> Result<()> {
    Ok(())
}
