//! What a job returns, and how it is kept.

use super::JobError;
use crate::BoxFuture;
use crate::error::{BoxError, Error};
use crate::run::Invocation;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How a job's function ended; its output is JSON, `None` for nothing.
pub type Outcome = Result<Option<String>, JobError>;

/// Calls a job's function, which `call` does with what its parameters ask for.
pub fn run<T: Send + 'static>(
    invocation: Invocation,
    call: fn(&Invocation) -> Result<BoxFuture<'static, T>, JobError>,
    outcome: fn(T) -> Outcome,
) -> BoxFuture<'static, Outcome> {
    Box::pin(async move { outcome(call(&invocation)?.await) })
}

/// The longest output that is kept, in bytes of JSON.
const LONGEST: usize = 1 << 20;

/// What a job may return.
#[diagnostic::on_unimplemented(
    message = "a job must return `()` or `Result<T, E>`, not `{Self}`",
    label = "not an outcome of a job",
    note = "`T` is kept as JSON: it is `()`, or a type with `#[derive(Serialize, Deserialize)]`",
    note = "`E` is any error type: what turns into `Box<dyn std::error::Error + Send + Sync>`"
)]
pub trait IntoOutcome {
    /// What the job returns where it ends well.
    type Output;

    /// The outcome.
    fn into_outcome(self) -> Outcome;
}

#[diagnostic::do_not_recommend]
impl IntoOutcome for () {
    type Output = ();

    fn into_outcome(self) -> Outcome {
        Ok(None)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned, E: Into<BoxError>> IntoOutcome for Result<T, E> {
    type Output = T;

    fn into_outcome(self) -> Outcome {
        match self {
            Ok(output) => kept(&output).map_err(|why| JobError::Failed(Error::fatal(why).into())),
            Err(error) => Err(JobError::Failed(error.into())),
        }
    }
}

/// The output as it is kept, or why it cannot be.
fn kept(output: &impl Serialize) -> Result<Option<String>, String> {
    let json = serde_json::to_string(output)
        .map_err(|error| format!("the output of the job cannot be written as JSON: {error}"))?;
    if json.len() > LONGEST {
        let kib = json.len().div_ceil(1024);
        return Err(format!(
            "the output of the job is {kib} KiB of JSON, and at most {} KiB are kept: keep it elsewhere, and \
             return where it is",
            LONGEST / 1024
        ));
    }
    Ok((json != "null").then_some(json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn why(outcome: Outcome) -> String {
        outcome.unwrap_err().to_string()
    }

    #[test]
    fn an_output_is_json_and_nothing_is_nothing() {
        assert_eq!(().into_outcome().unwrap(), None);
        assert_eq!(Ok::<(), Error>(()).into_outcome().unwrap(), None);
        assert_eq!(Ok::<Option<u8>, Error>(None).into_outcome().unwrap(), None);
        assert_eq!(Ok::<_, Error>(vec![1, 2]).into_outcome().unwrap().as_deref(), Some("[1,2]"));
    }

    #[test]
    fn an_output_that_cannot_be_kept_says_why() {
        let odd = HashMap::from([((1, 2), 3)]);
        let text = why(Ok::<_, Error>(odd).into_outcome());
        assert!(text.contains("cannot be written as JSON: key must be a string"), "{text}");
        let text = why(Ok::<_, Error>("x".repeat(LONGEST - 1)).into_outcome());
        assert!(text.contains("is 1025 KiB of JSON, and at most 1024 KiB are kept"), "{text}");
        assert!(Ok::<_, Error>("x".repeat(LONGEST - 2)).into_outcome().is_ok());
    }
}
