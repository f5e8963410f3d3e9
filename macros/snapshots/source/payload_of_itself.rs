#[derive(Payload)]
struct Comment {
    text: String,
    replies: Vec<Comment>,
}
