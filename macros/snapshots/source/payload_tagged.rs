#[derive(Payload)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Location {
    InPerson { address: String },
    Link(Link),
    #[serde(other)]
    Unknown,
}
