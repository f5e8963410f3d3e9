//! How rows become values, and values columns.

use super::statements::{DELIVERY_BY_ID, EVENT_BY_ID};
use crate::request::{Request, RequestParts};
use crate::store::browse::{Look, RequestOutcome, RequestRow};
use crate::store::event::{DeliveryOrigin, EventRecord, EventState, Origin, OriginId};
use crate::store::flow::RunFlow;
use crate::store::masking::public_base;
use crate::store::record::{Answer, Delivery, DeliveryOutcome, LogLine, Run, RunHooks, RunState};
use crate::store::schedule::ScheduleRecord;
use crate::store::step::{Step, StepKind, StepState};
use crate::store::trace::{Trace, TraceOutcome};
use crate::store::wait::{EndedWait, Wait};
use crate::time::Timestamp;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use rusqlite::types::Type;
use rusqlite::{Connection, Result, Row};
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// The columns of a request that must be made from it.
#[derive(Debug)]
pub(super) struct RequestColumns {
    pub(super) target: String,
    pub(super) public_url: Option<String>,
    pub(super) headers: Vec<u8>,
}

impl RequestColumns {
    pub(super) fn of(request: &Request) -> Self {
        RequestColumns {
            target: request.uri().to_string(),
            public_url: public_base(request),
            headers: encode_headers(request.headers()),
        }
    }
}

/// One line per header, `name: value`. Neither part can hold a line feed, a
/// name cannot hold a colon: so every value comes back as it was, white space
/// and bytes that are no UTF-8 included.
pub(super) fn encode_headers(headers: &HeaderMap) -> Vec<u8> {
    let size = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 3).sum();
    let mut out = Vec::with_capacity(size);
    for (name, value) in headers {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.push(b'\n');
    }
    out
}

fn decode_headers(bytes: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let colon = line.windows(2).position(|pair| pair == b": ")?;
        let (name, value) = line.split_at(colon);
        let name = HeaderName::from_bytes(name).ok()?;
        headers.append(name, HeaderValue::from_bytes(value.get(2..)?).ok()?);
    }
    Some(headers)
}

pub(super) fn uuid(row: &Row<'_>, column: usize) -> Result<Uuid> {
    row.get(column).map(Uuid::from_bytes)
}

fn optional_time(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp))
}

pub(super) fn schedule(row: &Row<'_>) -> Result<ScheduleRecord> {
    Ok(ScheduleRecord {
        dynamic: row.get(0)?,
        id: row.get(1)?,
        job: row.get(2)?,
        timing: row.get(3)?,
        payload: Bytes::from(row.get::<_, Vec<u8>>(4)?),
        last_at: optional_time(row, 5)?,
        next_at: time(row, 6)?,
    })
}

pub(super) fn optional_uuid(row: &Row<'_>, column: usize) -> Result<Option<Uuid>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(Uuid::from_bytes))
}

pub(super) fn time(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    row.get(column).map(Timestamp)
}

/// A number that cannot be beyond `i64`, or is capped there.
pub(super) fn integer(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// A column that holds something that this program never wrote.
pub(super) fn broken(column: usize, kind: Type, what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, what.into())
}

pub(super) fn run_state(row: &Row<'_>, column: usize) -> Result<RunState> {
    let state = RunState::named(row.get_ref(column)?.as_str()?);
    state.ok_or_else(|| broken(column, Type::Text, "not a state of a run"))
}

/// The flow of a run, as it is kept; it has no part that JSON could not hold.
pub(super) fn flow(flow: &RunFlow) -> Option<String> {
    serde_json::to_string(flow).ok()
}

/// What the end of a run sets off.
#[derive(Clone, Copy, Debug)]
pub(super) struct AtEnd {
    pub(super) hooks: RunHooks,
    /// It was called: its caller may wait for it.
    pub(super) is_called: bool,
    /// There may be waits, its own or those for its end.
    pub(super) has_waits: bool,
}

/// What the end of a run sets off, as a number.
pub(super) fn at_end(at_end: AtEnd) -> i64 {
    let AtEnd { hooks: RunHooks { success, failure }, is_called, has_waits } = at_end;
    i64::from(success) | i64::from(failure) << 1 | i64::from(is_called) << 2 | i64::from(has_waits) << 3
}

