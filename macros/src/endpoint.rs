//! What `#[http_endpoint(...)]` says, once every mistake has been ruled out.

use crate::args::{Args, Known, Value, known};
use crate::errors::{Broken, Errors, Place};
use crate::filter::Written;
use crate::pattern::{self, Checked};
use crate::signature::Function;
use crate::tokens::{self, Tokens, as_group};
use crate::{emit, literals, names};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::{Path, Type};
use triggerfish_filter::{Root, nearest};

pub(crate) struct Endpoint {
    pub(crate) function: Function,
    pub(crate) runtime: TokenStream,
    /// The name of the type beside the function.
    pub(crate) twin: Ident,
    pub(crate) id: String,
    pub(crate) source: Option<String>,
    pub(crate) icon: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) enabled: bool,
    pub(crate) path: Option<String>,
    pub(crate) payload: Option<Type>,
    pub(crate) verifier: Verifier,
    pub(crate) secrets: Vec<String>,
    pub(crate) respond_with: Option<RespondWith>,
    /// Which requests `respond_with` answers.
    pub(crate) filter: Checked,
    pub(crate) max_body: Option<u64>,
    pub(crate) dedupe: Option<Dedupe>,
    pub(crate) unmatched: Option<u16>,
}

/// How requests are verified: the function's parameters tell.
pub(crate) enum Verifier {
    /// A function of nothing that returns the scheme; its return type.
    Scheme(Box<Type>),
    /// A function of the request that returns the verdict.
    Custom {
        /// The type of its parameter.
        request: Box<Type>,
        output: Box<Type>,
    },
}

pub(crate) struct RespondWith {
    pub(crate) handler: Path,
    pub(crate) skip_triggering_runs: bool,
    pub(crate) verified: bool,
    pub(crate) unverified_body: bool,
}

pub(crate) enum Dedupe {
    Id,
    /// Within so many milliseconds.
    Body(u64),
    None,
}

const OPTIONS: &[Known] = known! {
    "id" => r#"id = "cal.com""#,
    "source" => r#"source = "cal.com""#,
    "icon" => r#"icon = "caldotcom""#,
    "title" => r#"title = "Cal.com""#,
    "enabled" => "enabled = false",
    "path" => r#"path = "/webhooks/cal""#,
    "payload" => "payload = BookingEvent",
    "respond_with" => "respond_with(handler = answer_challenge)",
    "max_body" => r#"max_body = "5MiB""#,
    "dedupe" => r#"dedupe = body(window = "24h")"#,
    "unmatched" => "unmatched = 400",
    "secrets" => r#"secrets("CALDOTCOM_SECRET")"#,
    "type" => "type = CalDotCom",
    "crate" => "crate = ::triggerfish",
};

impl Endpoint {
    pub(crate) fn read(args: TokenStream, item: TokenStream) -> Result<Self, Broken> {
        let mut errors = Errors::default();
        let function = Function::read(&item, "http_endpoint", &mut errors);
        let verifier = function.as_ref().and_then(|function| verifier(function, &mut errors));
        let mut args = Args::read(args, OPTIONS, &mut errors);
        args.require("id", Place::attribute(), &mut errors);
        let runtime = names::runtime(&mut args, &mut errors);
        let twin = names::twin(&mut args, function.as_ref(), &mut errors);
        let payload = args
            .value("payload", &mut errors)
            .and_then(|value| value.ty().or_else(|| value.refuse("the type of the payload", &mut errors)));
        let mut filter = Checked::default();
        let respond_with = args
            .list("respond_with", &mut errors)
            .map(|group| respond_with(&group, &mut filter, &mut errors));
        let stand_in = match (&function, &runtime, &twin) {
            (Some(function), Some(runtime), Some(twin)) if !function.is_method() => {
                let (verifier, payload) = (verifier.as_ref(), payload.as_ref());
                emit::endpoint_stand_in(function, runtime, twin, verifier, payload, &filter)
            }
            _ => TokenStream::new(),
        };
        let parts = Parts { function, runtime, twin, verifier, payload, respond_with, filter };
        let endpoint = read(args, parts, &mut errors);
        errors.finish(endpoint).map_err(|errors| Broken { errors, item, stand_in })
    }
}

/// What was read before it was known whether a stand-in is needed.
struct Parts {
    function: Option<Function>,
    runtime: Option<TokenStream>,
    twin: Option<Ident>,
    verifier: Option<Verifier>,
    payload: Option<Type>,
    respond_with: Option<Option<RespondWith>>,
    filter: Checked,
}

