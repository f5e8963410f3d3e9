use triggerfish::prelude::*;

#[http_endpoint(id = "a", secrets("sk-live-51H8"))]
async fn a(_request: &Request) -> Verification {
    Verification::verified()
}

fn main() {}
