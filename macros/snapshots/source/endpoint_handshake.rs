#[http_endpoint(
    id = "whatsapp",
    respond_with(
        filter = { method: ["GET"], headers: { "X-Hub": [starts_with("sub")] }, query: { "hub.mode": [{ $startsWith: "sub" }] } },
        handler = handshake::answer_challenge,
        skip_triggering_runs = true,
    ),
)]
fn whatsapp() -> Verifier {
    Verifier::meta(env("WHATSAPP_APP_SECRET"))
}
