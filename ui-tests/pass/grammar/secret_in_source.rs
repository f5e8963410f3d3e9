use triggerfish::prelude::*;

#[http_endpoint(id = "a", secrets("ACME_SECRET"))]
async fn a(_request: &Request) -> Verification {
    Verification::verified()
}

fn main() {}
