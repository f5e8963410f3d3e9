//! `concurrency(..)`, `fifo(..)`, `rate(..)`, `debounce(..)`, `batch(..)`, `priority`: how the runs of a job
//! flow, once every mistake and every combination without meaning has been ruled out.

use crate::args::{Args, Known, Value, known};
use crate::errors::{Errors, Place};
use crate::literals;
use crate::path::ValuePath;
use crate::tokens::is_punct;
use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// The flow of a job's runs; times in milliseconds.
#[derive(Default)]
pub(crate) struct Flow {
    concurrency: Vec<Limit>,
    fifo: Option<Option<ValuePath>>,
    rate: Vec<Limit>,
    debounce: Option<Debounce>,
    batch: Option<Batch>,
    priority: Option<Priority>,
}

struct Limit {
    limit: u32,
    /// Of a rate.
    per: u64,
    key: Option<ValuePath>,
    name: Option<String>,
    place: Place,
}

struct Debounce {
    wait: u64,
    max: Option<u64>,
    key: Option<ValuePath>,
    place: Place,
}

struct Batch {
    size: u32,
    wait: u64,
    key: Option<ValuePath>,
}

enum Priority {
    Fixed(i32),
    At(ValuePath),
}

const CONCURRENCY: &[Known] = known! {
    "limit" => "limit = 5",
    "key" => "key = body.customer_id",
    "name" => r#"name = "stripe-api""#,
};

const FIFO: &[Known] = known! { "key" => "key = body.order_id" };

const RATE: &[Known] = known! {
    "limit" => "limit = 100",
    "per" => r#"per = "1m""#,
    "key" => "key = body.customer_id",
    "name" => r#"name = "stripe-api""#,
};

const DEBOUNCE: &[Known] = known! {
    "wait" => r#"wait = "5s""#,
    "key" => "key = body.id",
    "max" => r#"max = "1m""#,
};

const BATCH: &[Known] = known! {
    "size" => "size = 100",
    "wait" => r#"wait = "1s""#,
    "key" => "key = body.customer_id",
};

/// The priorities that there are: their number bounds what a claim has to look at.
const PRIORITIES: std::ops::RangeInclusive<i64> = -100..=100;

/// The longest that a batch can be.
const LARGEST_BATCH: u64 = 10_000;

impl Flow {
    /// Reads all that an attribute says of it.
    pub(crate) fn read(args: &mut Args, errors: &mut Errors) -> Self {
        let concurrency = args
            .lists("concurrency", errors)
            .iter()
            .filter_map(|group| limit(group, false, errors))
            .collect();
        let fifo = args.list("fifo", errors).map(|group| {
            let mut args = Args::read(group.stream(), FIFO, errors);
            key(&mut args, errors)
        });
        let rate = args.lists("rate", errors).iter().filter_map(|group| limit(group, true, errors)).collect();
        let debounce = args.list("debounce", errors).and_then(|group| debounce(&group, errors));
        let batch = args.list("batch", errors).and_then(|group| batch(&group, errors));
        let priority = args.value("priority", errors).and_then(|value| priority(&value, errors));
        let flow = Flow { concurrency, fifo, rate, debounce, batch, priority };
        flow.refuse_combinations(errors);
        flow
    }

    fn refuse_combinations(&self, errors: &mut Errors) {
        if let Some(fifo) = &self.fifo {
            for limit in self.concurrency.iter().filter(|limit| limit.name.is_none()) {
                let is_moot = match (fifo, &limit.key) {
                    (None, _) => true,
                    (Some(fifo), Some(key)) => fifo.is(key),
                    (Some(_), None) => false,
                };
                if is_moot {
                    let of = if fifo.is_none() { "at all" } else { "for each key" };
                    errors.at(
                        limit.place,
                        format!("`fifo` runs one at a time {of}: this limit has no effect\nhelp: leave out one of them"),
                    );
                }
            }
        }
        for (which, limits) in [("concurrency", &self.concurrency), ("rate", &self.rate)] {
            for (n, limit) in limits.iter().enumerate() {
                let same = |other: &&Limit| {
                    other.name == limit.name
                        && same_key(other.key.as_ref(), limit.key.as_ref())
                        && other.per == limit.per
                };
                if limits.iter().take(n).any(|other| same(&other)) {
                    let cure = "help: give them different keys or names, or leave out one of them";
                    errors.at(limit.place, format!("two limits of `{which}` count the same\n{cure}"));
                }
            }
        }
        let Some(batch) = &self.batch else { return };
        if let Some(debounce) = &self.debounce {
            let why = "`debounce` keeps the last delivery alone, `batch` keeps all";
            errors.at(debounce.place, format!("{why}\nhelp: leave out one of them"));
        }
        let limits = self.concurrency.iter().chain(&self.rate).filter_map(|limit| limit.key.as_ref());
        let others = limits.chain(self.fifo.iter().flatten());
        let priority = match &self.priority {
            Some(Priority::At(path)) => Some(path),
            _ => None,
        };
        for key in others.chain(priority) {
            if !same_key(Some(key), batch.key.as_ref()) {
                let written = key.written();
                errors.at(
                    key.place,
                    format!(
                        "the deliveries of one batch may differ in `{written}`\n\
                         help: batch by it too: `batch(.., key = {written})`"
                    ),
                );
            }
        }
        if let (Some(None), Some(key)) = (&self.fifo, &batch.key) {
            let written = key.written();
            errors.at(
                key.place,
                format!(
                    "batches by `{written}` are filled beside each other, which `fifo()` cannot order\n\
                         help: write `fifo(key = {written})`"
                ),
            );
        }
    }

