#[job(id = "a", version = "1.0.0", trigger = plugin, on = PluginEvent::TestCompleted, filter = { body: { id: [{ $startsWith: "a" }] } })]
async fn on_test(Json(event): Json<PluginEvent>) {}
