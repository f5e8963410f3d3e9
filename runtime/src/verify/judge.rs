//! The order in which a request is judged.

use super::check;
use super::content::{Entries, Known};
use super::layout::{Syntax, Timestamp};
use super::outcome::{Reason, Verified};
use super::part::Part;
use super::place::{At, Candidates};
use super::ready::Ready;
use super::{json, matching, time};
use crate::request::Request;
use std::borrow::Cow;
use std::time::SystemTime;

/// Judges `request`; `hashed` becomes the number of bytes that were hashed.
pub(super) fn judge<'r>(
    ready: &Ready,
    request: &'r Request,
    now: SystemTime,
    hashed: &mut usize,
) -> Result<Verified<'r>, Reason> {
    let syntax = ready.scheme.signature.syntax;
    let text = signature_text(ready, request)?;
    let candidates = match &ready.signature_at {
        At::Series(prefix) => Candidates::of_series(request, prefix, syntax)?,
        _ => Candidates::of(&text, syntax)?,
    };
    let entries = match syntax {
        Syntax::KeyValue { separator, .. } => Some(Entries { text: &text, separator }),
        _ => None,
    };
    // A time in a signed body is read when the body is known to be genuine.
    let (early, late) = ready
        .timestamp
        .as_ref()
        .map_or((None, None), |stamp| if is_late(ready) { (None, Some(stamp)) } else { (Some(stamp), None) });
    let stamp = early.map(|stamp| read_time(stamp, request, entries, now)).transpose()?;
    let id = read_id(ready, request)?;
    let url = needs_url(ready).then(|| ready.public_url(request)).flatten();
    let known = Known {
        request,
        timestamp: stamp.as_ref().map(|(text, _)| text.as_ref()),
        id: id.as_deref(),
        entries,
        params: &ready.params,
        url: url.as_deref(),
    };
    let found = matching::find(ready, &known, &candidates, now, hashed)?;
    let late = late.map(|stamp| read_time(stamp, request, entries, now)).transpose()?;
    check::all(ready, request)?;
    let timestamp = stamp.or(late).and_then(|(_, time)| time).or(found.issued);
    Ok(Verified { delivery_id: ready.delivery_id(request), timestamp, secret_index: found.index })
}

fn signature_text<'r>(ready: &Ready, request: &'r Request) -> Result<Cow<'r, str>, Reason> {
    match &ready.signature_at {
        At::Series(_) => Ok(Cow::Borrowed("")),
        at => at.read(request, None)?.ok_or(Reason::MissingHeader),
    }
}

/// Whether the time stands in a body that the signature covers, while the
/// signature itself does not.
fn is_late(ready: &Ready) -> bool {
    matches!(ready.timestamp, Some((At::Json(_), _)))
        && !matches!(ready.signature_at, At::Json(_))
        && !ready.contents.iter().flatten().any(|part| *part == Part::Timestamp)
}

fn needs_url(ready: &Ready) -> bool {
    ready.contents.iter().flatten().any(Part::needs_url)
}

/// The text of the timestamp, and its time where it is read.
fn read_time<'t>(
    (at, rule): &(At, Timestamp),
    request: &'t Request,
    entries: Option<Entries<'t>>,
    now: SystemTime,
) -> Result<(Cow<'t, str>, Option<SystemTime>), Reason> {
    let text = match at {
        At::Json(pointer) if rule.json_number => match json::raw(request.body(), pointer)? {
            Some(value) if value.get().starts_with('"') => return Err(Reason::MalformedTimestamp),
            Some(value) => json::text_of(value)?,
            None => None,
        },
        // Two timestamps are two answers to the question which one is signed.
        At::Entry(_) => at.read(request, entries).map_err(|_| Reason::MalformedTimestamp)?,
        _ => at.read(request, entries)?,
    };
    let text = text.filter(|text| !text.is_empty()).ok_or(Reason::MissingTimestamp)?;
    let signed = time::parse(&text, rule.unit)?;
    if let (Some(signed), Some(window)) = (signed, rule.window) {
        time::check(signed, now, rule.unit, window)?;
    }
    Ok((text, signed))
}

fn read_id<'r>(ready: &Ready, request: &'r Request) -> Result<Option<Cow<'r, str>>, Reason> {
    let Some((at, forbid)) = &ready.id else { return Ok(None) };
    let id = at.read(request, None)?.filter(|id| !id.is_empty()).ok_or(Reason::MissingId)?;
    if forbid.is_some_and(|forbidden| id.contains(forbidden)) {
        return Err(Reason::MalformedId);
    }
    Ok(Some(id))
}
