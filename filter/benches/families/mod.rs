//! Events and filters to measure with.
//!
//! `eq`: two conditions, of which all filters share the first. `mix`: five kinds of filters over eleven paths,
//! with broad conditions before the selective one. At most two filters of a set match.

use std::ops::Range;

use serde_json::{Value, json};
use triggerfish_filter::{Filter, FilterSet, Root};

/// A booking of about 650 bytes, or a push of about 7 000.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    Booking,
    Push,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Family {
    Eq,
    Mix,
}

impl Event {
    /// Its text; `TRIGGERFISH_BODIES` names a folder with others, `cal.json` and `push.json`. Without it
    /// `benches/bodies` is used, if `benches/fetch.sh` has made it.
    pub(crate) fn body(self) -> String {
        let (file, own): (_, fn() -> Value) = match self {
            Event::Booking => ("cal.json", booking),
            Event::Push => ("push.json", push),
        };
        let folder = std::env::var("TRIGGERFISH_BODIES")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/benches/bodies").into());
        std::fs::read_to_string(format!("{folder}/{file}")).unwrap_or_else(|_| own().to_string())
    }

    /// The same with nothing in it but what some filter mentions: next to nothing is read, all is matched.
    pub(crate) fn mentioned(self) -> String {
        let body: Value = serde_json::from_str(&self.body()).expect("a body is JSON");
        let some = |value: &Value, names: &[&str]| -> Value {
            names.iter().map(|name| ((*name).to_owned(), value[name].clone())).collect()
        };
        let less = match self {
            Event::Booking => {
                let mut less = some(&body, &["triggerEvent", "type", "createdAt"]);
                let payload = &body["payload"];
                less["payload"] = some(payload, &["bookingId", "uid", "status"]);
                less["payload"]["organizer"] = some(&payload["organizer"], &["id", "name"]);
                less["payload"]["attendees"] =
                    json!([some(&payload["attendees"][0], &["email", "timeZone"])]);
                less
            }
            Event::Push => {
                let mut less = some(&body, &["ref", "after", "base_ref", "created", "forced"]);
                less["repository"] = some(&body["repository"], &["id"]);
                less["repository"]["owner"] = some(&body["repository"]["owner"], &["login"]);
                less["sender"] = some(&body["sender"], &["id"]);
                less["pusher"] = some(&body["pusher"], &["name"]);
                less["head_commit"] = some(&body["head_commit"], &["added"]);
                less
            }
        };
        less.to_string()
    }
}

/// The first `count` filters of a family.
pub(crate) fn filters(event: Event, family: Family, count: usize) -> Vec<Option<Filter>> {
    let checked = |json| Filter::from_json(&json, Root::Payload).expect("a filter is right");
    json(event, family, 0..count).map(|json| Some(checked(json))).collect()
}

/// Some of the filters of a family, as they are written.
pub(crate) fn json(event: Event, family: Family, some: Range<usize>) -> impl Iterator<Item = Value> {
    let body: Value = serde_json::from_str(&event.body()).expect("a body is JSON");
    some.map(move |n| {
        let kind = match family {
            Family::Eq => 0,
            Family::Mix => n % 5,
        };
        match event {
            Event::Booking => booking_filter(&body, n, kind),
            Event::Push => push_filter(&body, n, kind),
        }
    })
}

pub(crate) fn set(event: Event, family: Family, count: usize) -> FilterSet {
    FilterSet::build(filters(event, family, count)).expect("filters of one root make a set")
}

fn booking_filter(body: &Value, n: usize, kind: usize) -> Value {
    let number = |value: &Value| value.as_u64().unwrap_or(0) + n as u64;
    let payload = &body["payload"];
    match kind {
        0 => {
            json!({"triggerEvent": [body["triggerEvent"]], "payload": {"bookingId": [number(&payload["bookingId"])]}})
        }
        1 => {
            json!({"type": [{"$anythingBut": "other"}], "payload": {"uid": [{"$startsWith": format!("uid-{n:05}-")}]}})
        }
        2 => {
            let id = number(&payload["organizer"]["id"]);
            json!({"payload": {"status": [payload["status"]], "organizer": {"id": [{"$gte": id}, {"$lt": id + 1}]}}})
        }
        3 => {
            json!({"payload": {"length": [{"$exists": false}], "organizer": {"name": [{"$ignoreCaseEquals": format!("ÉVA {n}")}]}}})
        }
        _ => json!({"createdAt": [{"$exists": true}], "payload": {"attendees": {
            "email": [if n == 4 { payload["attendees"][0]["email"].clone() } else { json!(format!("guest{n}@example.test")) }],
            "timeZone": [{"$endsWith": "London"}],
        }}}),
    }
}

