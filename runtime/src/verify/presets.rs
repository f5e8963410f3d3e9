//! One constructor for each scheme of the catalogue.

use super::catalogue as schemes;
use super::verifier::Verifier;
use crate::secret::IntoSecrets;

/// Makes the constructors, and the list that a test compares with the catalogue.
macro_rules! presets {
    ($($(#[$doc:meta])* $name:ident => $scheme:ident;)*) => {
        /// Verifiers of the catalogue's schemes; [`providers`](super::providers)
        /// has them in one table. Each takes one secret, or several while one is
        /// being rotated, the newest first.
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
    /// [Adyen (payments)](https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures).
    /// The secret is hexadecimal. Eight fields of the body are signed.
    adyen_payment => ADYEN_PAYMENT;
    /// [Adyen (platforms)](https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures).
    /// The secret is hexadecimal.
    adyen_platform => ADYEN_PLATFORM;
    /// [Asana](https://developers.asana.com/docs/webhooks-guide).
    /// The secret comes in a handshake: see [`Registration`](super::Registration).
    asana => ASANA;
    /// [Amazon SNS](https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html).
    /// The key is the certificate of SNS in PEM; name your topic with
    /// `.param("topic_arn", ...)`. Feature `rsa`.
    aws_sns => AWS_SNS;
    /// [HTTP Basic](https://www.rfc-editor.org/rfc/rfc7617).
    /// The secret is `user:password`.
    basic => BASIC;
    /// [Bearer token](https://www.rfc-editor.org/rfc/rfc6750).
    /// The secret comes with every request; the body is not signed.
    bearer => BEARER;
    /// [Bitbucket](https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/).
    bitbucket => BITBUCKET;
    /// [Cal.com](https://cal.com/docs/developing/guides/automation/webhooks).
    calcom => CALCOM;
    /// [Calendly](https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures).
    calendly => CALENDLY;
    /// Connect It.
    /// `x-connect-it-token` over the exact bytes of the body.
    connect_it => CONNECT_IT;
    /// [Contentful](https://www.contentful.com/developers/docs/webhooks/request-verification/).
    contentful => CONTENTFUL;
    /// [Discord interactions](https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint-validating-security-request-headers).
    /// The key is the application's public key in hexadecimal. Feature `ed25519`.
    discord => DISCORD;
    /// [DocuSign Connect](https://developers.docusign.com/platform/webhooks/connect/validate/).
    docusign => DOCUSIGN;
    /// [Dropbox](https://www.dropbox.com/developers/reference/webhooks).
    dropbox => DROPBOX;
    /// [GitHub](https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries).
    github => GITHUB;
    /// [GitLab](https://docs.gitlab.com/user/project/integrations/webhooks/).
    /// The secret comes with every request; the body is not signed.
    gitlab => GITLAB;
    /// [Google Pub/Sub push](https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions).
    /// The key is Google's public key in PEM; needs `.param("email", ...)`. Features
    /// `jwt` and `rsa`.
    google_pubsub_oidc => GOOGLE_PUBSUB_OIDC;
    /// [HubSpot (v1)](https://developers.hubspot.com/docs/guides/apps/authentication/validating-requests).
    /// A plain hash; prefer [`Verifier::hubspot_v3`].
    hubspot_v1 => HUBSPOT_V1;
    /// [HubSpot (v2)](https://developers.hubspot.com/docs/guides/apps/authentication/validating-requests).
    /// A plain hash over the URL too; prefer [`Verifier::hubspot_v3`].
    hubspot_v2 => HUBSPOT_V2;
    /// [HubSpot](https://developers.hubspot.com/docs/guides/apps/authentication/validating-requests).
    /// Signs the URL: see [`Verifier::url`].
    hubspot_v3 => HUBSPOT_V3;
    /// [Hygraph](https://hygraph.com/docs/api-reference/basics/webhooks).
    hygraph => HYGRAPH;
    /// [Intercom](https://developers.intercom.com/docs/webhooks/setting-up-webhooks).
    intercom => INTERCOM;
    /// [Kick](https://docs.kick.com/events/webhook-security).
    /// The key is Kick's public key in PEM. Feature `rsa`.
    kick => KICK;
    /// [Lemon Squeezy](https://docs.lemonsqueezy.com/help/webhooks/signing-requests).
    lemon_squeezy => LEMON_SQUEEZY;
    /// [LINE](https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/).
    line => LINE;
    /// [Linear](https://linear.app/developers/webhooks).
    linear => LINEAR;
    /// [Mailgun](https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).
    /// A token and a time are signed, and nothing of the event.
    mailgun => MAILGUN;
    /// [Mandrill](https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/).
    /// Signs the URL as it was registered: see [`Verifier::url`].
    mandrill => MANDRILL;
    /// [Meta (WhatsApp, Messenger, Instagram)](https://developers.facebook.com/docs/graph-api/webhooks/getting-started).
    /// The secret is the app's. With [`Verifier::challenge`] the `GET` of the
    /// subscription is answered.
    meta => META;
    /// [Microsoft Graph](https://learn.microsoft.com/graph/change-notifications-delivery-webhooks).
    /// The secret is the subscription's `clientState`.
    microsoft_graph => MICROSOFT_GRAPH;
    /// [Mux](https://www.mux.com/docs/core/verify-webhook-signatures).
    mux => MUX;
    /// [Netlify](https://docs.netlify.com/site-deploys/notifications/#payload-signature).
    /// Feature `jwt`.
    netlify => NETLIFY;
    /// [Notion](https://developers.notion.com/reference/webhooks).
    /// The secret comes in the first request: see [`Registration`](super::Registration).
    notion => NOTION;
    /// [Okta event hooks](https://developer.okta.com/docs/concepts/event-hooks/).
    /// The secret is the whole `Authorization` header; the body is not signed.
    okta => OKTA;
    /// [Paddle](https://developer.paddle.com/webhooks/signature-verification).
    paddle => PADDLE;
    /// [PagerDuty](https://developer.pagerduty.com/docs/verifying-webhook-signatures).
    pagerduty => PAGERDUTY;
    /// [PayPal](https://developer.paypal.com/api/rest/webhooks/rest/).
    /// The key is PayPal's certificate in PEM; needs `.param("webhook_id", ...)`.
    /// Feature `rsa`.
    paypal => PAYPAL;
    /// [Plaid](https://plaid.com/docs/api/webhooks/webhook-verification/).
    /// The key is a JSON web key. Features `jwt` and `p256`.
    plaid => PLAID;
    /// [Polar](https://polar.sh/docs/integrate/webhooks/delivery).
    polar => POLAR;
    /// [Razorpay](https://razorpay.com/docs/webhooks/validate-test/).
    razorpay => RAZORPAY;
    /// [SendGrid](https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features).
    /// The key is the base64 that SendGrid shows. Feature `p256`.
    sendgrid => SENDGRID;
    /// [Sentry](https://docs.sentry.io/organization/integrations/integration-platform/webhooks/).
    sentry => SENTRY;
    /// [Shopify](https://shopify.dev/docs/apps/build/webhooks/subscribe/https).
    shopify => SHOPIFY;
    /// [Slack](https://docs.slack.dev/authentication/verifying-requests-from-slack).
    slack => SLACK;
    /// [Square](https://developer.squareup.com/docs/webhooks/step3validate).
    /// Signs the URL: see [`Verifier::url`].
    square => SQUARE;
    /// [Standard Webhooks](https://www.standardwebhooks.com).
    /// The secret is `whsec_` and base64.
    standard_webhooks => STANDARD_WEBHOOKS;
    /// [Standard Webhooks (asymmetric)](https://www.standardwebhooks.com).
    /// The key is `whpk_` and base64. Feature `ed25519`.
    standard_webhooks_asym => STANDARD_WEBHOOKS_ASYM;
    /// [Stripe](https://docs.stripe.com/webhooks/signatures).
    /// The secret is the endpoint's, `whsec_` included.
    stripe => STRIPE;
    /// [Svix (Clerk, Resend)](https://docs.svix.com/receiving/verifying-payloads/how-manual).
    /// Either family of headers, `svix-` or `webhook-`. The secret is `whsec_` and base64.
    svix => SVIX;
    /// [Telegram](https://core.telegram.org/bots/api#setwebhook).
    /// The secret comes with every request; the body is not signed.
    telegram => TELEGRAM;
    /// [Trello](https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/).
    /// Signs the URL as it was registered: see [`Verifier::url`].
    trello => TRELLO;
    /// [Twilio](https://www.twilio.com/docs/usage/security).
    /// Signs the URL: see [`Verifier::url`].
    twilio => TWILIO;
    /// [Twitch EventSub](https://dev.twitch.tv/docs/eventsub/handling-webhook-events/).
    twitch => TWITCH;
    /// [X (Account Activity)](https://docs.x.com/x-api/webhooks/introduction).
    twitter => TWITTER;
    /// [Typeform](https://www.typeform.com/developers/webhooks/secure-your-webhooks/).
    typeform => TYPEFORM;
    /// [Vercel](https://vercel.com/docs/webhooks/webhooks-api).
    vercel => VERCEL;
    /// [Webflow](https://developers.webflow.com/data/docs/working-with-webhooks).
    webflow => WEBFLOW;
    /// [WebSub (YouTube)](https://www.w3.org/TR/websub/).
    /// Optional: `.param("topic", ...)` for the only topic, [`Verifier::challenge`] for
    /// YouTube's `hub.verify_token`.
    websub => WEBSUB;
    /// [WooCommerce](https://woocommerce.com/document/webhooks/).
    woocommerce => WOOCOMMERCE;
    /// [Xero](https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/).
    xero => XERO;
    /// [Zendesk](https://developer.zendesk.com/documentation/webhooks/verifying/).
    zendesk => ZENDESK;
    /// [Zoom](https://developers.zoom.us/docs/api/webhooks/).
    zoom => ZOOM;
}
