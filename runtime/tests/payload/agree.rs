//! Asks the schema and serde about the same values.

use crate::generate::{Random, change, value};
use crate::types;
use serde_json::Value;
use triggerfish::payload::{Fit, Schema, fit};

/// A type, and how serde reads it.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) schema: &'static Schema,
    pub(crate) read: fn(&str) -> Result<Option<Value>, String>,
}

/// Types that serde reads, and writes as it reads them.
macro_rules! subjects {
    ($($ty:ty),+ $(,)?) => { vec![$(
        crate::agree::Subject {
            name: stringify!($ty),
            schema: <$ty as triggerfish::Payload>::SCHEMA,
            read: |text| {
                let value = serde_json::from_str::<$ty>(text).map_err(|error| error.to_string())?;
                Ok(Some(serde_json::to_value(&value).map_err(|error| error.to_string())?))
            },
        }
    ),+] };
}
pub(crate) use subjects;

/// Types that serde reads, and writes in another way or not at all.
macro_rules! only_read {
    ($($ty:ty),+ $(,)?) => { vec![$(
        crate::agree::Subject {
            name: stringify!($ty),
            schema: <$ty as triggerfish::Payload>::SCHEMA,
            read: |text| match serde_json::from_str::<$ty>(text) {
                Ok(_) => Ok(None),
                Err(error) => Err(error.to_string()),
            },
        }
    ),+] };
}
pub(crate) use only_read;

const ROUNDS: u64 = 400;

/// What was asked about one type.
#[derive(Debug, Default)]
struct Tally {
    fits: usize,
    refused: usize,
    unsure: usize,
    /// How often each kind of mistake was refused by both.
    mistakes: [usize; MISTAKES.len()],
}

/// What the schema says of a value that it refuses.
const MISTAKES: [&str; 5] = [
    "is missing",
    "is no variant of",
    "expected a number from 0 to 255",
    "expected a string, found",
    "items, found",
];

#[test]
fn the_schema_and_serde_agree_about_every_value() {
    let mut wrong = Vec::new();
    let mut all = Tally::default();
    for subject in types::all() {
        let before = wrong.len();
        let mut tally = Tally::default();
        let mut random = Random::new(subject.name.len() as u64);
        for _ in 0..ROUNDS {
            let Some(mut value) = value(subject.schema, &mut random) else { continue };
            match fit(subject.schema, &value) {
                Fit::Yes | Fit::Maybe => {}
                Fit::No(misfit) => wrong.push(format!("{}: made {value}, but {misfit}", subject.name)),
            }
            compare(&subject, &value, &mut tally, &mut wrong);
            for _ in 0..=random.below(2) {
                change(&mut value, &mut random);
                compare(&subject, &value, &mut tally, &mut wrong);
            }
        }
        wrong.truncate(before + 3);
        assert!(tally.fits >= 50, "{}: too few values fit to say anything: {tally:?}", subject.name);
        let takes_all = fit(subject.schema, &Value::Bool(true)) == Fit::Yes
            && fit(subject.schema, &Value::Array(vec![Value::Null])) == Fit::Yes;
        assert!(takes_all || tally.refused >= 25, "{}: too few values are refused: {tally:?}", subject.name);
        all.fits += tally.fits;
        all.refused += tally.refused;
        all.unsure += tally.unsure;
        all.mistakes.iter_mut().zip(tally.mistakes).for_each(|(all, one)| *all += one);
    }
    assert!(
        wrong.is_empty(),
        "{} disagreements:\n{}",
        wrong.len(),
        wrong.into_iter().take(40).collect::<Vec<_>>().join("\n")
    );
    assert!(all.mistakes.iter().all(|count| *count >= 50), "{MISTAKES:?}: too few of one: {all:?}");
    assert!(all.unsure * 5 < all.fits + all.refused, "the schema leaves too much open: {all:?}");
}

fn compare(subject: &Subject, value: &Value, tally: &mut Tally, wrong: &mut Vec<String>) {
    let name = subject.name;
    match (fit(subject.schema, value), (subject.read)(&value.to_string())) {
        (Fit::Yes, Ok(written)) => {
            tally.fits += 1;
            if let Some(written) = written
                && let Fit::No(misfit) = fit(subject.schema, &written)
            {
                wrong.push(format!("{name}: serde writes {value} as {written}, but {misfit}"));
            }
        }
        (Fit::No(misfit), Err(_)) => {
            tally.refused += 1;
            for (count, text) in tally.mistakes.iter_mut().zip(MISTAKES) {
                *count += usize::from(misfit.why.contains(text));
            }
        }
        (Fit::Maybe, _) => tally.unsure += 1,
        (Fit::Yes, Err(error)) => wrong.push(format!("{name}: {value} fits, but serde says: {error}")),
        (Fit::No(misfit), Ok(_)) => wrong.push(format!("{name}: serde reads {value}, but {misfit}")),
    }
}
