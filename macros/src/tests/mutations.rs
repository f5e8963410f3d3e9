//! The macros run inside the user's compiler: they must not panic on any input.

use crate::errors::Broken;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// Attributes that between them have every option, and items of both kinds.
const SEEDS: [(&str, &str); 5] = [
    (
        r#"id = "cal.com", source = "cal.com", icon = "caldotcom", title = "Cal", enabled = false, path = "/webhooks/cal",
           payload = BookingEvent<A>, max_body = 5_242_880, dedupe = body(window = "24h"), unmatched = 400,
           secrets("X", "Y"), type = Name, crate = ::triggerfish,
           respond_with(filter = { method: ["GET"], query: { "hub.mode": [{ $startsWith: "sub" }] } },
                        handler = path::to::answer, skip_triggering_runs = true, verified = true)"#,
        "#[doc = \"x\"] #[cfg(x)] pub(crate) async fn caldotcom(request: &Request) -> Result<Verification, E> { body() }",
    ),
    (
        r#"id = "a", name = "A", version = "1.0.0", enabled = true, trigger = endpoints::caldotcom,
           filter = { body: { type: ["a", "b"], n: [{ $gt: -1.5e3 }, lt(5), between(1, 0x10)], "a.b": [{ "$exists": true }],
                              t: [r"raw", null, exists(), anything_but("a", 'c', b"d", 1u8)] } },
           retry(limit = 5, factor = 2.0, min = "1s", max = "5m"), timeout = "30s", log_level = "debug", type = A"#,
        "async fn a(Json(b): Json<Vec<T>>, io: Io, State(s): State<S>, r: Request, ctx: Context) -> Result<(), E> where { }",
    ),
    (
        r##"names("price.created", "price.updated"), source = "stripe.com", title = "A price", icon = "stripe",
           filter = { type: ["one_time"], unit_amount: [{ $gt: 100 }] }, type = Name, crate = ::triggerfish,
           example(id = "a", name = "A", json = r#"{ "id": 15 }"#), example(id = "b", file = "../b.json")"##,
        "#[doc = \"x\"] pub fn on_price(price: &stripe::Price<A>) -> Properties { body() }",
    ),
    (
        r#"id = "a", version = "1.0.0", trigger = cron("0 3 * * mon-fri", tz = "Europe/London", missed = "skip")"#,
        "async fn a(tick: Tick, io: Io) -> Result<()> { }",
    ),
    (
        r#"id = "a", version = "1.0.0", trigger = event("a.b", "c.d", source = "stripe.com"), filter = { a: ["b"] }"#,
        "async fn a(event: Event<Vec<T>>, Json(b): Json<T>) -> Result<()> { }",
    ),
];

const ROUNDS: usize = 3_000;

#[test]
fn mutated_attributes_do_not_panic() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut read, mut refused) = (0, 0);
    let seeds =
        SEEDS.map(|(args, item)| [args, item].map(|text| text.parse::<TokenStream>().expect("tokens")));
    for round in 0..ROUNDS {
        let [mut args, mut item] = seeds[round % seeds.len()].clone();
        for _ in 0..=random.below(3) {
            match random.below(4) {
                0 => item = mutated(item, &mut random),
                _ => args = mutated(args, &mut random),
            }
        }
        for attribute in ["job", "http_endpoint", "event"] {
            let outcome = std::panic::catch_unwind(|| {
                let (args, item) = (args.clone(), item.clone());
                let expanded = match attribute {
                    "job" => crate::job::Job::read(args, item).map(|job| crate::emit::job(&job)),
                    "event" => crate::event::Event::read(args, item).map(|event| crate::emit::event(&event)),
                    _ => crate::endpoint::Endpoint::read(args, item).map(|e| crate::emit::endpoint(&e)),
                };
                expanded.map_err(Broken::into_tokens).is_ok()
            });
            match outcome {
                Ok(true) => read += 1,
                Ok(false) => refused += 1,
                Err(_) => panic!("panicked at #[{attribute}({args})] {item}"),
            }
        }
    }
    // Both ways were gone, or the mutations are too mild or too wild to say anything.
    assert!(read > ROUNDS / 50 && refused > ROUNDS / 2, "{read} read, {refused} refused");
}

