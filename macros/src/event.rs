//! What `#[event(...)]` says, once every mistake has been ruled out.

use crate::args::{Args, Known, known};
use crate::errors::{Broken, Errors, Place};
use crate::filter::Written;
use crate::pattern::{self, Checked};
use crate::signature::Function;
use crate::{emit, literals, names, tokens, trigger};
use proc_macro2::{Group, Ident, TokenStream};
use quote::ToTokens;
use syn::{LitStr, Type};
use triggerfish_filter::Root;

pub(crate) struct Event {
    pub(crate) function: Function,
    pub(crate) runtime: TokenStream,
    /// The name of the type beside the function.
    pub(crate) twin: Ident,
    pub(crate) payload: Type,
    pub(crate) names: Vec<String>,
    pub(crate) source: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) icon: Option<String>,
    pub(crate) filter: Checked,
    pub(crate) examples: Vec<Example>,
}

pub(crate) struct Example {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) json: Json,
}

pub(crate) enum Json {
    Text(String),
    /// The path of a file, as the user wrote it: it is relative to the user's file.
    File(LitStr),
}

const OPTIONS: &[Known] = known! {
    "name" => r#"name = "user.created""#,
    "names" => r#"names("user.created", "user.invited")"#,
    "source" => r#"source = "stripe.com""#,
    "title" => r#"title = "User created""#,
    "icon" => r#"icon = "user""#,
    "filter" => r#"filter = { type: ["customer"] }"#,
    "example" => r##"example(id = "ada", json = r#"{ "name": "Ada" }"#)"##,
    "type" => "type = UserCreated",
    "crate" => "crate = ::triggerfish",
};

impl Event {
    pub(crate) fn read(args: TokenStream, item: TokenStream) -> Result<Self, Broken> {
        let mut errors = Errors::default();
        let function = Function::read(&item, "event", &mut errors);
        let payload = function.as_ref().and_then(|function| payload(function, &mut errors));
        let mut args = Args::read(args, OPTIONS, &mut errors);
        let runtime = names::runtime(&mut args, &mut errors);
        let twin = names::twin(&mut args, function.as_ref(), &mut errors);
        let filter = filter(&mut args, &mut errors);
        let stand_in = match (&function, &runtime, &twin) {
            (Some(function), Some(runtime), Some(twin)) if !function.is_method() => {
                emit::event_stand_in(function, runtime, twin, payload.as_ref(), &filter)
            }
            _ => TokenStream::new(),
        };
        let event = read(args, function, runtime, twin, payload, filter, &mut errors);
        errors.finish(event).map_err(|errors| Broken { errors, item, stand_in })
    }
}

fn read(
    mut args: Args,
    function: Option<Function>,
    runtime: Option<TokenStream>,
    twin: Option<Ident>,
    payload: Option<Type>,
    filter: Checked,
    errors: &mut Errors,
) -> Option<Event> {
    let names = event_names(&mut args, errors);
    let mut text = |name: &str, errors: &mut Errors| args.value(name, errors).map(|value| value.text(errors));
    let (source, title, icon) = (text("source", errors), text("title", errors), text("icon", errors));
    let mut examples: Vec<Example> = Vec::new();
    let mut whole = true;
    for group in args.lists("example", errors) {
        match example(&group, &examples, errors) {
            Some(example) => examples.push(example),
            None => whole = false,
        }
    }
    Some(Event {
        function: function?,
        runtime: runtime?,
        twin: twin?,
        payload: payload?,
        names: names?,
        source: transposed(source)?,
        title: transposed(title)?,
        icon: transposed(icon)?,
        filter,
        examples: whole.then_some(examples)?,
    })
}

fn transposed<T>(option: Option<Option<T>>) -> Option<Option<T>> {
    option.map_or(Some(None), |inner| inner.map(Some))
}