/// Beside what [`at_end`] says: `run_held` does not list the run.
pub(super) const UNLISTED: i64 = 16;

pub(super) fn run_at_end(row: &Row<'_>, column: usize) -> Result<AtEnd> {
    let number: i64 = row.get(column)?;
    let hooks = RunHooks { success: number & 1 != 0, failure: number & 2 != 0 };
    Ok(AtEnd { hooks, is_called: number & 4 != 0, has_waits: number & 8 != 0 })
}

pub(super) const ACCEPTED: &str = "accepted";
pub(super) const FILTERED: &str = "filtered";

/// The request in the columns from `first` on: method, target, public URL, headers, body.
pub(super) fn request(row: &Row<'_>, first: usize, received_at: Timestamp) -> Result<Request> {
    let [method, target, public_url, headers, body] = [0, 1, 2, 3, 4].map(|n| first + n);
    let text = |column, what| move |_| broken(column, Type::Text, what);
    Ok(Request::new(RequestParts {
        method: Method::from_bytes(row.get_ref(method)?.as_bytes()?)
            .map_err(|_| broken(method, Type::Text, "not a method"))?,
        uri: row.get_ref(target)?.as_str()?.parse::<Uri>().map_err(text(target, "not a target"))?,
        headers: decode_headers(row.get_ref(headers)?.as_blob()?)
            .ok_or_else(|| broken(headers, Type::Blob, "not headers"))?,
        body: Bytes::from(row.get::<_, Vec<u8>>(body)?),
        received_at: received_at.into(),
        public_url: row.get::<_, Option<String>>(public_url)?.map(Arc::from),
    }))
}

/// The answer in the columns from `first` on: status, content type, body.
pub(super) fn answer(row: &Row<'_>, first: usize) -> Result<Option<Answer>> {
    let Some(status) = row.get(first)? else { return Ok(None) };
    Ok(Some(Answer {
        status,
        content_type: row.get(first + 1)?,
        body: Bytes::from(row.get::<_, Option<Vec<u8>>>(first + 2)?.unwrap_or_default()),
    }))
}

pub(super) fn delivery(row: &Row<'_>) -> Result<Delivery> {
    let outcome = match row.get_ref(2)?.as_str()? {
        ACCEPTED => DeliveryOutcome::Accepted,
        FILTERED => DeliveryOutcome::Filtered,
        _ => return Err(broken(2, Type::Text, "not an outcome")),
    };
    Ok(Delivery {
        id: uuid(row, 0)?,
        endpoint: row.get(1)?,
        outcome,
        request: request(row, 7, time(row, 3)?)?,
        provider_id: row.get(4)?,
        secret_index: row.get(5)?,
        verdicts: row.get(6)?,
        answer: answer(row, 12)?,
        replay_of: optional_uuid(row, 15)?,
    })
}

pub(super) fn request_outcome(row: &Row<'_>, column: usize) -> Result<RequestOutcome> {
    let outcome = RequestOutcome::named(row.get_ref(column)?.as_str()?);
    outcome.ok_or_else(|| broken(column, Type::Text, "not an outcome"))
}

/// What a query looks at in a row of a list, which is one of [`request_row`] with
/// its body where that is needed.
pub(super) fn look<'r>(row: &'r Row<'_>, is_delivery: bool) -> Result<Look<'r>> {
    Ok(Look {
        id: uuid(row, 0)?,
        endpoint: row.get_ref(1)?.as_str()?,
        outcome: request_outcome(row, 3)?,
        target: row.get_ref(6)?.as_str()?,
        reason: row.get_ref(7)?.as_str_or_null()?,
        provider_id: if is_delivery { row.get_ref(8)?.as_str_or_null()? } else { None },
        body: row.get_ref(11)?.as_blob_or_null()?.unwrap_or_default(),
    })
}

