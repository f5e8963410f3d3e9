#[event(
    name = "user.created",
    title = "User created",
    filter = { id: [{ $gt: 0 }] },
    example(id = "ada", name = "Ada", json = r#"{ "id": 15 }"#),
    example(id = "file", file = "user.json"),
)]
pub fn on_user_created(user: &User) -> Properties {
    Properties::new().text("Id", user.id)
}
