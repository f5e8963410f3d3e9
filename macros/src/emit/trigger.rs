//! The type that stands for a trigger without an item of its own, and what a job gets by its trigger.

use super::{associated, call, duration, event, option};
use crate::errors::Place;
use crate::job::Job;
use crate::signature::Function;
use crate::trigger::{Missed, Trigger, Written};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;
use syn::Type;
use triggerfish_cron::Cron;

/// The type, where the trigger is no item of the user's.
pub(super) fn written(trigger: &Trigger, function: Option<&Function>) -> Option<TokenStream> {
    let written = trigger.written.as_ref()?;
    let spec = match written {
        Written::Event { names, source } => {
            let source = option(source);
            quote!(__rt::TriggerSpec::Named(__rt::EventNames { names: &[#(#names),*], source: #source }))
        }
        Written::Cron { text, cron, tz, missed } => {
            let (cron, tz) = (constant(cron), option(tz));
            schedule(&quote!(__rt::TimingSpec::Cron { text: #text, cron: #cron, tz: #tz }), *missed)
        }
        Written::Every { interval, missed } => {
            let interval = duration(*interval);
            schedule(&quote!(__rt::TimingSpec::Every(#interval)), *missed)
        }
        Written::Invoke => quote!(__rt::TriggerSpec::Invoke),
        Written::Schedule => quote!(__rt::TriggerSpec::Dynamic),
    };
    let name = Ident::new("__Trigger", Span::call_site());
    let payload = function.and_then(payload).map(|parameter| quote!(<#parameter as __rt::Reads>::Payload));
    let payload: Option<Type> = payload.and_then(|payload| syn::parse2(payload).ok());
    let trigger = event::trigger(&name, payload.as_ref(), &spec);
    Some(quote!(struct #name; #trigger))
}

fn schedule(timing: &TokenStream, missed: Missed) -> TokenStream {
    let missed = match missed {
        Missed::Skip => quote!(Skip),
        Missed::One => quote!(One),
        Missed::All => quote!(All),
    };
    quote! {
        __rt::TriggerSpec::Schedule(__rt::ScheduleSpec { timing: #timing, missed: __rt::Missed::#missed })
    }
}

fn constant(cron: &Cron) -> TokenStream {
    let Cron { minutes, hours, days, last_day, months, weekdays, both_days, every_hour } = *cron;
    let bits =
        [minutes, hours.into(), days.into(), months.into(), weekdays.into()].map(Literal::u64_unsuffixed);
    let [minutes, hours, days, months, weekdays] = bits;
    quote! {
        __rt::Cron {
            minutes: #minutes,
            hours: #hours,
            days: #days,
            last_day: #last_day,
            months: #months,
            weekdays: #weekdays,
            both_days: #both_days,
            every_hour: #every_hour,
        }
    }
}

/// What the job's type can do by its trigger: be called, or be given a schedule.
pub(super) fn callable(job: &Job) -> Option<TokenStream> {
    let Job { function, twin, .. } = job;
    let parameter = payload(function);
    let payload = match parameter {
        Some(parameter) => quote!(<#parameter as __rt::Reads>::Payload),
        None => quote!(()),
    };
    match job.trigger.written.as_ref()? {
        Written::Invoke => {
            let visibility = &function.visibility;
            let output = match function.output() {
                Some(output) => quote!(<#output as __rt::IntoOutcome>::Output),
                None => quote!(()),
            };
            let (parameters, value) = match parameter {
                Some(_) => (quote!(payload: &#payload), quote!(payload)),
                None => (TokenStream::new(), quote!(&())),
            };
            Some(quote! {
                #[automatically_derived]
                impl __rt::Invocable for #twin {
                    type Output = #output;
                }

                impl #twin {
                    /// Makes a call of this job.
                    #visibility fn call(#parameters) -> __rt::Call<#output> {
                        __rt::call::<#twin>(#value)
                    }
                }
            })
        }
        Written::Schedule => {
            let payload = match parameter {
                Some(parameter) => associated("Payload", &payload, parameter),
                None => quote!(type Payload = #payload;),
            };
            Some(quote! {
                #[automatically_derived]
                impl __rt::Scheduled for #twin {
                    #payload
                }
            })
        }
        _ => None,
    }
}

/// Refuses parameters that the trigger never gives, each at its type.
pub(super) fn parameters(trigger: &Trigger, function: &Function) -> TokenStream {
    let path = &trigger.path;
    let checks =
        function.parameters().filter(|parameter| is_named(&parameter.ty, &["Request", "Event", "Tick"]));
    let checks = checks.map(|parameter| {
        let ty = &parameter.ty;
        let asked = quote!(<#ty as __rt::FromRun>::NEEDS, <#path as __rt::Trigger>::TRIGGER);
        let check = call(quote!(__rt::refuse_unless_given), asked, Place::of(ty));
        quote!(const _: () = #check;)
    });
    checks.collect()
}

/// The type of the parameter that is read from the payload.
fn payload(function: &Function) -> Option<&Type> {
    function
        .parameters()
        .find(|parameter| is_named(&parameter.ty, &["Json", "Event"]))
        .map(|parameter| &*parameter.ty)
}

/// Whether the type's path ends in one of these names.
pub(super) fn is_named(ty: &Type, names: &[&str]) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}
