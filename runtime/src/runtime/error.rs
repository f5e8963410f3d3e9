//! Why the program cannot start.

use crate::store::StoreError;
use std::fmt;
use std::net::SocketAddr;

/// The result of starting or serving.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the program cannot start. Every problem that start-up found is in it,
/// so that one start shows them all.
#[non_exhaustive]
pub enum Error {
    /// Problems in the environment, in what was declared, or in the secrets.
    Startup(Vec<String>),
    /// The store cannot be opened.
    Store(StoreError),
    /// The workers cannot be started.
    Workers(std::io::Error),
    /// The address cannot be listened on.
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Startup(problems) => {
                let plural = if problems.len() == 1 { "" } else { "s" };
                write!(f, "{} problem{plural} at start-up:", problems.len())?;
                problems.iter().try_for_each(|problem| write!(f, "\n  {}", problem.replace('\n', "\n    ")))
            }
            Error::Store(error) => write!(f, "{error}"),
            Error::Workers(error) => write!(f, "the workers cannot be started: {error}"),
            Error::Listen { address, cause } => {
                write!(f, "cannot listen on {address}: {cause}; set `HOST` and `PORT` to another address")
            }
        }
    }
}

/// As `Display`: it is what `fn main() -> Result<(), Error>` prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Startup(_) => None,
            Error::Store(error) => Some(error),
            Error::Workers(error) | Error::Listen { cause: error, .. } => Some(error),
        }
    }
}