/// A row of a list: of a delivery, where `is_delivery`, or of a trace.
pub(super) fn request_row(row: &Row<'_>, is_delivery: bool) -> Result<RequestRow> {
    Ok(RequestRow {
        id: uuid(row, 0)?,
        endpoint: row.get(1)?,
        at: time(row, 2)?,
        outcome: request_outcome(row, 3)?,
        status: row.get(4)?,
        method: row.get(5)?,
        target: row.get(6)?,
        reason: row.get(7)?,
        provider_id: if is_delivery { row.get(8)? } else { None },
        repeats: if is_delivery { None } else { optional_uuid(row, 8)? },
        body_len: usize::try_from(row.get::<_, i64>(9)?).unwrap_or_default(),
        replay_of: optional_uuid(row, 10)?,
    })
}

pub(super) fn event(row: &Row<'_>) -> Result<Arc<EventRecord>> {
    event_from(row, 0)
}

/// The event in the columns from `first` on. Where they have no time, its id has it.
pub(super) fn event_from(row: &Row<'_>, first: usize) -> Result<Arc<EventRecord>> {
    let name = row.get_ref(first + 9)?.as_str()?;
    let state = EventState::ALL.into_iter().find(|state| state.name() == name);
    let id = uuid(row, first)?;
    Ok(Arc::new(EventRecord {
        id,
        name: Cow::Owned(row.get(first + 1)?),
        source: row.get::<_, Option<String>>(first + 2)?.map(Cow::Owned),
        key: row.get(first + 3)?,
        payload: Bytes::from(row.get::<_, Vec<u8>>(first + 4)?),
        context: row.get(first + 5)?,
        properties: row.get(first + 6)?,
        at: optional_time(row, first + 7)?.unwrap_or_else(|| crate::id::time(id)),
        due_at: optional_time(row, first + 8)?,
        state: state.ok_or_else(|| broken(first + 9, Type::Text, "not a state of an event"))?,
        delivery: optional_uuid(row, first + 10)?,
        sender: optional_uuid(row, first + 11)?,
        test: row.get(first + 12)?,
        job: row.get::<_, Option<String>>(first + 13)?.map(Cow::Owned),
    }))
}

/// The columns of a run that say what started it: delivery, event.
pub(super) fn origin_id(row: &Row<'_>, first: usize) -> Result<OriginId> {
    match (optional_uuid(row, first)?, optional_uuid(row, first + 1)?) {
        (Some(delivery), _) => Ok(OriginId::Delivery(delivery)),
        (None, Some(event)) => Ok(OriginId::Event(event)),
        (None, None) => Err(broken(first, Type::Null, "a run of nothing")),
    }
}

/// What started a run, with all that the run can ask of it.
pub(super) fn origin(connection: &Connection, id: OriginId) -> Result<Origin> {
    match id {
        OriginId::Delivery(id) => {
            let Delivery { id, endpoint, request, provider_id, .. } =
                connection.prepare_cached(DELIVERY_BY_ID)?.query_row([id.as_bytes()], delivery)?;
            let endpoint = Cow::Owned(endpoint);
            Ok(Origin::Delivery(DeliveryOrigin { endpoint, id, provider_id, request }))
        }
        OriginId::Event(id) => {
            connection.prepare_cached(EVENT_BY_ID)?.query_row([id.as_bytes()], event).map(Origin::Event)
        }
    }
}

pub(super) fn run(row: &Row<'_>) -> Result<Run> {
    Ok(Run {
        id: uuid(row, 0)?,
        origin: origin_id(row, 1)?,
        job: row.get(3)?,
        version: row.get(4)?,
        state: run_state(row, 5)?,
        attempt: row.get(6)?,
        failures: row.get(7)?,
        crashes: row.get(8)?,
        due_at: time(row, 9)?,
        error: row.get(10)?,
        created_at: time(row, 11)?,
        finished_at: row.get::<_, Option<i64>>(12)?.map(Timestamp),
    })
}

