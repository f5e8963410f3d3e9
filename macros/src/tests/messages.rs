//! The texts of all messages, and what each underlines, kept in `snapshots/mistakes` to be read in review.
//!
//! A line is a source; the indented lines below it are what the attribute says, each with the underlined text
//! first. In `filters.txt` the sources are filters over requests.

use super::{assert_kept, expand, snapshots};

#[test]
fn messages_about_filters_are_as_reviewed() {
    compare("filters.txt", |filter| {
        format!(
            "#[http_endpoint(id = \"a\", respond_with(handler = h, verified = true, filter = {filter}))] fn a() -> V {{}}"
        )
    });
}

#[test]
fn messages_about_jobs_are_as_reviewed() {
    compare("jobs.txt", str::to_owned);
}

#[test]
fn messages_about_endpoints_are_as_reviewed() {
    compare("endpoints.txt", str::to_owned);
}

#[test]
fn messages_about_events_are_as_reviewed() {
    compare("events.txt", str::to_owned);
}

#[test]
fn messages_about_triggers_are_as_reviewed() {
    compare("triggers.txt", |trigger| {
        format!("#[job(id = \"a\", version = \"1.0.0\", trigger = {trigger})] async fn a() {{}}")
    });
}

fn compare(file: &str, whole: impl Fn(&str) -> String) {
    let file = snapshots().join("mistakes").join(file);
    let kept = std::fs::read_to_string(&file).expect("the cases");
    let mut found = String::new();
    for line in kept.lines().filter(|line| !line.starts_with(' ') && !line.is_empty()) {
        found.push_str(line);
        found.push('\n');
        if !line.starts_with("//") {
            found.push_str(&mistakes(&whole(line)));
            found.push('\n');
        }
    }
    assert_kept(&file, &found);
}

/// Every mistake in the order reported: the text that is underlined, and the message.
fn mistakes(source: &str) -> String {
    let Err(broken) = expand(source) else { return "    fine\n".to_owned() };
    let shown = |error: syn::Error| {
        let place = source
            .get(error.span().byte_range())
            .filter(|text| !text.is_empty())
            .unwrap_or("(the attribute)");
        format!("    {place}  <-  {}\n", error.to_string().replace('\n', "\n        "))
    };
    broken.errors.into_iter().map(shown).collect()
}
