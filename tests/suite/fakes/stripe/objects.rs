//! The resources: what they look like, and what may be done to them.

use super::State;
use super::server::{Seen, VERSION};
use serde_json::{Map, Value, json};

/// Why a request is refused.
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) param: Option<&'static str>,
}

/// The kinds of objects: where they are, what they are called, how their ids begin,
/// what must be given to make one.
const KINDS: &[(&str, &str, &str, &[&str])] = &[
    ("webhook_endpoints", "webhook_endpoint", "we", &["url", "enabled_events"]),
    ("customers", "customer", "cus", &[]),
    ("prices", "price", "price", &["currency"]),
    ("payment_intents", "payment_intent", "pi", &["amount", "currency"]),
    ("refunds", "refund", "re", &[]),
    ("events", "event", "evt", &[]),
];

/// Parameters whose value is a number in the object.
const NUMBERS: [&str; 3] = ["amount", "unit_amount", "created"];

pub(super) fn call(state: &mut State, seen: &Seen) -> Result<Value, Refusal> {
    let unknown = || Refusal {
        status: 404,
        code: "url_invalid",
        message: format!("Unrecognized request URL ({}: {}).", seen.method, seen.path),
        param: None,
    };
    let steps: Vec<_> = seen.path.strip_prefix("/v1/").ok_or_else(unknown)?.split('/').collect();
    let (folder, rest) = steps.split_first().ok_or_else(unknown)?;
    let kind = KINDS.iter().find(|(known, ..)| known == folder).ok_or_else(unknown)?;
    match (seen.method.as_str(), rest) {
        ("GET", []) => list(state, seen, kind.1),
        ("POST", []) if kind.0 != "events" => create(state, seen, kind),
        ("GET", [id]) => Ok(find(state, seen, kind.1, id)?.clone()),
        ("POST", [id]) => {
            let object = find(state, seen, kind.1, id)?;
            merge(object, &seen.params);
            Ok(object.clone())
        }
        ("DELETE", [id]) => {
            find(state, seen, kind.1, id)?;
            state.objects.retain(|(_, object)| object["id"] != **id);
            Ok(json!({ "id": id, "object": kind.1, "deleted": true }))
        }
        ("POST", [id, "cancel"]) if kind.0 == "payment_intents" => {
            let object = find(state, seen, kind.1, id)?;
            object["status"] = "canceled".into();
            Ok(object.clone())
        }
        _ => Err(unknown()),
    }
}

fn create(
    state: &mut State,
    seen: &Seen,
    (_, name, prefix, required): &(&str, &'static str, &str, &[&'static str]),
) -> Result<Value, Refusal> {
    if let Some(missing) = required.iter().find(|name| seen.params.get(**name).is_none()) {
        let message = format!("Missing required param: {missing}.");
        return Err(Refusal { status: 400, code: "parameter_missing", message, param: Some(missing) });
    }
    if *name == "webhook_endpoint" {
        let url = seen.params["url"].as_str().unwrap_or_default();
        if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1") {
            let message = "Invalid URL: An explicit scheme (such as https) must be provided.".to_owned();
            return Err(Refusal { status: 400, code: "url_invalid", message, param: Some("url") });
        }
        let object = webhook(state, &seen.params);
        state.objects.push((seen.account.clone(), object.clone()));
        // Only the answer to the creation shows the secret.
        let mut shown = object;
        let id = shown["id"].as_str().unwrap_or_default();
        shown["secret"] = state.secrets[id][0].clone().into();
        return Ok(shown);
    }
    let id = state.id(prefix);
    let mut object =
        json!({ "id": id, "object": name, "created": 1_760_000_000, "livemode": false, "metadata": {} });
    if *name == "payment_intent" {
        object["status"] = "requires_payment_method".into();
    }
    merge(&mut object, &seen.params);
    state.objects.push((seen.account.clone(), object.clone()));
    Ok(object)
}

/// A webhook endpoint as it is shown after its creation.
pub(super) fn webhook(state: &mut State, params: &Value) -> Value {
    let id = state.id("we");
    let secret = state.secret();
    state.secrets.insert(id.clone(), vec![secret]);
    let mut object = json!({
        "id": id, "object": "webhook_endpoint", "api_version": VERSION, "application": null,
        "created": 1_760_000_000, "description": null, "enabled_events": [], "livemode": false,
        "metadata": {}, "status": "enabled", "url": "",
    });
    let mut params = params.clone();
    // Taken, and not shown again.
    params.as_object_mut().map(|params| params.remove("connect"));
    merge(&mut object, &params);
    object
}

fn merge(object: &mut Value, params: &Value) {
    for (name, value) in params.as_object().unwrap_or(&Map::new()) {
        let number = value
            .as_str()
            .filter(|_| NUMBERS.contains(&name.as_str()))
            .and_then(|text| text.parse::<i64>().ok());
        object[name] = number.map_or_else(|| value.clone(), Value::from);
    }
}

fn find<'s>(state: &'s mut State, seen: &Seen, name: &str, id: &str) -> Result<&'s mut Value, Refusal> {
    let found = state
        .objects
        .iter_mut()
        .find(|(account, object)| *account == seen.account && object["object"] == name && object["id"] == id);
    found.map(|(_, object)| object).ok_or_else(|| Refusal {
        status: 404,
        code: "resource_missing",
        message: format!("No such {name}: '{id}'"),
        param: Some("id"),
    })
}

/// The newest first, from after `starting_after` on.
fn list(state: &State, seen: &Seen, name: &str) -> Result<Value, Refusal> {
    let text = |name: &str| seen.params.get(name).and_then(Value::as_str);
    let limit =
        text("limit").map_or(Some(10), |text| text.parse().ok()).filter(|limit| (1..=100).contains(limit));
    let Some(limit) = limit else {
        let message = "This value must be between 1 and 100.".to_owned();
        return Err(Refusal {
            status: 400,
            code: "parameter_invalid_integer",
            message,
            param: Some("limit"),
        });
    };
    let since =
        seen.params.pointer("/created/gte").and_then(Value::as_str).and_then(|text| text.parse::<i64>().ok());
    let all = state.objects.iter().rev().filter(|(account, object)| {
        *account == seen.account
            && object["object"] == name
            && text("type").is_none_or(|kind| object["type"] == kind)
            && since.is_none_or(|since| object["created"].as_i64() >= Some(since))
            && wanted(object, seen)
    });
    let all: Vec<_> = all.map(|(_, object)| object).collect();
    let first = match text("starting_after") {
        None => 0,
        Some(id) => match all.iter().position(|object| object["id"] == id) {
            Some(at) => at + 1,
            None => {
                let message = format!("No such {name}: '{id}'");
                return Err(Refusal {
                    status: 404,
                    code: "resource_missing",
                    message,
                    param: Some("starting_after"),
                });
            }
        },
    };
    let data: Vec<_> = all.iter().skip(first).take(limit).collect();
    let has_more = first + data.len() < all.len();
    Ok(json!({ "object": "list", "url": seen.path, "has_more": has_more, "data": data }))
}

/// Whether an event is of one of the types that were asked for.
fn wanted(object: &Value, seen: &Seen) -> bool {
    let types = seen.params.get("types").and_then(Value::as_array);
    types.is_none_or(|types| types.contains(&object["type"]))
}
