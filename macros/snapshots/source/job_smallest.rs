#[job(id = "a", version = "0.1.0", trigger = endpoints::caldotcom)]
async fn a() {}
