use triggerfish::prelude::*;
use ui_tests::typed;

#[job(
    id = "a",
    version = "1.0.0",
    trigger = typed,
    filter = { body: { payload: { lenght: [15] } } },
)]
async fn a(_: Request) {}

fn main() {}
