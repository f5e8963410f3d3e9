use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, filter = { body: { a: [{ $startsWith: "a" }, { $startsWith: "ab" }] } })]
async fn a() {}

fn main() {}
