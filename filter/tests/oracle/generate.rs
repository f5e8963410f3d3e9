//! Random filters and events over a small world, so that they often meet.

use std::fmt::Write;

use fastrand::Rng;
use serde_json::{Value, json};
use triggerfish_filter::{Filter, Root};

const NAMES: [&str; 7] = ["a", "b", "c", "é", "q\"uote", "with.dot", "a-longer-name"];
const TEXTS: [&str; 22] = [
    "",
    "a",
    "ab",
    "abc",
    "A",
    "aB",
    "bc",
    "É",
    "é",
    "e\u{301}",
    "ß",
    "ẞ",
    "ſ",
    "s",
    "Σ",
    "ς",
    "İ",
    "\u{212A}",
    "k",
    "line\nbreak",
    "😀x",
    "10",
];
/// As written in JSON; neighbours in pairs that must be told apart, or must not.
const NUMBERS: [&str; 20] = [
    "0",
    "-0",
    "-0.0",
    "1",
    "1.0",
    "1e0",
    "2",
    "1.5",
    "10",
    "100e-1",
    "-3",
    "9007199254740992",
    "9007199254740993",
    "9007199254740992.0",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "-9223372036854775808",
    "1e300",
    "0.1",
];
const HEADERS: [&str; 3] = ["x-kind", "x-other", "accept"];
const METHODS: [&str; 3] = ["GET", "POST", "PUT"];

/// The few names and values that the filters and events of one round are made of.
pub(crate) struct World {
    pub(crate) rng: Rng,
    names: Vec<&'static str>,
    texts: Vec<&'static str>,
    numbers: Vec<&'static str>,
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        let mut rng = Rng::with_seed(seed);
        let names = some(&mut rng, &NAMES, 3);
        let texts = some(&mut rng, &TEXTS, 4);
        let numbers = some(&mut rng, &NUMBERS, 4);
        World { rng, names, texts, numbers }
    }

    /// A random filter that passes the checks, as JSON and read.
    pub(crate) fn filter(&mut self, root: Root) -> (Value, Filter) {
        loop {
            let json = match root {
                Root::Payload => self.fields(2, true),
                Root::Request => self.sections(),
            };
            if let Ok(filter) = Filter::from_json(&json, root) {
                return (json, filter);
            }
        }
    }

    fn sections(&mut self) -> Value {
        let mut filter = json!({});
        if self.one_in(4) {
            filter["method"] = json!([self.rng.choice(METHODS)]);
        }
        for (section, names) in [("headers", HEADERS.to_vec()), ("query", self.names.clone())] {
            if self.one_in(3) {
                let mut fields = json!({});
                for _ in 0..self.rng.usize(1..3) {
                    fields[pick(&mut self.rng, &names)] = self.text_list();
                }
                filter[section] = fields;
            }
        }
        if !self.one_in(3) {
            filter["body"] = self.fields(1, false);
        }
        filter
    }

    fn fields(&mut self, depth: u32, may_be_empty: bool) -> Value {
        let mut fields = json!({});
        if may_be_empty && self.one_in(60) {
            return fields;
        }
        for _ in 0..if self.one_in(3) { 2 } else { 1 } {
            let nested = depth > 0 && self.one_in(3);
            fields[self.name()] = if nested { self.fields(depth - 1, false) } else { self.list() };
        }
        fields
    }

    fn list(&mut self) -> Value {
        if self.one_in(3) {
            let kind = self.rng.u8(..5);
            return (0..self.rng.usize(1..4)).map(|_| self.scalar(kind)).collect();
        }
        (0..if self.one_in(3) { 2 } else { 1 }).map(|_| self.operator()).collect()
    }

    fn text_list(&mut self) -> Value {
        if self.rng.bool() {
            return (0..self.rng.usize(1..3)).map(|_| json!(self.text())).collect();
        }
        let operators = ["$startsWith", "$endsWith", "$ignoreCaseEquals", "$anythingBut", "$not", "$exists"];
        match pick(&mut self.rng, &operators) {
            "$exists" => json!([{"$exists": self.rng.bool()}]),
            operator => json!([{operator: self.text()}]),
        }
    }

    fn operator(&mut self) -> Value {
        let kind = self.rng.u8(..5);
        match self.rng.u8(..15) {
            0 => json!({"$startsWith": self.text()}),
            1 => json!({"$endsWith": self.text()}),
            2 => json!({"$ignoreCaseEquals": self.text()}),
            3 => json!({"$exists": self.rng.bool()}),
            4 => json!({"$isNull": self.rng.bool()}),
            5 => json!({"$anythingBut": self.scalar(kind)}),
            6 => json!({"$anythingBut": [self.scalar(kind), self.scalar(kind)]}),
            7 => json!({"$not": self.scalar(kind)}),
            8 | 9 => json!({"$includes": self.scalar(kind)}),
            10 => json!({"$between": [self.scalar(0), self.scalar(0)]}),
            other => json!({["$gt", "$gte", "$lt", "$lte"][usize::from(other) % 4]: self.scalar(0)}),
        }
    }

    /// Numbers for 0 and 1, booleans for 2, else texts.
    fn scalar(&mut self, kind: u8) -> Value {
        match kind {
            0 | 1 => serde_json::from_str(pick(&mut self.rng, &self.numbers)).unwrap(),
            2 => json!(self.rng.bool()),
            _ => json!(self.text()),
        }
    }

    fn name(&mut self) -> &'static str {
        pick(&mut self.rng, &self.names)
    }

    fn text(&mut self) -> &'static str {
        pick(&mut self.rng, &self.texts)
    }

    fn one_in(&mut self, times: u8) -> bool {
        self.rng.u8(..times) == 0
    }

    /// A random event as JSON text, in one of the many ways in which JSON can say it.
    pub(crate) fn event(&mut self, seen: &mut Seen) -> String {
        let mut writer = Writer { world: self, seen, out: String::new() };
        writer.space();
        if writer.world.one_in(12) {
            writer.value(4);
        } else {
            writer.object(4);
        }
        writer.space();
        writer.out
    }

    /// The other parts of a random request.
    pub(crate) fn request(&mut self) -> Request {
        let headers = (0..self.rng.usize(..4)).map(|_| {
            let name = pick(&mut self.rng, &HEADERS);
            let name = if self.rng.bool() { name.to_uppercase() } else { name.into() };
            (name, self.text().into())
        });
        let headers = headers.collect();
        let mut query = String::new();
        for n in 0..self.rng.usize(..5) {
            query.push_str(if n > 0 { "&" } else { "" });
            let (name, text) = (self.name(), self.text());
            encode(name, &mut query, &mut self.rng);
            query.push('=');
            encode(text, &mut query, &mut self.rng);
        }
        Request { method: pick(&mut self.rng, &METHODS), headers, query }
    }
}

