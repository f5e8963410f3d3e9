use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, filter = {
    body: {
        a: [1],
        b: ["x"],
        c: [{ $gt: -1 }],
        d: [between(-1, 5)],
        e: [1],
        g: [exists()],
    },
    method: ["POST"],
})]
async fn a() {}

fn main() {}
