use serde::{Deserialize, Serialize};
use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[derive(Serialize, Deserialize)]
struct Receipt;

#[job(id = "a", version = "1.0.0", trigger = caldotcom)]
async fn a() -> Result<Receipt> {
    Ok(Receipt)
}

fn main() {}
