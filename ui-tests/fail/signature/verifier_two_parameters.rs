use triggerfish::prelude::*;

#[http_endpoint(id = "a")]
async fn a(_request: &Request, _io: Io) -> Verification {
    Verification::verified()
}

fn main() {}
