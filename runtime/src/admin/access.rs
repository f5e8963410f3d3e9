//! Who may see the dashboard, and who may act: checked before anything else,
//! and answered as if nothing were there.

use crate::dashboard::{Dashboard, Guard, Role};
use crate::request::form_decode;
use crate::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use http::{HeaderMap, Uri, request};
use sha2::Sha256;
use std::net::IpAddr;

/// Where everything is, below whatever the router is nested in.
pub(crate) const ROOT: &str = "/_triggerfish";

/// Says who may come in.
pub(crate) struct Door {
    guard: Guard,
    token: Secret,
    hosts: Vec<String>,
    read_only: bool,
}

/// What the door makes of a request.
pub(crate) enum Opened {
    /// As if nothing were there.
    Closed,
    /// The token was right: it becomes a cookie, and leaves the URL.
    Enter {
        /// The cookie's header.
        cookie: String,
        /// Where to go.
        to: String,
    },
    /// Come in.
    In(Visit),
}

/// One who was let in.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// Whether they may act, or only look.
    pub(crate) may_act: bool,
    /// What an action must bring along; `None` for who proves it with each request.
    pub(crate) csrf: Option<String>,
    /// The path of the first page.
    pub(crate) root: String,
    /// Scheme and host, as they were called.
    pub(crate) origin: String,
}

impl Door {
    /// A door for these settings. The token is made here where none is configured.
    pub(crate) fn new(dashboard: &Dashboard) -> Self {
        let Dashboard { guard, hosts, read_only, token, .. } = dashboard;
        let token = token.clone().unwrap_or_else(random);
        Door { guard: guard.clone(), token, hosts: hosts.clone(), read_only: *read_only }
    }

    /// The token that opens it; `None` where the app decides.
    pub(crate) fn token(&self) -> Option<&str> {
        match self.guard {
            Guard::Token => std::str::from_utf8(self.token.expose()).ok(),
            Guard::App(_) => None,
        }
    }

    /// Judges a request by its head.
    pub(crate) fn open(&self, head: &request::Parts, original: &Uri) -> Opened {
        let Some(host) = host(head) else { return Opened::Closed };
        if !self.knows(host) || !is_own_origin(&head.headers, host) {
            return Opened::Closed;
        }
        let Some(root) = original.path().find(ROOT).and_then(|at| original.path().get(..at + ROOT.len()))
        else {
            return Opened::Closed;
        };
        let visit = |role: Role, csrf: Option<String>| {
            Opened::In(Visit {
                may_act: role == Role::Full && !self.read_only,
                csrf,
                root: root.to_owned(),
                origin: format!("http://{host}"),
            })
        };
        if let Guard::App(decide) = &self.guard {
            return match decide(head) {
                Some(role) => visit(role, Some(self.derived("csrf"))),
                None => Opened::Closed,
            };
        }
        if let Some(to) = self.entered(original) {
            let (name, value) = (cookie_name(host), self.derived("cookie"));
            let cookie = format!("{name}={value}; Path={root}; HttpOnly; SameSite=Strict");
            return Opened::Enter { cookie, to };
        }
        if self.bears_token(&head.headers) {
            return visit(Role::Full, None);
        }
        if self.has_cookie(&head.headers, host) {
            return visit(Role::Full, Some(self.derived("csrf")));
        }
        Opened::Closed
    }

    /// Whether the host is one under which the pages may be called: a page of
    /// another host that resolves to this machine must find nothing.
    fn knows(&self, host: &str) -> bool {
        let name = without_port(host);
        let listed = self.hosts.iter().any(|known| known.eq_ignore_ascii_case(name));
        match self.guard {
            Guard::App(_) => self.hosts.is_empty() || listed,
            Guard::Token => listed || is_loopback(name),
        }
    }

    /// Where to go without the token, if the URL holds the right one.
    fn entered(&self, original: &Uri) -> Option<String> {
        let query = original.query()?;
        let mut rest = Vec::new();
        let mut right = false;
        for pair in query.split('&') {
            match pair.strip_prefix("token=") {
                Some(given) => right |= self.token.matches(form_decode(given).as_bytes()),
                None => rest.push(pair),
            }
        }
        let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
        right.then(|| format!("{}{query}", original.path()))
    }

    fn bears_token(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        given.and_then(|given| given.strip_prefix("Bearer ")).is_some_and(|given| self.token.matches(given))
    }

    fn has_cookie(&self, headers: &HeaderMap, host: &str) -> bool {
        let (name, wanted) = (cookie_name(host), Secret::from(self.derived("cookie").as_str()));
        let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        all.flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .any(|(known, value)| known == name && wanted.matches(value))
    }

