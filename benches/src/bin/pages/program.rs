//! The program whose pages are measured: endpoints and jobs of all loads.

use triggerfish::prelude::*;

/// Endpoints with the jobs that they trigger, of which `takes` is what all filters ask for.
macro_rules! program {
    ($($endpoint:ident $id:tt { $($job:ident $job_id:tt),* })*) => {
        $(
            #[http_endpoint(id = $id)]
            fn $endpoint() -> Verifier {
                Verifier::hmac_sha256().header("X-Signature").secret(env("PAGES_SECRET"))
            }

            $(
                #[job(id = $job_id, version = "1.0.0", trigger = $endpoint, filter = { body: { amount: [{ $gt: 10 }] } })]
                async fn $job(_request: Request) {}
            )*
        )*

        /// The endpoints, each with its jobs.
        pub(crate) const ALL: &[(&str, &[&str])] = &[$(($id, &[$($job_id),*])),*];
    };
}

program! {
    shop "shop" { charge "shop/charge", stock "shop/stock" }
    calendar "calendar" { invite "calendar/invite" }
    forms "forms" { answer "forms/answer", thank "forms/thank" }
    chat "chat" { reply "chat/reply" }
    code "code" { build "code/build", review "code/review", label "code/label" }
    mail "mail" { bounce "mail/bounce" }
    seldom "seldom" { look "seldom/look" }
}

/// The endpoint that had its only requests long ago.
pub(crate) const SELDOM: &str = "seldom";
