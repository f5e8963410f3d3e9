//! Reads secrets from the environment, and makes development secrets up where
//! a person just tries the program.

use crate::secret::{KeyFormat, ResolveSecrets, Secret};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Reads the environment, and remembers whether it held any secret at all.
#[derive(Debug, Default)]
pub(super) struct Environment {
    found: Cell<bool>,
}

impl Environment {
    /// Whether any secret that was asked for is set.
    pub(super) fn found_any(&self) -> bool {
        self.found.get()
    }
}

impl ResolveSecrets for Environment {
    fn resolve(&self, name: &'static str, _: KeyFormat) -> Option<Secret> {
        let value = std::env::var(name).ok()?;
        self.found.set(true);
        Some(Secret::from(value.as_str()))
    }
}

/// Secrets for development, kept in a file beside the store so that a restart
/// has the same ones. Only the owner can read the file.
#[derive(Debug)]
pub(super) struct Development {
    path: PathBuf,
    known: RefCell<BTreeMap<String, String>>,
    asked: RefCell<Vec<&'static str>>,
    failure: RefCell<Option<io::Error>>,
}

impl Development {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let mut text = String::new();
        match OpenOptions::new().read(true).open(&path) {
            Ok(mut file) => {
                file.read_to_string(&mut text)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let known = text.lines().filter_map(|line| line.split_once('='));
        let known = known.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Development {
            path,
            known: RefCell::new(known),
            asked: RefCell::default(),
            failure: RefCell::default(),
        })
    }

    /// Writes what was made up, and says in words where it is.
    pub(super) fn finish(self) -> io::Result<Option<String>> {
        if let Some(failure) = self.failure.into_inner() {
            return Err(failure);
        }
        let asked = self.asked.into_inner();
        let Some(first) = asked.first() else { return Ok(None) };
        write(&self.path, &self.known.into_inner())?;
        Ok(Some(format!(
            "no secret is set, so development secrets take their place: {}; show one with\n  grep {first} {}",
            asked.join(", "),
            self.path.display()
        )))
    }
}

impl ResolveSecrets for Development {
    fn resolve(&self, name: &'static str, format: KeyFormat) -> Option<Secret> {
        if !self.asked.borrow().contains(&name) {
            self.asked.borrow_mut().push(name);
        }
        if let Some(value) = self.known.borrow().get(name) {
            return Some(Secret::from(value.as_str()));
        }
        match make(format) {
            Ok(None) => None,
            Ok(Some(value)) => {
                let secret = Secret::from(value.as_str());
                self.known.borrow_mut().insert(name.to_owned(), value);
                Some(secret)
            }
            Err(error) => {
                *self.failure.borrow_mut() = Some(error);
                None
            }
        }
    }
}

/// A new random secret, in the form that its scheme reads; none for a public
/// key, whose other half only the provider has.
fn make(format: KeyFormat) -> io::Result<Option<String>> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format.write_for_development(&bytes))
}

fn write(path: &Path, known: &BTreeMap<String, String>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    known.iter().try_for_each(|(name, value)| writeln!(file, "{name}={value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn development_secrets_are_kept_private_and_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.db.secrets");
        let first = Development::open(path.clone()).unwrap();
        let made = first.resolve("A_SECRET", KeyFormat::Whsec).unwrap();
        assert!(made.expose().starts_with(b"whsec_"));
        let said = first.finish().unwrap().unwrap();
        assert!(said.contains("grep A_SECRET") && !said.contains("whsec_"), "{said}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let again = Development::open(path).unwrap().resolve("A_SECRET", KeyFormat::Whsec).unwrap();
        assert_eq!(made.expose(), again.expose());
    }
}
