//! `on_success`, `on_failure`, `cancel_on(..)`: what happens at the end of a run, and what ends one.

use crate::args::{Args, Known, known};
use crate::errors::{Errors, Place};
use crate::path::{Part, ValuePath};
use crate::tokens::is_punct;
use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Path;

/// The hooks of a job.
#[derive(Default)]
pub(crate) struct Hooks {
    on_success: Option<Path>,
    on_failure: Option<Path>,
    cancel_on: Vec<CancelOn>,
}

/// What a hook's job has from its job.
pub(crate) struct Of<'a> {
    pub(crate) id: &'a str,
    pub(crate) version: &'a str,
    pub(crate) trigger: &'a TokenStream,
    pub(crate) flow: &'a TokenStream,
    pub(crate) location: &'a TokenStream,
}

/// An event that cancels those runs whose value at one path is that of the event at another.
pub(crate) struct CancelOn {
    event: String,
    theirs: ValuePath,
    ours: ValuePath,
}

const CANCEL_ON: &[Known] = known! {
    "event" => r#"event = "order.cancelled""#,
    "when" => "when = event.order_id == body.order_id",
};

impl Hooks {
    /// Reads all that an attribute says of it.
    pub(crate) fn read(args: &mut Args, errors: &mut Errors) -> Self {
        let on_success = hook(args, "on_success", errors);
        let on_failure = hook(args, "on_failure", errors);
        let groups = args.lists("cancel_on", errors);
        let cancel_on = groups.iter().filter_map(|group| cancel_on(group, errors)).collect();
        Hooks { on_success, on_failure, cancel_on }
    }

    /// Every path into what started a run.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &ValuePath> {
        self.cancel_on.iter().map(|cancel| &cancel.ours)
    }

    /// The functions that call the hooks, and the `Hooks` that name them, as const data.
    pub(crate) fn emit(&self, job: &Of<'_>) -> (TokenStream, TokenStream) {
        let Of { id, version, trigger, flow, location } = job;
        let mut functions = TokenStream::new();
        let mut given = Vec::new();
        for (name, path) in [("on_success", &self.on_success), ("on_failure", &self.on_failure)] {
            let Some(path) = path else { continue };
            let (field, function) = (format_ident!("{name}"), format_ident!("__{name}"));
            let (spec, id) = (format_ident!("__{}", name.to_uppercase()), format!("{id}:{name}"));
            let (parts, missing) = (format_ident!("__{name}_parts"), format_ident!("__{name}_missing"));
            let hook = crate::emit::call(quote!(__rt::hook), path.to_token_stream(), Place::of(path));
            functions.extend(quote! {
                fn #parts() -> __rt::HookParts {
                    #hook
                }

                fn #function(
                    __invocation: __rt::Invocation,
                ) -> __rt::BoxFuture<'static, __rt::Outcome> {
                    (#parts().call)(__invocation)
                }

                fn #missing(
                    __state: &__rt::StateMap,
                ) -> ::std::vec::Vec<&'static ::core::primitive::str> {
                    (#parts().missing)(__state)
                }

                const #spec: __rt::JobSpec = __rt::HookSpec {
                    id: #id,
                    version: #version,
                    trigger: <#trigger as __rt::Trigger>::TRIGGER,
                    flow: #flow,
                    run: #function,
                    missing: #missing,
                    location: #location,
                }
                .job();
            });
            given.push(quote!(#field: ::core::option::Option::Some(&#spec)));
        }
        if !self.cancel_on.is_empty() {
            let all = self.cancel_on.iter().map(|CancelOn { event, theirs, ours }| {
                let (theirs, ours) = (theirs.emit(), ours.emit());
                quote!(__rt::CancelOn { event: #event, theirs: #theirs, ours: #ours })
            });
            given.push(quote!(cancel_on: &[#(#all),*]));
        }
        let hooks = match given.len() {
            0 => quote!(__rt::Hooks::NONE),
            3 => quote!(__rt::Hooks { #(#given),* }),
            _ => quote!(__rt::Hooks { #(#given,)* ..__rt::Hooks::NONE }),
        };
        (functions, hooks)
    }
}

fn hook(args: &mut Args, name: &str, errors: &mut Errors) -> Option<Path> {
    let value = args.value(name, errors)?;
    if let Some(text) = value.as_text() {
        errors.at(value.place(), format!("`{name}` is the function itself\nhelp: write `{name} = {text}`"));
        return None;
    }
    value.path().or_else(|| value.refuse("the name of an async function", errors))
}

fn cancel_on(group: &Group, errors: &mut Errors) -> Option<CancelOn> {
    let mut args = Args::read(group.stream(), CANCEL_ON, errors);
    for name in ["event", "when"] {
        args.require(name, group.span_close().into(), errors);
    }
    let event = args.value("event", errors).and_then(|value| {
        let check = |text: &str| {
            if text.is_empty() { Err("the name of an event is empty".to_owned()) } else { Ok(()) }
        };
        value.checked_text(check, errors)
    });
    let paths = args.value("when", errors).and_then(|value| {
        const SHAPE: &str = "write `when = event.order_id == body.order_id`: \
                             a value of the event, and the one of the run that it must equal";
        let all = value.tokens();
        let middle = all.windows(2).position(|pair| pair.iter().all(|token| is_punct(token, '=')));
        let Some((theirs, [_, _, ours @ ..])) = middle.map(|at| all.split_at(at)) else {
            errors.at(value.place(), format!("expected two paths with `==` between them\nhelp: {SHAPE}"));
            return None;
        };
        if theirs.is_empty() || ours.is_empty() {
            errors.at(value.place(), format!("a path is missing beside `==`\nhelp: {SHAPE}"));
            return None;
        }
        let (theirs, ours) = (ValuePath::read(theirs, errors), ValuePath::read(ours, errors));
        Some((below_event(theirs?, SHAPE, errors)?, ours?))
    });
    let (theirs, ours) = paths?;
    Some(CancelOn { event: event?, theirs, ours })
}

/// The path within the event's payload, which is written after `event`.
fn below_event(mut path: ValuePath, shape: &str, errors: &mut Errors) -> Option<ValuePath> {
    match path.parts.first() {
        Some((Part::Field(first), _)) if first == "event" && path.parts.len() > 1 => {
            path.parts.remove(0);
            Some(path)
        }
        _ => {
            errors.at(path.place, format!("the path on the left starts with `event.`\nhelp: {shape}"));
            None
        }
    }
}