    /// Every path that a run's flow depends on.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &ValuePath> {
        let priority = match &self.priority {
            Some(Priority::At(path)) => Some(path),
            _ => None,
        };
        let limits = self.concurrency.iter().chain(&self.rate).filter_map(|limit| limit.key.as_ref());
        limits
            .chain(self.fifo.iter().flatten())
            .chain(self.debounce.iter().filter_map(|debounce| debounce.key.as_ref()))
            .chain(self.batch.iter().filter_map(|batch| batch.key.as_ref()))
            .chain(priority)
    }

    /// Whether a run stands for several deliveries.
    pub(crate) fn is_batched(&self) -> bool {
        self.batch.is_some()
    }

    /// `Flow`, as const data.
    pub(crate) fn emit(&self) -> TokenStream {
        let mut given = Vec::new();
        if !self.concurrency.is_empty() {
            let limits = self.concurrency.iter().map(|Limit { limit, key, name, .. }| {
                let (limit, key, name) = (Literal::u32_unsuffixed(*limit), path(key.as_ref()), option(name));
                quote!(__rt::Concurrency { limit: #limit, key: #key, name: #name })
            });
            given.push(quote!(concurrency: &[#(#limits),*]));
        }
        if let Some(key) = &self.fifo {
            let key = path(key.as_ref());
            given.push(quote!(fifo: ::core::option::Option::Some(__rt::Fifo { key: #key })));
        }
        if !self.rate.is_empty() {
            let limits = self.rate.iter().map(|Limit { limit, per, key, name, .. }| {
                let (limit, per) = (Literal::u32_unsuffixed(*limit), duration(*per));
                let (key, name) = (path(key.as_ref()), option(name));
                quote!(__rt::Rate { limit: #limit, per: #per, key: #key, name: #name })
            });
            given.push(quote!(rate: &[#(#limits),*]));
        }
        if let Some(Debounce { wait, max, key, .. }) = &self.debounce {
            let (wait, max, key) = (duration(*wait), option(&max.map(duration)), path(key.as_ref()));
            given.push(quote! {
                debounce: ::core::option::Option::Some(__rt::Debounce { wait: #wait, max: #max, key: #key })
            });
        }
        if let Some(Batch { size, wait, key }) = &self.batch {
            let (size, wait, key) = (Literal::u32_unsuffixed(*size), duration(*wait), path(key.as_ref()));
            given.push(quote! {
                batch: ::core::option::Option::Some(__rt::Batch { size: #size, wait: #wait, key: #key })
            });
        }
        match &self.priority {
            Some(Priority::Fixed(fixed)) => {
                let fixed = Literal::i32_unsuffixed(*fixed);
                given.push(quote!(priority: __rt::Priority::Fixed(#fixed)));
            }
            Some(Priority::At(path)) => {
                let path = path.emit();
                given.push(quote!(priority: __rt::Priority::At(#path)));
            }
            None => {}
        }
        match given.len() {
            0 => quote!(__rt::Flow::NONE),
            _ => quote!(__rt::Flow { #(#given,)* ..__rt::Flow::NONE }),
        }
    }
}

fn same_key(a: Option<&ValuePath>, b: Option<&ValuePath>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.is(b),
        (None, None) => true,
        _ => false,
    }
}

fn key(args: &mut Args, errors: &mut Errors) -> Option<ValuePath> {
    args.value("key", errors).and_then(|value| ValuePath::read(value.tokens(), errors))
}

fn limit(group: &Group, is_rate: bool, errors: &mut Errors) -> Option<Limit> {
    let place = group.span().into();
    let mut args = Args::read(group.stream(), if is_rate { RATE } else { CONCURRENCY }, errors);
    args.require("limit", group.span_close().into(), errors);
    let per = is_rate.then(|| {
        args.require("per", group.span_close().into(), errors);
        time(&mut args, "per", errors)
    });
    let limit = args.value("limit", errors).and_then(|value| match value.int().map(u32::try_from) {
        Some(Ok(0)) => {
            let cure = "help: to switch a job off, write `enabled = false`";
            errors.at(value.place(), format!("with a limit of 0 the job would never run\n{cure}"));
            None
        }
        Some(Ok(limit)) => Some(limit),
        _ => value.refuse("a number of runs", errors),
    });
    let key = key(&mut args, errors);
    let name = args.value("name", errors).and_then(|value| value.checked_text(shared_name, errors));
    let per = match per {
        Some(per) => per?,
        None => 0,
    };
    Some(Limit { limit: limit?, per, key, name, place })
}

fn shared_name(text: &str) -> Result<(), String> {
    if text.is_empty() { Err("the name of a shared limit is empty".to_owned()) } else { Ok(()) }
}

fn time(args: &mut Args, name: &str, errors: &mut Errors) -> Option<u64> {
    args.value(name, errors).and_then(|value| value.text_as(literals::duration, errors))
}

fn debounce(group: &Group, errors: &mut Errors) -> Option<Debounce> {
    let mut args = Args::read(group.stream(), DEBOUNCE, errors);
    args.require("wait", group.span_close().into(), errors);
    let wait = time(&mut args, "wait", errors);
    let max =
        args.value("max", errors).map(|value| (value.text_as(literals::duration, errors), value.place()));
    if let (Some(wait), Some((Some(max), place))) = (wait, max)
        && max < wait
    {
        errors.at(place, "`max`, the longest that a run is put off, is shorter than one `wait`");
    }
    let key = key(&mut args, errors);
    Some(Debounce { wait: wait?, max: max.and_then(|(max, _)| max), key, place: group.span().into() })
}

fn batch(group: &Group, errors: &mut Errors) -> Option<Batch> {
    let mut args = Args::read(group.stream(), BATCH, errors);
    for name in ["size", "wait"] {
        args.require(name, group.span_close().into(), errors);
    }
    let size = args.value("size", errors).and_then(|value| match value.int() {
        Some(0 | 1) => {
            errors.at(
                value.place(),
                "a batch has at least 2 deliveries\nhelp: leave `batch` out for one at a time",
            );
            None
        }
        Some(size) if size <= LARGEST_BATCH => u32::try_from(size).ok(),
        Some(_) => {
            errors.at(
                value.place(),
                format!("a batch is held in memory: it has at most {LARGEST_BATCH} deliveries"),
            );
            None
        }
        None => value.refuse("a number of deliveries", errors),
    });
    let wait = time(&mut args, "wait", errors);
    let key = key(&mut args, errors);
    Some(Batch { size: size?, wait: wait?, key })
}

fn priority(value: &Value, errors: &mut Errors) -> Option<Priority> {
    let (minus, digits) = match value.tokens() {
        [minus, rest @ ..] if is_punct(minus, '-') => (true, rest),
        all => (false, all),
    };
    let number = match digits {
        [TokenTree::Literal(literal)] => literal.to_string().replace('_', "").parse::<i64>().ok(),
        [TokenTree::Ident(_), ..] if !minus => {
            return ValuePath::read(value.tokens(), errors).map(Priority::At);
        }
        _ => None,
    };
    let number = number.map(|number| if minus { -number } else { number });
    match number {
        Some(number) if PRIORITIES.contains(&number) => i32::try_from(number).ok().map(Priority::Fixed),
        Some(_) => {
            errors.at(value.place(), "priorities reach from -100 to 100; what is more comes first");
            None
        }
        None => value.refuse("a number from -100 to 100, or the path of one", errors),
    }
}

fn path(path: Option<&ValuePath>) -> TokenStream {
    option(&path.map(ValuePath::emit))
}

fn option(value: &Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn duration(millis: u64) -> TokenStream {
    let millis = Literal::u64_unsuffixed(millis);
    quote!(__rt::Duration::from_millis(#millis))
}
