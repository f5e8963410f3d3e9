use triggerfish::prelude::*;
use ui_tests::caldotcom;

#[job(id = "a", version = "1.0.0", trigger = caldotcom, filter = {
    bdy: { a: [1] },
    body: {
        b: "x",
        c: [FOO, { $gtt: -1 }],
        d: [between(5, -1)],
        e f: [1],
        g: [],
    },
    method: ["get"],
})]
async fn a() {}

fn main() {}
