#[derive(Payload)]
#[serde(rename_all = "camelCase")]
struct BookingEvent<T> {
    trigger_event: TriggerEvent,
    #[serde(alias = "extent", default)]
    length: u32,
    notes: Option<T>,
    #[serde(skip)]
    cache: Cache,
    #[serde(flatten)]
    host: Host,
    #[payload(opaque)]
    raw: Raw,
    #[payload(as = String)]
    total: Money,
}
