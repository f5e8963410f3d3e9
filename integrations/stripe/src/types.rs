//! What jobs want of Stripe's objects. Fields that are not here are in the
//! [`serde_json::Value`] that a job can take in place of these.

use crate::events::Shown;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use triggerfish::event::Properties;
use triggerfish::prelude::Payload;

/// Declares objects whose fields may be missing, because an older version of
/// the API, or a test, leaves them out.
macro_rules! objects {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Payload)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct $name {
            /// Its id.
            pub id: String,
            $($(#[$field_doc])* pub $field: $ty,)*
        }

        impl Shown for $name {
            fn shown(&self) -> Properties {
                Properties::new().text("ID", &self.id)
            }
        }
    )*};
}

objects! {
    /// A price of a product.
    Price {
        /// Whether it can be used for new purchases.
        active: bool,
        /// How the amount is computed: `per_unit`, `tiered`.
        billing_scheme: String,
        /// When it was made, in seconds since the Unix epoch.
        created: i64,
        /// The three-letter currency, in lower case.
        currency: String,
        /// Whether it is of the live account, and not of a test.
        livemode: bool,
        /// A key by which the program finds it.
        lookup_key: Option<String>,
        /// What the program keeps with it.
        metadata: BTreeMap<String, String>,
        /// A name that customers do not see.
        nickname: Option<String>,
        /// The id of the product.
        product: String,
        /// How it recurs; none where it is paid once.
        recurring: Option<Recurring>,
        /// `one_time` or `recurring`.
        r#type: String,
        /// The amount in the smallest unit of the currency, where it is a whole one.
        unit_amount: Option<i64>,
        /// The same with up to 12 digits after the point.
        unit_amount_decimal: Option<String>,
    }

    /// A customer.
    Customer {
        /// What the customer owes, in the smallest unit of the currency.
        balance: i64,
        /// When it was made, in seconds since the Unix epoch.
        created: i64,
        /// The currency of its subscriptions.
        currency: Option<String>,
        /// Whether its last invoice is overdue.
        delinquent: Option<bool>,
        /// A note of the program's own.
        description: Option<String>,
        /// The address for mail.
        email: Option<String>,
        /// Whether it is of the live account.
        livemode: bool,
        /// What the program keeps with it.
        metadata: BTreeMap<String, String>,
        /// The name.
        name: Option<String>,
        /// The telephone number.
        phone: Option<String>,
    }

    /// A payment on its way.
    PaymentIntent {
        /// The amount in the smallest unit of the currency.
        amount: i64,
        /// What can be captured.
        amount_capturable: i64,
        /// What was received.
        amount_received: i64,
        /// When it was made, in seconds since the Unix epoch.
        created: i64,
        /// The three-letter currency, in lower case.
        currency: String,
        /// The id of the customer.
        customer: Option<String>,
        /// A note of the program's own.
        description: Option<String>,
        /// The id of the last charge.
        latest_charge: Option<String>,
        /// Whether it is of the live account.
        livemode: bool,
        /// What the program keeps with it.
        metadata: BTreeMap<String, String>,
        /// The id of the payment method.
        payment_method: Option<String>,
        /// `requires_payment_method`, `processing`, `succeeded` and so on.
        status: String,
    }

    /// Money that goes back.
    Refund {
        /// The amount in the smallest unit of the currency.
        amount: i64,
        /// The id of the charge.
        charge: Option<String>,
        /// When it was made, in seconds since the Unix epoch.
        created: i64,
        /// The three-letter currency, in lower case.
        currency: String,
        /// What the program keeps with it.
        metadata: BTreeMap<String, String>,
        /// The id of the payment.
        payment_intent: Option<String>,
        /// `duplicate`, `fraudulent`, `requested_by_customer`.
        reason: Option<String>,
        /// `pending`, `succeeded`, `failed` and so on.
        status: Option<String>,
    }

    /// A charge of a payment.
    Charge {
        /// The amount in the smallest unit of the currency.
        amount: i64,
        /// What of it was captured.
        amount_captured: i64,
        /// What of it was given back.
        amount_refunded: i64,
        /// When it was made, in seconds since the Unix epoch.
        created: i64,
        /// The three-letter currency, in lower case.
        currency: String,
        /// The id of the customer.
        customer: Option<String>,
        /// Whether there is a dispute about it.
        disputed: bool,
        /// Why it failed.
        failure_code: Option<String>,
        /// Whether it is of the live account.
        livemode: bool,
        /// What the program keeps with it.
        metadata: BTreeMap<String, String>,
        /// Whether it is paid.
        paid: bool,
        /// The id of the payment.
        payment_intent: Option<String>,
        /// Whether all of it was given back.
        refunded: bool,
        /// `succeeded`, `pending`, `failed`.
        status: String,
    }

    /// A visit to the check-out.
    CheckoutSession {
        /// What is to be paid, in the smallest unit of the currency.
        amount_total: Option<i64>,
        /// What the program calls it.
        client_reference_id: Option<String>,
        /// When it was made, in seconds since the Unix epoch.
        created: i64,
        /// The three-letter currency, in lower case.
        currency: Option<String>,
        /// The id of the customer.
        customer: Option<String>,
        /// Whether it is of the live account.
        livemode: bool,
        /// What the program keeps with it.
        metadata: BTreeMap<String, String>,
        /// `payment`, `setup` or `subscription`.
        mode: String,
        /// The id of the payment.
        payment_intent: Option<String>,
        /// `paid`, `unpaid` or `no_payment_required`.
        payment_status: String,
        /// `open`, `complete` or `expired`.
        status: Option<String>,
        /// The id of the subscription.
        subscription: Option<String>,
    }

    /// An invoice.
    Invoice {
        /// What is to be paid, in the smallest unit of the currency.
        amount_due: i64,
        /// What was paid.
        amount_paid: i64,
        /// What is still to be paid.
        amount_remaining: i64,
        /// How often payment was tried.
        attempt_count: i64,
        /// Why it was made: `subscription_cycle`, `manual` and so on.
        billing_reason: Option<String>,
        /// When it was made, in seconds since the Unix epoch.
        created: i64,
        /// The three-letter currency, in lower case.
        currency: String,
        /// The id of the customer.
        customer: Option<String>,
        /// Whether it is of the live account.
        livemode: bool,
        /// What the program keeps with it.
        metadata: BTreeMap<String, String>,
        /// Its number, once it is final.
        number: Option<String>,
        /// `draft`, `open`, `paid`, `uncollectible` or `void`.
        status: Option<String>,
        /// The sum, in the smallest unit of the currency.
        total: i64,
    }

    /// A subscription of a customer.
    Subscription {
        /// When it is cancelled, in seconds since the Unix epoch.
        cancel_at: Option<i64>,
        /// Whether it ends with its period.
        cancel_at_period_end: bool,
        /// When it was cancelled.
        canceled_at: Option<i64>,
        /// When it was made, in seconds since the Unix epoch.
        created: i64,
        /// The three-letter currency, in lower case.
        currency: String,
        /// The id of the customer.
        customer: String,
        /// The id of the last invoice.
        latest_invoice: Option<String>,
        /// Whether it is of the live account.
        livemode: bool,
        /// What the program keeps with it.
        metadata: BTreeMap<String, String>,
        /// `active`, `past_due`, `canceled` and so on.
        status: String,
        /// When its trial ends.
        trial_end: Option<i64>,
    }

    /// A URL to which Stripe sends events.
    WebhookEndpoint {
        /// The version of the API in which it sends them.
        api_version: Option<String>,
        /// The events.
        enabled_events: Vec<String>,
        /// What the program keeps with it.
        metadata: BTreeMap<String, String>,
        /// `enabled` or `disabled`.
        status: String,
        /// The URL.
        url: String,
    }
}

/// How a price recurs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Payload)]
#[serde(default)]
#[non_exhaustive]
pub struct Recurring {
    /// `day`, `week`, `month` or `year`.
    pub interval: String,
    /// How many of them lie between two payments.
    pub interval_count: i64,
    /// `licensed` or `metered`.
    pub usage_type: String,
}

/// A page of a list, the newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct List<T> {
    /// The objects.
    pub data: Vec<T>,
    /// Whether there are more.
    pub has_more: bool,
}
