"""Checks the fake Stripe of the tests with Stripe's own package.

    python3 -m venv v && v/bin/pip install stripe
    cargo test -p triggerfish-tests serve_the_fake -- --ignored --nocapture   # prints a line of JSON
    v/bin/python tests/official/stripe_check.py 'THAT LINE'

The package makes every call that the integration makes, and verifies what the
fake signs; what the fake answers must be what the package expects of Stripe.
"""

import json
import sys

import stripe

given = json.loads(sys.argv[1])
base = given["url"]
client = stripe.StripeClient("sk_test_triggerfish", base_addresses={"api": base}, max_network_retries=0)
done = 0


def check(what, holds):
    global done
    if not holds:
        sys.exit(f"FAILED: {what}")
    done += 1
    print(f"ok: {what}")


def refused(what, error, call):
    try:
        call()
    except error as caught:
        check(what, True)
        return caught
    sys.exit(f"FAILED: {what}: nothing was raised")


hooks = client.v1.webhook_endpoints
url = "https://hooks.example.com/hooks/stripe/stripe.webhook"
made = hooks.create({"url": url, "enabled_events": ["price.created"], "metadata": {"triggerfish": "a/b"}})
check("a webhook endpoint is made, with its secret", made.secret.startswith("whsec_") and made.status == "enabled")
check("its parameters are read", made.enabled_events == ["price.created"] and made.metadata["triggerfish"] == "a/b")
read = hooks.retrieve(made.id)
check("the secret is shown once", getattr(read, "secret", None) is None)
changed = hooks.update(made.id, {"enabled_events": ["price.created", "price.updated"]})
check("it is changed", changed.id == made.id and len(changed.enabled_events) == 2)
check("it is listed", [hook.id for hook in hooks.list().data] == [made.id])

options = {"idempotency_key": "key-1"}
one = client.v1.customers.create({"name": "Ada"}, options)
two = client.v1.customers.create({"name": "Ada"}, options)
check("the same key and parameters give the same answer", one.id == two.id)
check("that is said in a header", two.last_response.headers["idempotent-replayed"] == "true")
refused(
    "the same key with other parameters is refused",
    stripe.IdempotencyError,
    lambda: client.v1.customers.create({"name": "Eve"}, options),
)
other = client.v1.customers.create({"name": "Ada"}, {"stripe_account": "acct_7"})
refused(
    "an object of another account is not there",
    stripe.InvalidRequestError,
    lambda: client.v1.customers.retrieve(other.id),
)

for n in range(25):
    client.v1.prices.create({"currency": "usd", "unit_amount": n, "product": "prod_1"})
amounts = [price.unit_amount for price in client.v1.prices.list({"limit": 10}).auto_paging_iter()]
check("pages follow each other, the newest first", amounts == list(reversed(range(25))))
first = client.v1.prices.list({"limit": 10})
check("a page says whether there are more", first.has_more and len(first.data) == 10)
refused("a limit above 100 is refused", stripe.InvalidRequestError, lambda: client.v1.prices.list({"limit": 101}))

intent = client.v1.payment_intents.create({"amount": 9, "currency": "eur"})
check("a payment is made", intent.status == "requires_payment_method" and intent.amount == 9)
check("and cancelled", client.v1.payment_intents.cancel(intent.id).status == "canceled")
check("a refund is made", client.v1.refunds.create({"charge": "ch_1", "amount": 5}).amount == 5)
missing = refused(
    "what is not there is told as Stripe does",
    stripe.InvalidRequestError,
    lambda: client.v1.customers.retrieve("cus_nobody"),
)
check("with its code and status", missing.code == "resource_missing" and missing.http_status == 404)
missing = refused("a missing parameter is named", stripe.InvalidRequestError, lambda: client.v1.prices.create({}))
check("by its name", missing.param == "currency")
stranger = stripe.StripeClient("sk_test_wrong", base_addresses={"api": base}, max_network_retries=0)
refused("a wrong key is refused", stripe.AuthenticationError, lambda: stranger.v1.customers.list())
check("events are listed", client.v1.events.list({"created": {"gte": 0}}).data == [])
check("it is removed", hooks.delete(made.id).deleted)
refused("and gone", stripe.InvalidRequestError, lambda: hooks.delete(made.id))

for secret in given["secrets"]:
    event = stripe.Webhook.construct_event(given["body"], given["header"], secret)
    check("what is signed while a secret is rolled verifies with either", event.id == "evt_1")
refused(
    "and with no other",
    stripe.SignatureVerificationError,
    lambda: stripe.Webhook.construct_event(given["body"], given["header"], "whsec_other"),
)
print(f"{done} checks with stripe {stripe.VERSION} passed")