/// What is in the events: a test that never saw a thing proves nothing about it.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) repeated_keys: usize,
    pub(crate) escaped_keys: usize,
    pub(crate) escaped_texts: usize,
    pub(crate) arrays_in_arrays: usize,
    pub(crate) null_elements: usize,
    pub(crate) arrays_of_objects: usize,
    pub(crate) empty_arrays: usize,
}

struct Writer<'w> {
    world: &'w mut World,
    seen: &'w mut Seen,
    out: String,
}

impl Writer<'_> {
    fn value(&mut self, depth: u32) {
        match self.world.rng.u8(..if depth == 0 { 10 } else { 14 }) {
            0 => self.out.push_str("null"),
            1 => self.out.push_str(if self.world.rng.bool() { "true" } else { "false" }),
            2..=5 => self.out.push_str(pick(&mut self.world.rng, &self.world.numbers)),
            6..=9 => {
                let text = self.world.text();
                self.seen.escaped_texts += usize::from(self.text(text));
            }
            10 | 11 => self.array(depth - 1),
            _ => self.object(depth - 1),
        }
    }

    fn object(&mut self, depth: u32) {
        self.out.push('{');
        let mut names: Vec<&str> = Vec::new();
        for n in 0..self.world.rng.usize(..8) {
            let name = match names.last() {
                Some(last) if self.world.one_in(5) => *last,
                _ if self.world.rng.u8(..10) == 0 => "unmentioned",
                _ => self.world.name(),
            };
            self.seen.repeated_keys += usize::from(names.contains(&name));
            names.push(name);
            self.comma(n);
            self.seen.escaped_keys += usize::from(self.text(name));
            self.space();
            self.out.push(':');
            self.space();
            self.value(depth);
        }
        self.space();
        self.out.push('}');
    }

    fn array(&mut self, depth: u32) {
        self.out.push('[');
        let count = self.world.rng.usize(..5);
        self.seen.empty_arrays += usize::from(count == 0);
        for n in 0..count {
            self.comma(n);
            let start = self.out.len();
            self.value(depth);
            match self.out.as_bytes()[start] {
                b'[' => self.seen.arrays_in_arrays += 1,
                b'{' => self.seen.arrays_of_objects += 1,
                b'n' => self.seen.null_elements += 1,
                _ => {}
            }
        }
        self.space();
        self.out.push(']');
    }

    fn comma(&mut self, n: usize) {
        self.space();
        if n > 0 {
            self.out.push(',');
            self.space();
        }
    }

    fn space(&mut self) {
        if self.world.rng.u8(..6) == 0 {
            self.out.push_str(pick(&mut self.world.rng, &[" ", "\n", "\t", "\r\n  "]));
        }
    }

    /// Whether it was escaped more than it had to be.
    fn text(&mut self, text: &str) -> bool {
        let escape = self.world.rng.u8(..5) == 0;
        write_text(text, &mut self.out, |_| escape && self.world.rng.bool());
        escape && !text.is_empty()
    }
}

/// Writes a value with other spaces and escapes than usual, and its fields in reverse.
pub(crate) fn write_otherwise(value: &Value, out: &mut String) {
    match value {
        Value::Array(elements) => {
            out.push_str("[ ");
            for (n, element) in elements.iter().enumerate() {
                out.push_str(if n > 0 { " ,\n" } else { "" });
                write_otherwise(element, out);
            }
            out.push_str("\t]");
        }
        Value::Object(fields) => {
            out.push_str("{\r\n");
            for (n, (name, value)) in fields.iter().collect::<Vec<_>>().into_iter().rev().enumerate() {
                out.push_str(if n > 0 { ",  " } else { "" });
                write_text(name, out, |_| true);
                out.push_str(" : ");
                write_otherwise(value, out);
            }
            out.push('}');
        }
        Value::String(text) => write_text(text, out, |_| true),
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn write_text(text: &str, out: &mut String, mut escape: impl FnMut(char) -> bool) {
    out.push('"');
    for c in text.chars() {
        if escape(c) || matches!(c, '"' | '\\' | '\0'..='\x1F') {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04X}").unwrap();
            }
        } else {
            out.push(c);
        }
    }
    out.push('"');
}

/// The other parts of a random request.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: String,
}

fn encode(text: &str, out: &mut String, rng: &mut Rng) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() && rng.u8(..4) > 0 {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02x}").unwrap();
        }
    }
}

/// Neighbours: they were put side by side because they are easily mistaken for one another.
fn some(rng: &mut Rng, all: &[&'static str], count: usize) -> Vec<&'static str> {
    let first = rng.usize(..all.len());
    all.iter().cycle().skip(first).take(count).copied().collect()
}

pub(crate) fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
