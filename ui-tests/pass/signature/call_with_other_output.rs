use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = invoke)]
async fn a(Json(number): Json<u64>) -> Result<u64> {
    Ok(number)
}

#[job(id = "b", version = "1.0.0", trigger = caldotcom)]
async fn b(io: Io) -> Result<()> {
    let _twice: u64 = io.invoke_and_wait("a", a::call(&15)).await?;
    Ok(())
}

fn main() {}