fn push_filter(body: &Value, n: usize, kind: usize) -> Value {
    let number = |value: &Value| value.as_u64().unwrap_or(0) + n as u64;
    let owner = json!({"login": [body["repository"]["owner"]["login"]]});
    match kind {
        0 => json!({"ref": [body["ref"]], "repository": {"id": [number(&body["repository"]["id"])]}}),
        1 => {
            json!({"ref": [{"$anythingBut": "x"}], "repository": {"owner": owner}, "after": [{"$startsWith": format!("{n:010x}")}]})
        }
        2 => {
            let id = number(&body["sender"]["id"]);
            json!({"base_ref": [{"$isNull": true}], "sender": {"id": [{"$gte": id}, {"$lt": id + 1}]}})
        }
        3 => json!({"created": [true], "repository": {"owner": owner, "gone": [{"$exists": false}]},
            "pusher": {"name": [{"$ignoreCaseEquals": format!("ÉVA {n}")}]}}),
        _ => json!({"forced": [false], "head_commit": {"added": [{"$includes":
            if n == 4 { body["head_commit"]["added"][0].clone() } else { json!(format!("src/{n}.rs")) }}]}}),
    }
}

fn booking() -> Value {
    let person = |name: &str| {
        json!({"name": name, "email": format!("{}@example.test", name.to_lowercase()),
        "timeZone": "Europe/London", "language": {"locale": "en"}})
    };
    let mut organizer = person("Orla");
    organizer["id"] = json!(1);
    json!({"triggerEvent": "BOOKING_CANCELLED", "createdAt": "2026-01-10T10:00:00.000Z", "type": "meeting", "payload": {
        "bookerUrl": "https://app.example.test", "type": "30min", "title": "Half an hour with Orla",
        "startTime": "2026-01-14T09:30:00Z", "endTime": "2026-01-14T10:00:00Z", "organizer": organizer,
        "attendees": [person("Guest")], "location": "integrations:video", "uid": "q8Wd1mZ4tYc7nBv3LxKp0a",
        "bookingId": 100, "status": "CANCELLED", "cancellationReason": "Something else came up",
    }})
}

fn push() -> Value {
    let user = |login: &str, id: u32| {
        let mut user = json!({"login": login, "id": id, "type": "User", "site_admin": false});
        for link in
            ["avatar", "followers", "following", "gists", "starred", "organizations", "repos", "events"]
        {
            user[format!("{link}_url")] =
                json!(format!("https://forge.example.test/api/users/{login}/{link}{{/other}}"));
        }
        user
    };
    let mut repository = json!({"id": 7_000_000, "name": "rocket", "full_name": "acme/rocket", "private": false,
        "owner": user("acme", 9000), "description": null, "fork": false, "size": 0, "language": "Rust", "has_wiki": true,
        "created_at": 1_767_225_600, "updated_at": "2026-01-01T00:00:00Z", "open_issues": 2, "default_branch": "main"});
    for link in [
        "forks",
        "keys",
        "collaborators",
        "teams",
        "hooks",
        "issue_events",
        "events",
        "assignees",
        "branches",
        "tags",
        "blobs",
        "git_tags",
        "git_refs",
        "trees",
        "statuses",
        "languages",
        "stargazers",
        "contributors",
        "subscribers",
        "subscription",
        "commits",
        "git_commits",
        "comments",
        "issue_comment",
        "contents",
        "compare",
        "merges",
        "archive",
        "downloads",
        "issues",
        "pulls",
        "milestones",
        "notifications",
        "labels",
        "releases",
        "deployments",
        "clone",
        "mirror",
    ] {
        let url = format!("https://forge.example.test/api/repositories/acme/rocket/{link}{{/number}}");
        repository[format!("{link}_url")] = json!(url);
    }
    let person = json!({"name": "Ada", "email": "ada@example.test", "username": "ada"});
    json!({"ref": "refs/tags/v1", "before": "0".repeat(40), "after": "6d".repeat(20), "created": true, "deleted": false,
        "forced": false, "base_ref": null, "compare": "https://forge.example.test/acme/rocket/compare/v1", "commits": [],
        "head_commit": {"id": "6d".repeat(20), "tree_id": "4b".repeat(20), "distinct": true, "message": "Add a launch pad",
            "timestamp": "2026-01-01T00:00:00Z", "author": person, "committer": person,
            "added": [".launchpad"], "removed": [], "modified": []},
        "repository": repository, "pusher": {"name": "ada", "email": "ada@example.test"}, "sender": user("ada", 21_000)})
}