fn read(mut args: Args, parts: Parts, errors: &mut Errors) -> Option<Endpoint> {
    let mut text = |name: &str, errors: &mut Errors| {
        args.value(name, errors).and_then(|value| value.checked_text(not_blank, errors))
    };
    let (source, icon, title) = (text("source", errors), text("icon", errors), text("title", errors));
    let id = args.value("id", errors).and_then(|value| value.checked_text(literals::id, errors));
    let path = args.value("path", errors).and_then(|value| value.checked_text(literals::path, errors));
    let enabled = args.value("enabled", errors).map_or(Some(true), |value| value.flag(errors));
    let secrets = args.list("secrets", errors).map(|group| secrets(&group, errors)).unwrap_or_default();
    let max_body = args.value("max_body", errors).map(|value| max_body(&value, errors));
    let dedupe = args.value("dedupe", errors).map(|value| dedupe(&value, errors));
    let unmatched = args.value("unmatched", errors).map(|value| status(&value, errors));
    Some(Endpoint {
        function: parts.function?,
        runtime: parts.runtime?,
        twin: parts.twin?,
        id: id?,
        source,
        icon,
        title,
        enabled: enabled?,
        path,
        payload: parts.payload,
        verifier: parts.verifier?,
        secrets,
        respond_with: transpose(parts.respond_with)?,
        filter: parts.filter,
        max_body: transpose(max_body)?,
        dedupe: transpose(dedupe)?,
        unmatched: transpose(unmatched)?,
    })
}

/// An option that was given has a value, or its mistake was reported and there is no model.
fn transpose<T>(option: Option<Option<T>>) -> Option<Option<T>> {
    match option {
        None => Some(None),
        Some(value) => value.map(Some),
    }
}

fn not_blank(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("this text is empty\nhelp: leave the option out".into());
    }
    Ok(())
}

/// Tells the two forms apart, and says for every mix of them what is wrong with it.
fn verifier(function: &Function, errors: &mut Errors) -> Option<Verifier> {
    const FORMS: &str = "help: a known scheme is `fn name() -> Verifier`; \
                         your own is `async fn name(request: &Request) -> Verification`";
    let name = function.name();
    let parameters: Vec<_> = function.parameters().collect();
    if parameters.len() != function.signature.inputs.len() {
        return None;
    }
    if let [_, second, ..] = parameters.as_slice() {
        errors.on(second, format!("`{name}` is given the request and nothing else\n{FORMS}"));
    }
    let output = |returns: &str, errors: &mut Errors| match function.output() {
        Some(output) => Some(Box::new(output.clone())),
        None => {
            let message =
                format!("`{name}` verifies nothing: it returns nothing\nhelp: write `-> {returns}`");
            errors.at(name.span(), message);
            None
        }
    };
    match (parameters.as_slice(), &function.signature.asyncness) {
        ([], None) => Some(Verifier::Scheme(output("Verifier", errors)?)),
        ([request], Some(_)) => {
            let is_borrowed = matches!(&*request.ty, Type::Reference(ty) if ty.mutability.is_none());
            if !is_borrowed {
                errors.on(&request.ty, "a verifier borrows the request\nhelp: write `&Request`");
            }
            let output = output("Verification", errors)?;
            Some(Verifier::Custom { request: request.ty.clone(), output })
        }
        ([], Some(word)) => {
            let why =
                format!("`{name}` has no parameter, so it is called once, at start-up, and cannot wait");
            errors.on(word, format!("{why}\n{FORMS}"));
            None
        }
        ([_], None) => {
            let why = format!("`{name}` looks at the request, so it has to be an `async fn`");
            errors.on(function.signature.fn_token, format!("{why}\n{FORMS}"));
            None
        }
        _ => None,
    }
}

