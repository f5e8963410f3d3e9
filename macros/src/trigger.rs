//! What triggers a job: an item by its path, or what is written out in its place.

use crate::args::{Args, Known, Value, known};
use crate::errors::{Errors, Place};
use crate::literals;
use crate::subscription::Subscription;
use crate::tokens::{self, Tokens, as_group, is_punct};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::{Lit, Path};
use triggerfish_cron::Cron;
use triggerfish_filter::nearest;

pub(crate) struct Trigger {
    /// The type that stands for it.
    pub(crate) path: Path,
    /// What that type is to be, where it is no item of the user's.
    pub(crate) written: Option<Written>,
    /// What it says of an external source's webhook, where it is an event of one.
    pub(crate) subscription: Option<Subscription>,
}

/// A trigger without an item of its own.
pub(crate) enum Written {
    Event {
        names: Vec<String>,
        source: Option<String>,
    },
    Cron {
        text: String,
        cron: Cron,
        tz: Option<String>,
        missed: Missed,
    },
    /// In milliseconds.
    Every {
        interval: u64,
        missed: Missed,
    },
    Invoke,
    Schedule,
}

/// What becomes of missed ticks, as the runtime's type calls it.
#[derive(Clone, Copy)]
pub(crate) enum Missed {
    Skip,
    One,
    All,
}

impl Written {
    /// Why there is nothing that a filter could look at, if so.
    pub(crate) fn refuses_filter(&self) -> Option<&'static str> {
        match self {
            Written::Event { .. } => None,
            Written::Cron { .. } | Written::Every { .. } | Written::Schedule => {
                Some("a job that runs by the clock takes every tick: a filter has nothing to look at")
            }
            Written::Invoke => Some("a job that is called takes every call: decide in the caller"),
        }
    }
}

/// The words that stand for a trigger of their own.
const WORDS: &[&str] = &["event", "cron", "every", "invoke", "schedule"];

const WHAT: &str = "a job is triggered by a function that carries `#[http_endpoint(...)]` or `#[event(...)]`, or by \
                    `event(\"name\")`, `cron(\"0 3 * * *\")`, `every(\"15m\")`, `invoke` or `schedule`";

pub(crate) fn read(value: &Value, errors: &mut Errors) -> Option<Trigger> {
    if let Some(text) = value.as_text() {
        let message = format!(
            "`trigger` is the endpoint itself, not its id: write the function's name instead of {text:?}\n\
             help: an event by its name is `event({text:?})`"
        );
        errors.at(value.place(), message);
        return None;
    }
    match value.tokens() {
        [TokenTree::Ident(word)] if word == "invoke" => Some(written(Written::Invoke)),
        [TokenTree::Ident(word)] if word == "schedule" => Some(written(Written::Schedule)),
        [TokenTree::Ident(word)] if WORDS.iter().any(|known| word == known) => {
            errors.at(word.span(), format!("`{word}` says more in parentheses: `{}`", example(word)));
            None
        }
        [path @ .., TokenTree::Group(group)]
            if is_path(path) && names_parameters(group) && !is_ours(path) =>
        {
            let subscription = Subscription::read(group, errors)?;
            let path = Parser::parse2(Path::parse_mod_style, path.iter().cloned().collect()).ok()?;
            Some(Trigger { path, written: None, subscription: Some(subscription) })
        }
        [TokenTree::Ident(word), group] if as_group(group, Delimiter::Parenthesis).is_some() => {
            let group = as_group(group, Delimiter::Parenthesis)?;
            called(word, group, errors).map(written)
        }
        [path @ .., group] if is_path(path) && as_group(group, Delimiter::Parenthesis).is_some() => {
            errors.at(group.span(), "this takes no arguments here\nhelp: write its name alone");
            None
        }
        _ => match value.path() {
            Some(path) => Some(Trigger { path, written: None, subscription: None }),
            None => value.refuse("the name of what triggers the job", errors),
        },
    }
}

fn written(written: Written) -> Trigger {
    let path = Path::from(Ident::new("__Trigger", Span::call_site()));
    Trigger { path, written: Some(written), subscription: None }
}

fn example(word: &Ident) -> &'static str {
    match word.to_string().as_str() {
        "event" => "event(\"user.created\")",
        "every" => "every(\"15m\")",
        _ => "cron(\"0 3 * * *\", tz = \"Europe/London\")",
    }
}

/// Whether it is a word for a trigger of its own.
fn is_ours(path: &[TokenTree]) -> bool {
    matches!(path, [TokenTree::Ident(word)] if WORDS.iter().any(|known| word == known))
}

/// Whether what stands in parentheses are parameters: `connect = true`.
fn names_parameters(group: &Group) -> bool {
    let mut inside = tokens::inside(group).into_iter();
    let (name, equals) = (inside.next(), inside.next());
    group.delimiter() == Delimiter::Parenthesis
        && matches!(name, Some(TokenTree::Ident(_)))
        && equals.is_some_and(|token| is_punct(&token, '='))
}

fn is_path(tokens: &[TokenTree]) -> bool {
    let stream = tokens.iter().cloned().collect();
    Parser::parse2(Path::parse_mod_style, stream).is_ok()
}

