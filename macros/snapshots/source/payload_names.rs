#[derive(Payload)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum TriggerEvent {
    BookingCreated,
    #[serde(alias = "BOOKING_REMOVED")]
    BookingCancelled,
}
