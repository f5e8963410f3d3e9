//! One constructor for each scheme of the catalogue.

use super::catalogue as schemes;
use super::verifier::Verifier;
use crate::secret::IntoSecrets;

/// Makes the constructors, and the list that a test compares with the catalogue.
macro_rules! presets {
    ($($(#[$doc:meta])* $name:ident => $scheme:ident;)*) => {
        /// Verifiers of the catalogue's schemes. Each takes one secret, or several
        /// while one is being rotated, the newest first.
        impl Verifier {
            $(
                $(#[$doc])*
                pub fn $name(secrets: impl IntoSecrets) -> Self {
                    Verifier::from_scheme(&schemes::$scheme, secrets)
                }
            )*
        }

        #[cfg(test)]
        pub(super) fn constructors() -> Vec<(&'static str, Verifier)> {
            vec![$((stringify!($name), Verifier::$name(Vec::<crate::secret::SecretSource>::new()))),*]
        }
    };
}

presets! {
    /// [Cal.com](https://cal.com/docs/developing/guides/automation/webhooks).
    calcom => CALCOM;
    /// [Meta](https://developers.facebook.com/docs/graph-api/webhooks/getting-started):
    /// WhatsApp, Messenger, Instagram. The secret is the app's. With
    /// [`Verifier::challenge`] the `GET` of the subscription is answered.
    meta => META;
    /// [GitHub](https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries).
    github => GITHUB;
    /// Connect It: `x-connect-it-token` over the exact bytes of the body.
    connect_it => CONNECT_IT;
    /// [Stripe](https://docs.stripe.com/webhooks/signatures). The secret is the
    /// endpoint's, `whsec_` included.
    stripe => STRIPE;
    /// [Standard Webhooks](https://www.standardwebhooks.com). The secret is
    /// `whsec_` and base64.
    standard_webhooks => STANDARD_WEBHOOKS;
}