fn called(word: &Ident, group: &Group, errors: &mut Errors) -> Option<Written> {
    match word.to_string().as_str() {
        "event" => event(group, errors),
        "cron" => cron(group, errors),
        "every" => every(group, errors),
        name @ ("invoke" | "schedule") => {
            errors.at(group.span(), format!("`{name}` takes nothing in parentheses\nhelp: write it alone"));
            None
        }
        name => {
            match nearest(name, WORDS) {
                Some(near) => {
                    errors.at(word.span(), format!("no trigger is called `{name}`; did you mean `{near}`?"));
                }
                None => errors.at(
                    group.span(),
                    format!("`{name}` takes no arguments here\nhelp: write its name alone; {WHAT}"),
                ),
            }
            None
        }
    }
}

const EVENT: &[Known] = known! { "source" => r#"source = "stripe.com""# };

fn event(group: &Group, errors: &mut Errors) -> Option<Written> {
    let (texts, rest) = leading_texts(group);
    let names = names(&texts, group, errors);
    if texts.is_empty() {
        return None;
    }
    let mut args = Args::read(rest, EVENT, errors);
    let source = args.value("source", errors).map(|value| value.text(errors));
    let names = names?;
    Some(Written::Event { names, source: source.map_or(Some(None), |source| source.map(Some))? })
}

/// Names of events, at least one, each once.
pub(crate) fn names(texts: &[(String, Place)], group: &Group, errors: &mut Errors) -> Option<Vec<String>> {
    if texts.is_empty() {
        errors.at(group.span(), "the event's name is missing; for example \"user.created\"");
        return None;
    }
    let before = errors.count();
    let mut names: Vec<String> = Vec::new();
    for (name, place) in texts {
        if let Err(advice) = literals::event_name(name) {
            errors.at(*place, advice);
        } else if names.contains(name) {
            errors.at(*place, format!("{name:?} is given twice"));
        } else {
            names.push(name.clone());
        }
    }
    (errors.count() == before).then_some(names)
}

const CRON: &[Known] = known! {
    "tz" => r#"tz = "Europe/London""#,
    "missed" => r#"missed = "skip""#,
};

fn cron(group: &Group, errors: &mut Errors) -> Option<Written> {
    let (text, rest) = one_text(group, "a cron expression", "\"0 3 * * *\", every day at three", errors);
    let mut args = Args::read(rest, CRON, errors);
    let tz = args.value("tz", errors).map(|value| value.checked_text(literals::time_zone, errors));
    let missed = missed(&mut args, errors);
    let (text, place) = text?;
    let cron = text.parse().map_err(|wrong| errors.at(place, wrong)).ok()?;
    Some(Written::Cron { text, cron, tz: tz.map_or(Some(None), |tz| tz.map(Some))?, missed: missed? })
}

const EVERY: &[Known] = known! { "missed" => r#"missed = "skip""# };

fn every(group: &Group, errors: &mut Errors) -> Option<Written> {
    let (text, rest) = one_text(group, "an interval", "\"15m\"", errors);
    let mut args = Args::read(rest, EVERY, errors);
    let missed = missed(&mut args, errors);
    let (text, place) = text?;
    let interval = literals::duration(&text).and_then(|millis| match millis {
        0..1000 => Err(format!("{text:?} is too often: an interval is at least a second")),
        _ => Ok(millis),
    });
    let interval = interval.map_err(|advice| errors.at(place, advice)).ok()?;
    Some(Written::Every { interval, missed: missed? })
}

fn missed(args: &mut Args, errors: &mut Errors) -> Option<Missed> {
    const POLICIES: &[&str] = &["skip", "one", "all"];
    let Some(value) = args.value("missed", errors) else { return Some(Missed::One) };
    let text = value.text(errors)?;
    match text.as_str() {
        "skip" => Some(Missed::Skip),
        "one" => Some(Missed::One),
        "all" => Some(Missed::All),
        _ => {
            let hint = nearest(&text, POLICIES).map_or_else(
                || {
                    "ticks that nobody was there for are left out (\"skip\"), run once (\"one\"), or all run \
                     (\"all\")"
                        .to_owned()
                },
                |near| format!("did you mean {near:?}?"),
            );
            errors.at(value.place(), format!("there is no policy {text:?} for missed ticks; {hint}"));
            None
        }
    }
}

/// The strings before the options, and the options.
pub(crate) fn leading_texts(group: &Group) -> (Vec<(String, Place)>, TokenStream) {
    let all = tokens::inside(group);
    let mut rest = Tokens::new(&all, group.span_close());
    let mut texts = Vec::new();
    while let Some(TokenTree::Literal(literal)) = rest.peek() {
        let Lit::Str(text) = tokens::literal(literal) else { break };
        if rest.peek_second().is_some_and(|next| !is_punct(next, ',')) {
            break;
        }
        texts.push((text.value(), literal.span().into()));
        rest.take();
        rest.take();
    }
    (texts, rest.rest().iter().cloned().collect())
}

/// The one string before the options.
fn one_text(
    group: &Group,
    what: &str,
    example: &str,
    errors: &mut Errors,
) -> (Option<(String, Place)>, TokenStream) {
    let (mut texts, rest) = leading_texts(group);
    if let Some((_, place)) = texts.get(1) {
        errors.at(*place, format!("only {what} stands here"));
    }
    if texts.is_empty() {
        errors.at(group.span(), format!("{what} is missing; for example {example}"));
        // What stands in its place is no option.
        return (None, TokenStream::new());
    }
    (Some(texts.remove(0)), rest)
}
