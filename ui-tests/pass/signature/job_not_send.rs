use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom)]
async fn a() {
    let count = std::sync::Arc::new(1);
    std::future::ready(()).await;
    drop(count);
}

fn main() {}