/// Types that between them have every attribute that the derive reads.
const TYPES: [&str; 2] = [
    r#"#[serde(rename_all = "camelCase", tag = "t", default, from = "Other<T>")] #[payload(crate = ::triggerfish)]
       struct Page<'a, T: Clone = Vec<u8>, const N: usize = 2> where T: Sized {
           #[serde(rename(deserialize = "x", serialize = "y"), alias = "z", default = "d")] r#type: Option<T>,
           #[serde(flatten)] inner: HashMap<String, <T as Tr>::Item>, #[payload(as = Vec<String>)] told: Option<&'a str>,
           #[serde(skip)] skipped: [u8; N], #[payload(opaque)] opaque: (T, Box<Self>), again: Vec<Page<'a, T, N>>,
       }"#,
    r#"#[serde(tag = "t", content = "c", rename_all_fields = "kebab-case", rename_all = "SCREAMING-KEBAB-CASE")]
       #[payload(strict)]
       enum Kind { Unit, #[serde(other)] Other, New(#[serde(with = "m")] Box<Kind>), Pair(u8, #[serde(skip)] T!()),
           #[serde(untagged, rename_all = "UPPERCASE")] Fields { some_field: Result<u8, Kind>, _x: dyn Fn(u8) -> u8 } }"#,
];

#[test]
fn mutated_types_do_not_panic() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut read, mut refused) = (0, 0);
    let seeds = TYPES.map(|text| text.parse::<TokenStream>().expect("tokens"));
    for round in 0..ROUNDS {
        let mut item = seeds[round % seeds.len()].clone();
        for _ in 0..=random.below(3) {
            item = mutated(item, &mut random);
        }
        match std::panic::catch_unwind(|| crate::payload::derive(item.clone()).map_err(Broken::into_tokens)) {
            Ok(Ok(_)) => read += 1,
            Ok(Err(_)) => refused += 1,
            Err(_) => panic!("panicked at {item}"),
        }
    }
    assert!(read > ROUNDS / 50 && refused > ROUNDS / 50, "{read} read, {refused} refused");
}

/// Changes one thing, somewhere down in the groups.
fn mutated(tokens: TokenStream, random: &mut Random) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let groups: Vec<_> = (0..tokens.len()).filter(|n| matches!(tokens[*n], TokenTree::Group(_))).collect();
    if !groups.is_empty() && random.below(3) > 0 {
        let at = groups[random.below(groups.len())];
        if let TokenTree::Group(group) = &tokens[at] {
            let inside = mutated(group.stream(), random);
            let delimiter = if random.below(12) == 0 { delimiter(random) } else { group.delimiter() };
            tokens[at] = Group::new(delimiter, inside).into();
        }
        return tokens.into_iter().collect();
    }
    let at = random.below(tokens.len().max(1));
    match random.below(5) {
        0 if at < tokens.len() => {
            tokens.remove(at);
        }
        1 if at < tokens.len() => tokens.insert(at, tokens[at].clone()),
        2 if at < tokens.len() => tokens[at] = token(random),
        3 if at < tokens.len() => {
            let other = random.below(tokens.len());
            tokens.swap(at, other);
        }
        _ => tokens.insert(at.min(tokens.len()), token(random)),
    }
    tokens.into_iter().collect()
}

fn delimiter(random: &mut Random) -> Delimiter {
    [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None][random.below(4)]
}

fn token(random: &mut Random) -> TokenTree {
    const WORDS: &[&str] = &[
        "id", "crate", "type", "filter", "trigger", "fn", "async", "self", "true", "null", "gt", "body",
        "impl", "Io", "State", "_", "Self", "event", "none", "unsafe", "where", "dyn", "const", "extern",
        "mut", "window",
    ];
    const LITERALS: &[&str] = &[
        "\"\"",
        "\"a\"",
        "\"/\"",
        "\"1.0\"",
        "\"99999999999999999999d\"",
        "\"\\u{1F41F}\"",
        "r#\"x\"#",
        "b\"x\"",
        "c\"x\"",
        "'x'",
        "b'x'",
        "0",
        "1",
        "1u8",
        "1.5",
        "1e400",
        "1f32",
        "0xff",
        "0b1",
        "340282366920938463463374607431768211455",
        "99999999999999999999999999999999999999999999",
        "\"x\"suffix",
        "1_000",
    ];
    match random.below(4) {
        0 => Ident::new(WORDS[random.below(WORDS.len())], Span::call_site()).into(),
        1 => LITERALS[random.below(LITERALS.len())].parse::<Literal>().expect("a literal").into(),
        2 => {
            let signs = ['=', ',', ':', '$', '-', '.', '&', '<', '>', '!', '#', '|', ';', '\'', '?', '*'];
            let spacing = if random.below(2) == 0 { Spacing::Joint } else { Spacing::Alone };
            Punct::new(signs[random.below(signs.len())], spacing).into()
        }
        _ => {
            let inside = (0..random.below(3)).map(|_| token(random)).collect();
            Group::new(delimiter(random), inside).into()
        }
    }
}

/// The same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}
