use triggerfish::prelude::*;

#[http_endpoint(id = "a")]
async fn a(_request: &String) -> Verification {
    Verification::verified()
}

fn main() {}
