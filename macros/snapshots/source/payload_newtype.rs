#[derive(Payload)]
#[payload(crate = ::hooks)]
struct Amount(u32);