fn event_names(args: &mut Args, errors: &mut Errors) -> Option<Vec<String>> {
    match (args.has("name"), args.has("names")) {
        (true, true) => {
            let place = args.place("names").unwrap_or_else(Place::attribute);
            errors.at(place, "`names` stands in place of `name`\nhelp: write all names into `names`");
            None
        }
        (_, true) => {
            let group = args.list("names", errors)?;
            let (texts, rest) = trigger::leading_texts(&group);
            if let Some(place) = (!rest.is_empty()).then(|| Place::of(&rest)) {
                let found = tokens::written(rest);
                errors.at(place, format!("`names` takes names in quotes, not `{found}`"));
                return None;
            }
            trigger::names(&texts, &group, errors)
        }
        (_, false) => {
            args.require("name", Place::attribute(), errors);
            let name = args.value("name", errors)?.checked_text(literals::event_name, errors)?;
            Some(vec![name])
        }
    }
}

fn filter(args: &mut Args, errors: &mut Errors) -> Checked {
    let Some(value) = args.value("filter", errors) else { return Checked::default() };
    pattern::for_root(&Written::read(value.tokens(), errors), Root::Payload, errors)
}

const EXAMPLE: &[Known] = known! {
    "id" => r#"id = "ada""#,
    "name" => r#"name = "A user called Ada""#,
    "json" => r##"json = r#"{ "name": "Ada" }"#"##,
    "file" => r#"file = "ada.json""#,
};

fn example(group: &Group, others: &[Example], errors: &mut Errors) -> Option<Example> {
    let mut args = Args::read(group.stream(), EXAMPLE, errors);
    args.require("id", group.span().into(), errors);
    let id = args.value("id", errors).and_then(|value| {
        let id = value.text(errors)?;
        if others.iter().any(|other| other.id == id) {
            errors.at(value.place(), format!("another example has the id {id:?}"));
            return None;
        }
        Some(id)
    });
    let name = args.value("name", errors).map(|value| value.text(errors));
    let (json, file) = (args.value("json", errors), args.value("file", errors));
    let json = match (json, file) {
        (Some(json), None) => json.text(errors).map(Json::Text),
        (None, Some(file)) => file.text_literal(errors).map(Json::File),
        (Some(_), Some(file)) => {
            errors.at(file.place(), "an example stands in the attribute or in a file, not in both");
            None
        }
        (None, None) => {
            if !args.has("json") && !args.has("file") {
                errors.at(
                    group.span(),
                    "the payload is missing; for example `json = r#\"{ \"name\": \"Ada\" }\"#`, or `file = \"ada.json\"`",
                );
            }
            None
        }
    };
    let id = id?;
    Some(Example { name: name.unwrap_or_else(|| Some(id.clone()))?, id, json: json? })
}

/// The type that the function takes by reference.
fn payload(function: &Function, errors: &mut Errors) -> Option<Type> {
    let name = function.name();
    if function.is_async() {
        errors.on(
            function.signature.asyncness,
            "an event's function is not `async`: it only says what is shown of an event\n\
             help: what an event sets off is a job with this event as its trigger",
        );
    }
    let mut parameters = function.parameters();
    let Some(first) = parameters.next() else {
        if !function.is_method() {
            errors.on(
                name,
                format!("an event's function takes what the event carries\nhelp: write `fn {name}(payload: &Payload)`"),
            );
        }
        return None;
    };
    if let Some(second) = parameters.next() {
        errors.on(second, "an event's function takes one parameter: what the event carries");
    }
    match &*first.ty {
        Type::Reference(reference) if reference.mutability.is_none() => Some((*reference.elem).clone()),
        Type::Reference(reference) => {
            errors.on(reference.mutability, "an event's function looks at the payload and changes nothing");
            None
        }
        Type::ImplTrait(_) => None,
        other => {
            let shown = tokens::written(other.to_token_stream());
            errors.on(other, format!("an event's function borrows the payload\nhelp: write `&{shown}`"));
            None
        }
    }
}
