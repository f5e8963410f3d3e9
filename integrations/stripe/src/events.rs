//! Stripe's events: `trigger = stripe::on_price_created`.

use crate::types::{Charge, CheckoutSession, Customer, Invoice, PaymentIntent, Price, Refund, Subscription};
use serde_json::Value;
use triggerfish::event;
use triggerfish::event::Properties;

macro_rules! events {
    ($($name:ident $event:literal $title:literal $payload:ty;)*) => {$(
        #[doc = concat!("`", $event, "`: ", $title, ".")]
        #[event(name = $event, title = $title, source = "stripe.com", icon = "stripe")]
        pub fn $name(object: &$payload) -> Properties {
            object.shown()
        }
    )*};
}

/// What is shown of an object.
pub(crate) trait Shown {
    fn shown(&self) -> Properties;
}

impl Shown for Value {
    fn shown(&self) -> Properties {
        let id = self.get("id").and_then(Value::as_str);
        id.map_or_else(Properties::new, |id| Properties::new().text("ID", id))
    }
}

events! {
    on_event "*" "any event" Value;
    on_charge_captured "charge.captured" "a charge was captured" Charge;
    on_charge_dispute_created "charge.dispute.created" "a charge is disputed" Value;
    on_charge_failed "charge.failed" "a charge failed" Charge;
    on_charge_refunded "charge.refunded" "a charge was refunded" Charge;
    on_charge_succeeded "charge.succeeded" "a charge succeeded" Charge;
    on_checkout_session_async_payment_succeeded "checkout.session.async_payment_succeeded"
        "a delayed payment of a check-out succeeded" CheckoutSession;
    on_checkout_session_completed "checkout.session.completed" "a check-out was completed" CheckoutSession;
    on_checkout_session_expired "checkout.session.expired" "a check-out expired" CheckoutSession;
    on_customer_created "customer.created" "a customer was made" Customer;
    on_customer_deleted "customer.deleted" "a customer was removed" Customer;
    on_customer_updated "customer.updated" "a customer was changed" Customer;
    on_customer_subscription_created "customer.subscription.created" "a subscription began" Subscription;
    on_customer_subscription_deleted "customer.subscription.deleted" "a subscription ended" Subscription;
    on_customer_subscription_paused "customer.subscription.paused" "a subscription was paused" Subscription;
    on_customer_subscription_resumed "customer.subscription.resumed" "a subscription was resumed" Subscription;
    on_customer_subscription_trial_will_end "customer.subscription.trial_will_end"
        "a trial ends in three days" Subscription;
    on_customer_subscription_updated "customer.subscription.updated" "a subscription was changed" Subscription;
    on_invoice_created "invoice.created" "an invoice was made" Invoice;
    on_invoice_finalized "invoice.finalized" "an invoice is final" Invoice;
    on_invoice_paid "invoice.paid" "an invoice was paid" Invoice;
    on_invoice_payment_failed "invoice.payment_failed" "the payment of an invoice failed" Invoice;
    on_invoice_upcoming "invoice.upcoming" "a subscription renews soon" Invoice;
    on_payment_intent_canceled "payment_intent.canceled" "a payment was cancelled" PaymentIntent;
    on_payment_intent_created "payment_intent.created" "a payment began" PaymentIntent;
    on_payment_intent_payment_failed "payment_intent.payment_failed" "a payment failed" PaymentIntent;
    on_payment_intent_requires_action "payment_intent.requires_action" "a payment needs the customer" PaymentIntent;
    on_payment_intent_succeeded "payment_intent.succeeded" "a payment succeeded" PaymentIntent;
    on_price_created "price.created" "a price was made" Price;
    on_price_deleted "price.deleted" "a price was removed" Price;
    on_price_updated "price.updated" "a price was changed" Price;
    on_refund_created "refund.created" "a refund was made" Refund;
    on_refund_failed "refund.failed" "a refund failed" Refund;
    on_refund_updated "refund.updated" "a refund was changed" Refund;
}
