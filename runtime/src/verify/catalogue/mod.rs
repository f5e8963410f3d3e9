//! The schemes that are known, by name.

use super::scheme::Scheme;

mod body;
mod timed;

pub(super) use body::*;
pub(super) use timed::*;

/// Every scheme, in the order of the documentation.
static ALL: &[&Scheme] = &[&CALCOM, &META, &GITHUB, &CONNECT_IT, &STRIPE, &STANDARD_WEBHOOKS];

/// Other names under which a scheme is known.
const ALIASES: &[(&str, &str)] = &[("cal.com", "calcom"), ("whatsapp", "meta"), ("connect_it", "connect-it")];

impl Scheme {
    /// The scheme of this name, for example `stripe`.
    pub fn by_name(name: &str) -> Option<&'static Scheme> {
        let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
        ALL.iter().copied().find(|scheme| scheme.name == name)
    }

    /// Every scheme of the catalogue.
    pub fn all() -> impl ExactSizeIterator<Item = &'static Scheme> {
        ALL.iter().copied()
    }
}
