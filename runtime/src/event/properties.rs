//! What is shown of an event, and of the runs that it starts.

use serde::{Deserialize, Serialize};
use std::fmt::Display;

/// What is shown of an event, and of the runs that it starts: lines with a
/// label and a text. What an `#[event(...)]` function returns.
///
/// ```
/// use triggerfish::event::Properties;
///
/// let shown = Properties::new().text("Customer", "Ada").link("Price", "price_15", "https://example.com/price_15");
/// assert_eq!(shown.lines().len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Properties(Vec<PropertyLine>);

/// One line of [`Properties`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyLine {
    /// What it is.
    pub label: String,
    /// Its value.
    pub text: String,
    /// Where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Properties {
    /// None.
    pub fn new() -> Self {
        Properties::default()
    }

    /// Adds a line.
    #[must_use]
    pub fn text(mut self, label: impl Into<String>, text: impl Display) -> Self {
        self.0.push(PropertyLine { label: label.into(), text: text.to_string(), url: None });
        self
    }

    /// Adds a line that leads somewhere.
    #[must_use]
    pub fn link(mut self, label: impl Into<String>, text: impl Display, url: impl Into<String>) -> Self {
        self.0.push(PropertyLine { label: label.into(), text: text.to_string(), url: Some(url.into()) });
        self
    }

    /// The lines, in the order in which they were added.
    pub fn lines(&self) -> &[PropertyLine] {
        &self.0
    }

    /// As they are stored; nothing where there are none.
    pub(crate) fn to_json(&self) -> Option<String> {
        // Strings alone: writing them does not fail.
        (!self.0.is_empty()).then(|| serde_json::to_string(self).ok()).flatten()
    }
}

/// What an `#[event(...)]` function may return.
#[diagnostic::on_unimplemented(
    message = "an event's function must return `()` or `Properties`, not `{Self}`",
    label = "this is not what is shown of an event",
    note = "`Properties::new().text(\"Customer\", &user.name)`, from `triggerfish::event`"
)]
pub trait IntoProperties {
    /// What is shown.
    fn into_properties(self) -> Properties;
}

#[diagnostic::do_not_recommend]
impl IntoProperties for Properties {
    fn into_properties(self) -> Properties {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoProperties for () {
    fn into_properties(self) -> Properties {
        Properties::default()
    }
}
