//! Reads values at their places, under the rules that keep two readers from
//! seeing two requests.

use super::content::Entries;
use super::json;
use super::layout::{Place, Syntax};
use super::outcome::Reason;
use crate::request::Request;
use http::HeaderName;
use std::borrow::Cow;

/// The longest header that is read, in bytes.
pub(super) const MAX_HEADER: usize = 8 * 1024;

/// The most signatures of one request that are tried.
pub(super) const MAX_SIGNATURES: usize = 16;

/// A place whose header names are parsed.
#[derive(Clone, Debug)]
pub(super) enum At {
    Header(HeaderName),
    HeaderOr(HeaderName, HeaderName),
    Series(&'static str),
    Json(&'static str),
    Entry(&'static str),
}

impl At {
    /// Parses the names of `place`; gives back one that is no header name.
    pub(super) fn new(place: Place) -> Result<At, &'static str> {
        let name = |name: &'static str| HeaderName::from_bytes(name.as_bytes()).map_err(|_| name);
        Ok(match place {
            Place::Header(only) => At::Header(name(only)?),
            Place::HeaderOr(first, second) => At::HeaderOr(name(first)?, name(second)?),
            Place::HeaderSeries(prefix) => name(prefix).map(|_| At::Series(prefix))?,
            Place::Json(pointer) => At::Json(pointer),
            Place::Entry(key) => At::Entry(key),
        })
    }

    /// The one value at this place, if there is one.
    pub(super) fn read<'r>(
        &self,
        request: &'r Request,
        entries: Option<Entries<'r>>,
    ) -> Result<Option<Cow<'r, str>>, Reason> {
        match self {
            At::Header(name) => Ok(header(request, name)?.map(Cow::Borrowed)),
            At::HeaderOr(first, second) => {
                let found = header(request, first)?;
                Ok(if found.is_some() { found } else { header(request, second)? }.map(Cow::Borrowed))
            }
            At::Series(_) => Ok(None),
            At::Json(pointer) => json::text(request.body(), pointer),
            At::Entry(key) => {
                let mut all = entries.into_iter().flat_map(|entries| entries.all(key));
                match (all.next(), all.next()) {
                    (Some(_), Some(_)) => Err(Reason::Malformed),
                    (only, _) => Ok(only.map(Cow::Borrowed)),
                }
            }
        }
    }

    /// The same in a request that was verified: the body is read no further than
    /// the value, where all of it is known to be genuine.
    pub(super) fn read_verified<'r>(&self, request: &'r Request, genuine: bool) -> Option<Cow<'r, str>> {
        match self {
            At::Json(pointer) if genuine => json::text_so_far(request.body(), pointer),
            _ => self.read(request, None).ok().flatten(),
        }
    }

    /// The header's name, or the pointer, as it stands in a record.
    pub(super) fn shown(&self) -> Cow<'static, str> {
        match self {
            At::Header(name) | At::HeaderOr(name, _) => Cow::Owned(name.as_str().to_owned()),
            At::Series(prefix) => Cow::Owned(format!("{prefix}N")),
            At::Json(pointer) => Cow::Borrowed(pointer),
            At::Entry(key) => Cow::Borrowed(key),
        }
    }

    /// The headers that may be read here.
    pub(super) fn headers(&self) -> impl Iterator<Item = &HeaderName> {
        let (first, second) = match self {
            At::Header(name) => (Some(name), None),
            At::HeaderOr(first, second) => (Some(first), Some(second)),
            _ => (None, None),
        };
        first.into_iter().chain(second)
    }
}

/// The text of a header that came at most once.
pub(super) fn header<'r>(request: &'r Request, name: &HeaderName) -> Result<Option<&'r str>, Reason> {
    let mut all = request.headers().get_all(name).iter();
    let Some(only) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(Reason::RepeatedHeader);
    }
    if only.len() > MAX_HEADER {
        return Err(Reason::HeaderTooLong);
    }
    only.to_str().map(Some).map_err(|_| Reason::Malformed)
}

/// The signatures of a request that may match, on the stack.
pub(super) struct Candidates<'t> {
    list: [&'t str; MAX_SIGNATURES],
    length: usize,
}

impl<'t> Candidates<'t> {
    /// Takes the signatures of the scheme's version out of `text`.
    pub(super) fn of(text: &'t str, syntax: Syntax) -> Result<Self, Reason> {
        let mut all = Candidates { list: [""; MAX_SIGNATURES], length: 0 };
        match syntax {
            Syntax::Whole => all.push(text)?,
            Syntax::Prefix(prefix) => all.push(text.strip_prefix(prefix).ok_or(Reason::Malformed)?)?,
            Syntax::AuthScheme(name) => all.push(credential(text, name).ok_or(Reason::Malformed)?)?,
            Syntax::KeyValue { separator, key } => {
                Entries { text, separator }.all(key).try_for_each(|entry| all.push(entry))?;
            }
            Syntax::Versions { separator, version } => text
                .split(separator)
                .filter_map(|entry| entry.strip_prefix(version))
                .try_for_each(|entry| all.push(entry))?,
        }
        if all.length == 0 { Err(Reason::Malformed) } else { Ok(all) }
    }

    /// Takes the signature of each header of a numbered series.
    pub(super) fn of_series(request: &'t Request, prefix: &str, syntax: Syntax) -> Result<Self, Reason> {
        let mut all = Candidates { list: [""; MAX_SIGNATURES], length: 0 };
        for name in request.headers().keys() {
            let number = name.as_str().strip_prefix(prefix);
            if !number.is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit())) {
                continue;
            }
            if let Some(text) = header(request, name)? {
                for one in Candidates::of(text, syntax)?.iter() {
                    all.push(one)?;
                }
            }
        }
        if all.length == 0 { Err(Reason::MissingHeader) } else { Ok(all) }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'t str> {
        self.list[..self.length].iter().copied()
    }

    fn push(&mut self, text: &'t str) -> Result<(), Reason> {
        *self.list.get_mut(self.length).ok_or(Reason::TooManySignatures)? = text;
        self.length += 1;
        Ok(())
    }
}

/// The credential after the name of an authentication scheme and one space.
fn credential<'t>(text: &'t str, scheme: &str) -> Option<&'t str> {
    let (name, credential) = text.split_once(' ')?;
    (name.eq_ignore_ascii_case(scheme) && !credential.starts_with(' ')).then_some(credential)
}
