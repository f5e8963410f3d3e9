//! What `#[job(...)]` says, once every mistake has been ruled out.

use crate::args::{Args, Known, Value, known};
use crate::errors::{Broken, Errors, Place};
use crate::filter::Written;
use crate::flow::Flow;
use crate::hooks::Hooks;
use crate::on::On;
use crate::pattern::{Checked, Refusal};
use crate::signature::Function;
use crate::trigger::{self, Trigger};
use crate::{emit, literals, names, pattern, tokens};
use proc_macro2::{Group, Ident, TokenStream};
use quote::ToTokens;
use syn::Type;
use triggerfish_filter::{Root, nearest};

pub(crate) struct Job {
    pub(crate) function: Function,
    pub(crate) runtime: TokenStream,
    /// The name of the type beside the function.
    pub(crate) twin: Ident,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) enabled: bool,
    pub(crate) trigger: Trigger,
    pub(crate) filter: Checked,
    pub(crate) retry: Retry,
    /// In milliseconds.
    pub(crate) timeout: Option<u64>,
    pub(crate) log_level: Option<Ident>,
    pub(crate) flow: Flow,
    pub(crate) hooks: Hooks,
}

/// What differs from the usual retries; times in milliseconds.
#[derive(Default)]
pub(crate) struct Retry {
    pub(crate) limit: Option<u32>,
    pub(crate) factor: Option<f64>,
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
}

const OPTIONS: &[Known] = known! {
    "id" => r#"id = "send-invite""#,
    "name" => r#"name = "Send invite""#,
    "version" => r#"version = "1.0.0""#,
    "enabled" => "enabled = false",
    "trigger" => "trigger = my_endpoint",
    "on" => "on = PluginEvent::TranscriptCompleted",
    "filter" => r#"filter = { body: { type: ["booking.created"] } }"#,
    "retry" => "retry(limit = 5)",
    "timeout" => r#"timeout = "30s""#,
    "log_level" => r#"log_level = "debug""#,
    "concurrency" => "concurrency(limit = 5, key = body.customer_id)",
    "fifo" => "fifo(key = body.order_id)",
    "rate" => r#"rate(limit = 100, per = "1m")"#,
    "debounce" => r#"debounce(wait = "5s", key = body.id)"#,
    "batch" => r#"batch(size = 100, wait = "1s")"#,
    "priority" => "priority = 10",
    "on_success" => "on_success = celebrate",
    "on_failure" => "on_failure = alert",
    "cancel_on" => r#"cancel_on(event = "order.cancelled", when = event.id == body.id)"#,
    "type" => "type = SendInvite",
    "crate" => "crate = ::triggerfish",
};

impl Job {
    pub(crate) fn read(args: TokenStream, item: TokenStream) -> Result<Self, Broken> {
        let mut errors = Errors::default();
        let function = Function::read(&item, "job", &mut errors);
        let function = function.map(|function| {
            let before = errors.count();
            check(&function, &mut errors);
            Function { is_sound: function.is_sound && errors.count() == before, ..function }
        });
        let mut args = Args::read(args, OPTIONS, &mut errors);
        for name in ["id", "version", "trigger"] {
            args.require(name, Place::attribute(), &mut errors);
        }
        let runtime = names::runtime(&mut args, &mut errors);
        let twin = names::twin(&mut args, function.as_ref(), &mut errors);
        let trigger = args.value("trigger", &mut errors).and_then(|value| trigger::read(&value, &mut errors));
        let mut filter = filter(&mut args, trigger.as_ref(), &mut errors);
        filter.on = args.value("on", &mut errors).and_then(|value| On::read(&value, &mut errors));
        let (flow, hooks) = (Flow::read(&mut args, &mut errors), Hooks::read(&mut args, &mut errors));
        for path in flow.paths().chain(hooks.paths()) {
            let problem = path.problem_in_request();
            filter.refusals.extend(problem.map(|(place, message)| Refusal { place, message }));
            filter.paths.push(path.readable());
        }
        let is_method = function.as_ref().is_some_and(Function::is_method);
        let stand_in = runtime.as_ref().filter(|_| !is_method).map(|runtime| {
            emit::job_stand_in(function.as_ref(), runtime, twin.as_ref(), trigger.as_ref(), &filter)
        });
        let stand_in = stand_in.unwrap_or_default();
        let job = read(args, function, runtime, twin, (trigger, filter), (flow, hooks), &mut errors);
        errors.finish(job).map_err(|errors| Broken { errors, item, stand_in })
    }
}

fn read(
    mut args: Args,
    function: Option<Function>,
    runtime: Option<TokenStream>,
    twin: Option<Ident>,
    (trigger, filter): (Option<Trigger>, Checked),
    (flow, hooks): (Flow, Hooks),
    errors: &mut Errors,
) -> Option<Job> {
    let id = args.value("id", errors).and_then(|value| value.checked_text(literals::id, errors));
    let name = args.value("name", errors).map(|value| value.text(errors));
    let version =
        args.value("version", errors).and_then(|value| value.checked_text(literals::version, errors));
    let enabled = args.value("enabled", errors).map_or(Some(true), |value| value.flag(errors));
    let retry = args.list("retry", errors).map_or(Some(Retry::default()), |group| retry(&group, errors));
    let timeout = args.value("timeout", errors).map(|value| value.text_as(literals::duration, errors));
    let log_level = args.value("log_level", errors).map(|value| log_level(&value, errors));
    let id = id?;
    Some(Job {
        function: function?,
        runtime: runtime?,
        twin: twin?,
        name: name.unwrap_or_else(|| Some(id.clone()))?,
        id,
        version: version?,
        enabled: enabled?,
        trigger: trigger?,
        filter,
        retry: retry?,
        timeout: timeout.map_or(Some(None), |timeout| timeout.map(Some))?,
        log_level: log_level.map_or(Some(None), |level| level.map(Some))?,
        flow,
        hooks,
    })
}