    /// A value for one purpose from which the token cannot be known.
    fn derived(&self, purpose: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.token.expose()) else { return String::new() };
        mac.update(purpose.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

/// A token that nobody guesses.
fn random() -> Secret {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Secret::from(hex::encode(bytes).as_str()),
        // Without randomness nobody gets in: two ids are no token, but they are no known one either.
        Err(_) => Secret::from(format!("{}{}", uuid::Uuid::now_v7(), fastrand::u128(..)).as_str()),
    }
}

/// The host that was called; `None` where it is missing or stands there twice.
fn host(head: &request::Parts) -> Option<&str> {
    let mut all = head.headers.get_all(HOST).iter();
    match (all.next(), all.next()) {
        (Some(one), None) => one.to_str().ok().filter(|host| !host.is_empty()),
        _ => None,
    }
}

/// A request of another site carries that site's origin.
fn is_own_origin(headers: &HeaderMap, host: &str) -> bool {
    headers.get_all(ORIGIN).iter().all(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        let called = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        called.is_some_and(|called| called.eq_ignore_ascii_case(host))
    })
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_loopback(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Cookies know no ports: two programs on one machine must not take each other's.
fn cookie_name(host: &str) -> String {
    let port = host.strip_prefix(without_port(host)).and_then(|port| port.strip_prefix(':'));
    format!("triggerfish-{}", port.unwrap_or("80"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    const TOKEN: &str = "0123456789abcdef-token";

    fn door() -> Door {
        Door::new(&Dashboard::default().token(TOKEN))
    }

    fn asked(door: &Door, uri: &str, headers: &[(&str, &str)]) -> Opened {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        door.open(&head, &head.uri.clone())
    }

    #[test]
    fn the_token_becomes_a_cookie_and_leaves_the_url() {
        let door = door();
        let uri = format!("/_triggerfish/requests?a=1&token={TOKEN}&b=2");
        let Opened::Enter { cookie, to } = asked(&door, &uri, &[("host", "127.0.0.1:3000")]) else {
            panic!("not let in")
        };
        assert_eq!(to, "/_triggerfish/requests?a=1&b=2");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains(TOKEN));
        let cookie = cookie.split(';').next().unwrap();
        let with = |host: &str| asked(&door, "/_triggerfish", &[("host", host), ("cookie", cookie)]);
        let Opened::In(visit) = with("127.0.0.1:3000") else { panic!("not let in") };
        assert!(visit.may_act && visit.csrf.is_some_and(|csrf| !csrf.contains(TOKEN)));
        assert!(matches!(with("127.0.0.1:4000"), Opened::Closed), "another program's cookie");
    }

    #[test]
    fn without_the_token_or_from_elsewhere_nothing_is_there() {
        let door = door();
        let bearer = format!("Bearer {TOKEN}");
        let bearer = ("authorization", bearer.as_str());
        let own = ("host", "localhost:3000");
        assert!(matches!(asked(&door, "/_triggerfish", &[own, bearer]), Opened::In(_)));
        let closed: [&[(&str, &str)]; 9] = [
            &[own],
            &[bearer],
            &[own, ("authorization", "Bearer x")],
            &[own, ("cookie", "triggerfish-3000=x")],
            &[("host", "evil.example"), bearer],
            &[("host", "127.0.0.1.evil.example"), bearer],
            &[("host", "localhost"), ("host", "localhost"), bearer],
            &[own, bearer, ("origin", "http://evil.example")],
            &[own, bearer, ("origin", "null")],
        ];
        for headers in closed {
            assert!(matches!(asked(&door, "/_triggerfish", headers), Opened::Closed), "{headers:?}");
        }
        assert!(matches!(asked(&door, "/_triggerfish?token=", &[own]), Opened::Closed));
        let same = [own, bearer, ("origin", "http://localhost:3000")];
        assert!(matches!(asked(&door, "/_triggerfish", &same), Opened::In(_)));
        for host in ["[::1]:3000", "127.0.0.1", "LOCALHOST:1"] {
            assert!(
                matches!(asked(&door, "/_triggerfish", &[("host", host), bearer]), Opened::In(_)),
                "{host}"
            );
        }
    }

    #[test]
    fn the_app_decides_where_it_guards_and_knows_its_hosts() {
        let guarded = Dashboard::auth(|head| match head.headers.get("x-user")?.to_str().ok()? {
            "admin" => Some(Role::Full),
            _ => Some(Role::ReadOnly),
        });
        let door = Door::new(&guarded.host("admin.example.com"));
        let ask = |host, user| asked(&door, "/in/_triggerfish/map", &[("host", host), ("x-user", user)]);
        let Opened::In(visit) = ask("admin.example.com", "admin") else { panic!("not let in") };
        assert_eq!((visit.may_act, visit.root.as_str()), (true, "/in/_triggerfish"));
        assert!(matches!(ask("admin.example.com", "guest"), Opened::In(Visit { may_act: false, .. })));
        assert!(matches!(ask("other.example.com", "admin"), Opened::Closed));
        assert!(matches!(asked(&door, "/_triggerfish", &[("host", "admin.example.com")]), Opened::Closed));
        assert_eq!(door.token(), None);
    }
}
