//! The schemes that are known, by name.

mod body;
mod content;
mod public;
mod team;
mod timed;
mod token;

use super::scheme::Scheme;
pub(super) use body::*;
pub(super) use content::*;
pub(super) use public::*;
pub(super) use team::*;
pub(super) use timed::*;
pub(super) use token::*;

/// Every scheme, by name.
static ALL: &[&Scheme] = &[
    &ADYEN_PAYMENT,
    &ADYEN_PLATFORM,
    &ASANA,
    &AWS_SNS,
    &BASIC,
    &BEARER,
    &BITBUCKET,
    &CALCOM,
    &CALENDLY,
    &CONNECT_IT,
    &CONTENTFUL,
    &DISCORD,
    &DOCUSIGN,
    &DROPBOX,
    &GITHUB,
    &GITLAB,
    &GOOGLE_PUBSUB_OIDC,
    &HUBSPOT_V1,
    &HUBSPOT_V2,
    &HUBSPOT_V3,
    &HYGRAPH,
    &INTERCOM,
    &KICK,
    &LEMON_SQUEEZY,
    &LINE,
    &LINEAR,
    &MAILGUN,
    &MANDRILL,
    &META,
    &MICROSOFT_GRAPH,
    &MUX,
    &NETLIFY,
    &NOTION,
    &OKTA,
    &PADDLE,
    &PAGERDUTY,
    &PAYPAL,
    &PLAID,
    &POLAR,
    &RAZORPAY,
    &SENDGRID,
    &SENTRY,
    &SHOPIFY,
    &SLACK,
    &SQUARE,
    &STANDARD_WEBHOOKS,
    &STANDARD_WEBHOOKS_ASYM,
    &STRIPE,
    &SVIX,
    &TELEGRAM,
    &TRELLO,
    &TWILIO,
    &TWITCH,
    &TWITTER,
    &TYPEFORM,
    &VERCEL,
    &WEBFLOW,
    &WEBSUB,
    &WOOCOMMERCE,
    &XERO,
    &ZENDESK,
    &ZOOM,
];

/// Other names under which a scheme is known.
const ALIASES: &[(&str, &str)] = &[
    ("adyen", "adyen-payment"),
    ("aws", "aws-sns"),
    ("cal.com", "calcom"),
    ("clerk", "svix"),
    ("facebook", "meta"),
    ("google-pubsub", "google-pubsub-oidc"),
    ("hubspot", "hubspot-v3"),
    ("instagram", "meta"),
    ("messenger", "meta"),
    ("msgraph", "microsoft-graph"),
    ("openai", "standard-webhooks"),
    ("pubsubhubbub", "websub"),
    ("replicate", "standard-webhooks"),
    ("resend", "svix"),
    ("sns", "aws-sns"),
    ("standardwebhooks", "standard-webhooks"),
    ("whatsapp", "meta"),
    ("x", "twitter"),
    ("youtube", "websub"),
];

impl Scheme {
    /// The scheme of this name, for example `stripe`. Underscores count as
    /// hyphens, so that the constructors' names are found too.
    pub fn by_name(name: &str) -> Option<&'static Scheme> {
        let name = name.replace('_', "-");
        let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name.as_str(), |(_, name)| name);
        ALL.iter().copied().find(|scheme| scheme.name == name)
    }

    /// Every scheme of the catalogue, by name.
    pub fn all() -> impl ExactSizeIterator<Item = &'static Scheme> {
        ALL.iter().copied()
    }
}