/// The filter. Without a trigger there is nothing that a compiler could ask for its root: then it is checked
/// as that of a request, so that its mistakes are not found one build later.
fn filter(args: &mut Args, trigger: Option<&Trigger>, errors: &mut Errors) -> Checked {
    let Some(value) = args.value("filter", errors) else { return Checked::default() };
    if let Some(why) =
        trigger.and_then(|trigger| trigger.written.as_ref()).and_then(trigger::Written::refuses_filter)
    {
        errors.at(value.place(), format!("{why}\nhelp: remove `filter`"));
        return Checked::default();
    }
    let written = Written::read(value.tokens(), errors);
    match trigger {
        Some(_) => pattern::for_any_root(&written, errors),
        None => pattern::for_root(&written, Root::Request, errors),
    }
}

/// What is known of a job's function without its types.
fn check(function: &Function, errors: &mut Errors) {
    let name = function.name();
    if !function.is_async() {
        errors.on(function.signature.fn_token, format!("`{name}` must be an `async fn`"));
    }
    let mut seen: Vec<(String, &syn::PatType)> = Vec::new();
    for parameter in function.parameters() {
        if let Type::Reference(borrowed) = &*parameter.ty {
            let (ty, owned) = (shown(&parameter.ty), shown(&borrowed.elem));
            errors.on(
                &parameter.ty,
                format!("a job owns what it asks for\nhelp: write `{owned}` instead of `{ty}`"),
            );
            continue;
        }
        let Some(kind) = kind(&parameter.ty) else { continue };
        match seen.iter().find(|(other, _)| *other == kind) {
            Some((_, first)) => {
                let (first, second) = (shown(&first.pat), shown(&parameter.pat));
                errors.on(
                    &parameter.ty,
                    format!("`{kind}` is asked for twice: as `{first}` and as `{second}`"),
                );
            }
            None => seen.push((kind, parameter)),
        }
    }
}

/// What a parameter asks for, where asking twice makes no sense. Only the compiler knows types; an alias
/// passes here.
fn kind(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    match last.ident.to_string().as_str() {
        kind @ ("Json" | "Request" | "Event" | "Tick" | "Io" | "Context") => Some(kind.to_owned()),
        "State" => Some(shown(last)),
        _ => None,
    }
}

/// As a person would write it.
fn shown(tokens: impl ToTokens) -> String {
    tokens::written(tokens.to_token_stream())
}

const RETRY: &[Known] = known! {
    "limit" => "limit = 5",
    "factor" => "factor = 2.0",
    "min" => r#"min = "1s""#,
    "max" => r#"max = "5m""#,
};

fn retry(group: &Group, errors: &mut Errors) -> Option<Retry> {
    let mut args = Args::read(group.stream(), RETRY, errors);
    let limit = args.value("limit", errors).map(|value| match value.int().map(u32::try_from) {
        Some(Ok(0)) => {
            let why = "the first attempt counts: with a limit of 0 the job would never run";
            errors.at(value.place(), format!("{why}\nhelp: write `limit = 1` for no retries"));
            None
        }
        Some(Ok(limit)) => Some(limit),
        _ => value.refuse("a number of attempts", errors),
    });
    let factor = args.value("factor", errors).map(|value| match value.number() {
        Some(factor) if (1.0..=1000.0).contains(&factor) => Some(factor),
        Some(_) => {
            errors.at(value.place(), "pauses grow by `factor`: it is at least 1 and at most 1000");
            None
        }
        None => value.refuse("a number", errors),
    });
    let mut pause = |name: &str, errors: &mut Errors| {
        args.value(name, errors).map(|value| (value.text_as(literals::duration, errors), value.place()))
    };
    let (min, max) = (pause("min", errors), pause("max", errors));
    if let (Some((Some(min), _)), Some((Some(max), place))) = (&min, &max)
        && min > max
    {
        errors.at(*place, "`max`, the longest pause, is shorter than `min`, the first one");
    }
    let known = |option: &Option<Option<_>>| option.as_ref().is_none_or(Option::is_some);
    let read = known(&limit) && factor.is_none_or(|factor| factor.is_some());
    read.then(|| Retry {
        limit: limit.flatten(),
        factor: factor.flatten(),
        min: min.and_then(|(min, _)| min),
        max: max.and_then(|(max, _)| max),
    })
}

fn log_level(value: &Value, errors: &mut Errors) -> Option<Ident> {
    const LEVELS: &[(&str, &str)] =
        &[("log", "Log"), ("error", "Error"), ("warn", "Warn"), ("info", "Info"), ("debug", "Debug")];
    let text = value.text(errors)?;
    if let Some((_, variant)) = LEVELS.iter().find(|(name, _)| *name == text) {
        return Some(Ident::new(variant, proc_macro2::Span::call_site()));
    }
    let names: Vec<_> = LEVELS.iter().map(|(name, _)| *name).collect();
    let hint = nearest(&text, &names).map_or_else(
        || "the levels are \"log\", \"error\", \"warn\", \"info\" and \"debug\"".to_owned(),
        |near| format!("did you mean {near:?}?"),
    );
    errors.at(value.place(), format!("there is no level {text:?}; {hint}"));
    None
}
