use triggerfish::prelude::*;

#[job(id = "a", version = "1.0.0", trigger = invoke)]
async fn a(_: Json<u64>) {}

fn main() {
    let _ = a::call(&"15");
}