pub(super) fn step(row: &Row<'_>) -> Result<Step> {
    let (kind, state) = (row.get_ref(1)?.as_str()?, row.get_ref(3)?.as_str()?);
    let about = row.get::<_, Option<String>>(10)?.map(|text| serde_json::from_str(&text)).transpose();
    Ok(Step {
        key: row.get(0)?,
        kind: step_kind(kind).ok_or_else(|| broken(1, Type::Text, "not a kind of step"))?,
        seq: row.get(2)?,
        state: StepState::ALL
            .into_iter()
            .find(|known| known.name() == state)
            .ok_or_else(|| broken(3, Type::Text, "not a state of a step"))?,
        output: row.get(4)?,
        attempt: row.get(5)?,
        failures: row.get(6)?,
        started_at: time(row, 7)?,
        finished_at: time(row, 8)?,
        event: optional_uuid(row, 9)?,
        about: about.map_err(|_| broken(10, Type::Text, "not what is shown of a step"))?,
    })
}

fn step_kind(name: &str) -> Option<StepKind> {
    StepKind::ALL.into_iter().find(|kind| kind.name() == name)
}

pub(super) fn wait(row: &Row<'_>) -> Result<Wait> {
    let ended = match row.get::<_, Option<i64>>(4)? {
        None => None,
        Some(at) => Some(EndedWait {
            at: Timestamp(at),
            output: row.get(5)?,
            event: optional_uuid(row, 6)?,
            failed: row.get(8)?,
        }),
    };
    Ok(Wait {
        key: row.get(0)?,
        kind: step_kind(row.get_ref(1)?.as_str()?)
            .ok_or_else(|| broken(1, Type::Text, "not a kind of wait"))?,
        due_at: time(row, 2)?,
        opened_at: time(row, 3)?,
        event: row.get(7)?,
        call: optional_uuid(row, 9)?,
        filter: row.get(10)?,
        ended,
    })
}

pub(super) fn log_line(row: &Row<'_>) -> Result<LogLine> {
    Ok(LogLine {
        run: uuid(row, 0)?,
        attempt: row.get(1)?,
        at: time(row, 2)?,
        level: row.get(3)?,
        message: row.get(4)?,
        data: row.get(5)?,
    })
}

pub(super) fn trace(row: &Row<'_>) -> Result<Trace> {
    let name = row.get_ref(3)?.as_str()?;
    let outcome = TraceOutcome::ALL.into_iter().find(|outcome| outcome.name() == name);
    Ok(Trace {
        id: uuid(row, 0)?,
        endpoint: row.get(1)?,
        at: time(row, 2)?,
        outcome: outcome.ok_or_else(|| broken(3, Type::Text, "not an outcome"))?,
        status: row.get(4)?,
        reason: row.get(5)?,
        method: row.get(6)?,
        target: row.get(7)?,
        body: Bytes::from(row.get::<_, Vec<u8>>(8)?),
        body_len: usize::try_from(row.get::<_, i64>(9)?).unwrap_or_default(),
        delivery: optional_uuid(row, 10)?,
        replay_of: optional_uuid(row, 11)?,
        headers: decode_headers(row.get_ref(12)?.as_blob()?)
            .ok_or_else(|| broken(12, Type::Blob, "not headers"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_survive_exactly() -> Result<(), Box<dyn std::error::Error>> {
        let mut headers = HeaderMap::new();
        let values: [&[u8]; 6] = [b"", b" padded ", b"a: b: c", b"\xff\xfe", b"tab\tbed", b"x"];
        for (n, value) in values.iter().enumerate() {
            headers.append(
                HeaderName::from_bytes(format!("x-{}", n % 4).as_bytes())?,
                HeaderValue::from_bytes(value)?,
            );
        }
        let decoded = decode_headers(&encode_headers(&headers)).ok_or("not decoded")?;
        let pairs = |map: &HeaderMap| -> Vec<_> {
            map.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
        };
        assert_eq!(pairs(&decoded), pairs(&headers));
        Ok(())
    }

    #[test]
    fn no_headers_are_no_bytes() {
        assert_eq!(encode_headers(&HeaderMap::new()), b"");
        assert_eq!(decode_headers(b"").map(|map| map.len()), Some(0));
    }

    #[test]
    fn broken_headers_are_an_error() {
        for bytes in [&b"a"[..], b"a:b\n", b" : x\n", b"a: \x00\n"] {
            assert!(decode_headers(bytes).is_none(), "{bytes:?}");
        }
    }
}
