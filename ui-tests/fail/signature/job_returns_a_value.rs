// `Receipt` is neither `Serialize` nor `DeserializeOwned`.
use triggerfish::prelude::*;
use ui_tests::caldotcom;

struct Receipt;

#[job(id = "a", version = "1.0.0", trigger = caldotcom)]
async fn a() -> Result<Receipt> {
    Ok(Receipt)
}

fn main() {}
