//! What a program with endpoints and jobs names: `use triggerfish::prelude::*;`

pub use crate::endpoint::{Response, Verify};
pub use crate::error::{Error, Result};
pub use crate::event::{Event, Properties};
pub use crate::job::{Json, State};
pub use crate::payload::Payload;
pub use crate::request::Request;
pub use crate::run::{Context, Io};
pub use crate::schedule::Tick;
pub use crate::secret::{Secret, env, managed};
pub use crate::verify::{Verification, Verifier};
pub use crate::{done, event, http_endpoint, job, source};
