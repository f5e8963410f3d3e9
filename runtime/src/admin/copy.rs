//! A request as a command, or as the beginning of a test.

use super::Admin;
use super::answer::{Answer, Problem};
use super::view::request::Kept;
use super::{Visit, redact::Shown};
use crate::request::RequestParts;
use crate::serve::LiveEndpoint;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::fmt::Write as _;
use uuid::Uuid;

impl Admin {
    /// A request as a `curl` command, signed anew, where that can be. It proves
    /// who calls, so the log says that it was made.
    pub(crate) fn curl(&self, id: Uuid, visit: &Visit) -> Answer<String> {
        let (kept, live) = self.whole(id)?;
        let parts = self.parts_of(&kept, live);
        let parts = if self.can_sign(live) { self.signed(live, parts)? } else { parts };
        tracing::info!(endpoint = live.spec.id, request = %id, "a signed command was made in the dashboard");
        let mount = visit.root.strip_suffix(super::ROOT).unwrap_or_default();
        Ok(curl(&parts, &format!("{}{mount}{}", visit.origin, parts.uri)))
    }

    /// A request as a test of the program: its body, signed with the test's secret.
    pub(crate) fn test(&self, id: Uuid) -> Answer<String> {
        let (kept, live) = self.whole(id)?;
        let body = match self.redaction.body(kept.request.body()) {
            Shown::Exact(bytes) => bytes.into_owned(),
            Shown::Redacted(bytes) => bytes,
            Shown::Nothing => return Err(Problem::conflict("its body is not to be shown")),
        };
        let literal = rust_literal(&body);
        let (endpoint, location) = (live.spec.id, live.spec.location);
        let name: String = id.to_string().chars().filter(char::is_ascii_alphanumeric).take(12).collect();
        Ok(format!(
            "/// Request {id} to \"{endpoint}\".\n\
             #[test]\n\
             fn request_{name}() -> Result<(), Box<dyn std::error::Error>> {{\n    \
                 let body: &'static [u8] = {literal};\n    \
                 // The function that carries `#[http_endpoint(id = \"{endpoint}\")]`, at {location}.\n    \
                 let verifier = endpoint();\n    \
                 let request = triggerfish::testing::sign(&verifier, body, std::time::SystemTime::now())?;\n    \
                 let event: serde_json::Value = request.json()?;\n    \
                 // What the job makes of it:\n    \
                 assert!(event.is_object());\n    \
                 Ok(())\n\
             }}\n"
        ))
    }

    fn whole(&self, id: Uuid) -> Answer<(Kept, &LiveEndpoint)> {
        let kept = self.kept(id)?;
        if !kept.is_whole() {
            return Err(Problem::conflict("not all of it is kept"));
        }
        let live = self.live(&kept.endpoint).ok_or_else(|| Problem::unknown("endpoint", &kept.endpoint))?;
        Ok((kept, live))
    }
}

/// A command for a POSIX shell.
fn curl(parts: &RequestParts, url: &str) -> String {
    let mut command = String::new();
    let text = std::str::from_utf8(&parts.body).ok().filter(|text| !text.contains('\0'));
    if text.is_none() {
        // Writing to a string does not fail.
        let _ = write!(command, "printf %s {} | base64 -d | ", quoted(&BASE64_STANDARD.encode(&parts.body)));
    }
    let _ = write!(command, "curl -i -X {} {}", parts.method, quoted(url));
    for (name, value) in &parts.headers {
        // What the client says by itself, and what belonged to the first connection.
        if matches!(
            name.as_str(),
            "host" | "content-length" | "connection" | "transfer-encoding" | "accept-encoding"
        ) {
            continue;
        }
        let line = format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()));
        let _ = write!(command, " \\\n  -H {}", quoted(&line));
    }
    match text {
        Some("") => {}
        // Raw: a body that begins with @ is no name of a file.
        Some(text) => {
            let _ = write!(command, " \\\n  --data-raw {}", quoted(text));
        }
        None => command.push_str(" \\\n  --data-binary @-"),
    }
    command
}

/// In single quotes, in which a shell reads nothing else.
fn quoted(text: &str) -> String {
    let text = text.replace('\'', r"'\''");
    format!("'{text}'")
}

/// The bytes as a literal of Rust.
fn rust_literal(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() && !text.contains('\r') => {
            let mut hashes = String::from("#");
            while text.contains(&format!("\"{hashes}")) {
                hashes.push('#');
            }
            format!("br{hashes}\"{text}\"{hashes}")
        }
        _ => format!("b\"{}\"", bytes.escape_ascii()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn a_command_quotes_what_a_shell_would_read() {
        let mut headers = HeaderMap::new();
        headers.insert("x-a", HeaderValue::from_static("$(rm -rf /) 'x'"));
        headers.insert("host", HeaderValue::from_static("old"));
        let body = Bytes::from_static(b"{\"it's\": `x`}");
        let parts = RequestParts { headers, body, ..RequestParts::default() };
        assert_eq!(
            curl(&parts, "http://h/hooks/a?b='c"),
            "curl -i -X POST 'http://h/hooks/a?b='\\''c' \\\n  -H 'x-a: $(rm -rf /) '\\''x'\\''' \\\n  \
             --data-raw '{\"it'\\''s\": `x`}'"
        );
    }

    #[test]
    fn a_literal_ends_where_the_bytes_end() {
        assert_eq!(rust_literal(br#"{"a":1}"#), r##"br#"{"a":1}"#"##);
        assert_eq!(rust_literal(br##"{"a"#:1}"##), r####"br##"{"a"#:1}"##"####);
        assert_eq!(rust_literal(b"\xff\""), r#"b"\xff\"""#);
    }
}
