#[http_endpoint(
    id = "tenants/acme",
    title = "Acme",
    enabled = false,
    path = "/webhooks/acme",
    max_body = "64KiB",
    dedupe = body(window = "15m"),
    unmatched = 400,
    secrets("ACME_SECRET", "ACME_OLD_SECRET"),
    type = Acme,
    crate = crate::hooks,
)]
#[cfg(feature = "acme")]
pub async fn acme(request: &Request) -> Result<Verification, AcmeError> {
    check(request).await
}
