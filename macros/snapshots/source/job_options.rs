#[job(
    id = "a",
    version = "0.1.0",
    enabled = false,
    trigger = endpoints::caldotcom,
    filter = { bdy: { n: [-1, 2, -9223372036854775808, 18446744073709551615] } },
    retry(limit = 5, min = "1s"),
    timeout = "30s",
    log_level = "debug",
    type = A,
)]
/// Runs.
pub async fn a(State(pool): State<Pool>, State(mail): State<Mail>) -> impl IntoOutcome {}
