#[job(
    id = "http-caldotcom",
    name = "HTTP Cal.com",
    version = "1.0.0",
    trigger = caldotcom,
    filter = { body: { triggerEvent: ["BOOKING_CANCELLED"], payload: { length: [{ $gt: 15 }, lt(60.5)] } } },
)]
async fn on_booking_cancelled(Json(booking): Json<BookingEvent>, io: Io, ctx: Context) -> Result<()> {
    io.logger().info("Body", &booking);
    Ok(())
}
