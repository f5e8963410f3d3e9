use triggerfish::prelude::*;

#[http_endpoint(id = "a")]
async fn a(_request: &Request) -> Verification {
    Verification::verified()
}

fn main() {}