fn secrets(group: &Group, errors: &mut Errors) -> Vec<String> {
    let all = tokens::inside(group);
    let mut secrets: Vec<String> = Vec::new();
    if all.is_empty() {
        errors.at(
            group.span(),
            "the names of the secrets are missing; for example `secrets(\"CALDOTCOM_SECRET\")`",
        );
    }
    for part in Tokens::new(&all, group.span_close()).between_commas() {
        let name = match part.rest() {
            [TokenTree::Literal(literal)] => match tokens::literal(literal) {
                syn::Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        };
        let Some(name) = name else {
            let found = tokens::written(part.rest().iter().cloned());
            let message = format!("`secrets` takes names of environment variables in quotes, not `{found}`");
            errors.at(part.place_of_rest(), message);
            continue;
        };
        if let Err(advice) = literals::variable(&name) {
            errors.at(part.place_of_rest(), advice);
        } else if secrets.contains(&name) {
            errors.at(part.place_of_rest(), format!("`{name}` is given twice"));
        } else {
            secrets.push(name);
        }
    }
    secrets
}

const RESPOND_WITH: &[Known] = known! {
    "filter" => r#"filter = { method: ["GET"] }"#,
    "handler" => "handler = answer_challenge",
    "skip_triggering_runs" => "skip_triggering_runs = true",
    "verified" => "verified = true",
    "unverified_body" => "unverified_body = true",
};

fn respond_with(group: &Group, filter: &mut Checked, errors: &mut Errors) -> Option<RespondWith> {
    let mut args = Args::read(group.stream(), RESPOND_WITH, errors);
    args.require("handler", group.span().into(), errors);
    let handler = args.value("handler", errors).and_then(|value| match (value.path(), value.as_text()) {
        (Some(path), _) => Some(path),
        (None, Some(text)) => {
            let cure = format!("write the function's name without quotes: `handler = {text}`");
            errors.at(value.place(), format!("`handler` is the function itself\nhelp: {cure}"));
            None
        }
        (None, None) => value.refuse("the path of a function", errors),
    });
    let written = args.value("filter", errors).map(|value| Written::read(value.tokens(), errors));
    if let Some(written) = &written {
        *filter = pattern::for_root(written, Root::Request, errors);
    }
    let mut flag = |name: &str, errors: &mut Errors| {
        let value = args.value(name, errors);
        let place = value.as_ref().map(Value::place);
        (value.map_or(Some(false), |value| value.flag(errors)), place)
    };
    let (skip_triggering_runs, _) = flag("skip_triggering_runs", errors);
    let (verified, _) = flag("verified", errors);
    let (unverified_body, place) = flag("unverified_body", errors);
    if let (Some(true), Some(true), Some(place)) = (verified, unverified_body, place) {
        let why = "with `verified = true` the body that the handler reads is verified";
        errors.at(
            place,
            format!("`unverified_body` says the opposite of `verified`: {why}\nhelp: remove one of them"),
        );
    }
    let body = written.as_ref().and_then(|written| written.key("body"));
    if let (Some(false), Some(false), Some(place)) = (verified, unverified_body, body) {
        errors.at(
            place,
            "`respond_with` answers before the request is verified, and an unverified body is not read\n\
             help: add `verified = true` if the sender signs these requests, `unverified_body = true` if not",
        );
    }
    Some(RespondWith {
        handler: handler?,
        skip_triggering_runs: skip_triggering_runs?,
        verified: verified?,
        unverified_body: unverified_body?,
    })
}

fn max_body(value: &Value, errors: &mut Errors) -> Option<u64> {
    match (value.int(), value.as_text()) {
        (Some(bytes), _) => {
            literals::bytes_in_memory(bytes).map_err(|advice| errors.at(value.place(), advice)).ok()
        }
        (None, Some(_)) => value.text_as(literals::size, errors),
        (None, None) => value.refuse("a size or a number of bytes", errors),
    }
}

fn status(value: &Value, errors: &mut Errors) -> Option<u16> {
    let Some(status) = value.int() else {
        return value.refuse("the number of an HTTP status", errors);
    };
    match u16::try_from(status) {
        Ok(status @ (200..=299 | 400..=499)) => Some(status),
        _ => {
            let why = "a sender takes it for a failure of yours, and sends the request again";
            let wrong = match status {
                500..=599 => format!("{status} is no answer to a request that no job takes: {why}"),
                _ => format!("{status} cannot be the answer to a request that no job takes"),
            };
            errors.at(value.place(), format!("{wrong}\nhelp: write a status of 200 to 299 or 400 to 499"));
            None
        }
    }
}

/// Without a window: long enough for the retries of a sender, too short to swallow tomorrow's ping.
const BODY_WINDOW: u64 = 24 * 60 * 60 * 1000;

fn dedupe(value: &Value, errors: &mut Errors) -> Option<Dedupe> {
    const RULES: &[&str] = &["id", "body", "none"];
    const WINDOW: &[Known] = known! { "window" => r#"window = "24h""# };
    let (name, window) = match value.tokens() {
        [TokenTree::Ident(name)] => (name, None),
        [TokenTree::Ident(name), group] if as_group(group, Delimiter::Parenthesis).is_some() => {
            (name, as_group(group, Delimiter::Parenthesis))
        }
        _ => return value.refuse("`id`, `body`, `body(window = ..)` or `none`", errors),
    };
    let rule = name.to_string();
    let dedupe = match rule.as_str() {
        "id" => Dedupe::Id,
        "none" => Dedupe::None,
        "body" => {
            let Some(group) = window else { return Some(Dedupe::Body(BODY_WINDOW)) };
            let mut args = Args::read(group.stream(), WINDOW, errors);
            args.require("window", group.span().into(), errors);
            let window = args.value("window", errors)?;
            return window.text_as(literals::duration, errors).map(Dedupe::Body);
        }
        _ => {
            let hint = nearest(&rule, RULES).map_or_else(
                || "they are `id`, `body`, `body(window = ..)` and `none`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            errors.at(name.span(), format!("there is no rule `{rule}` for repeats; {hint}"));
            return None;
        }
    };
    if let Some(group) = window {
        errors.at(group.span(), format!("`{rule}` takes nothing in parentheses"));
        return None;
    }
    Some(dedupe)
}
