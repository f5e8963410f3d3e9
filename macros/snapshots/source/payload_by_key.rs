#[derive(Payload)]
enum Source {
    Unknown,
    Person(Attendee),
    #[serde(untagged)]
    Other(u64, String),
}
