#[job(id = "a", version = "1.0.0", trigger = event("user.created", source = "crm"), filter = { id: [5] })]
async fn welcome(user: Event<User>) {}
