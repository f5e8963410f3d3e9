//! Secrets that the program keeps: the key that seals them, and what a person
//! may do with them.

use super::error::Error;
use crate::config::{Config, Database};
use crate::secret::{KeyProblem, Keyring, SECRET_KEY, Secret};
use crate::serve::{App, Check, LiveEndpoint};
use crate::vault::{KeptVerifier, Vault, VaultProblem};
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The secrets that the program keeps, while it runs.
///
/// ```
/// # use triggerfish::runtime::{ManagedSecretProblem, Running};
/// # use std::time::Duration;
/// # async fn example(running: &Running) -> Result<(), ManagedSecretProblem> {
/// let secrets = running.secrets();
/// for endpoint in secrets.endpoints() {
///     println!("{endpoint}");
/// }
/// // The provider still signs with the old one until a person has entered the new one there.
/// let new = secrets.rotate("acme", Duration::from_secs(24 * 3600)).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ManagedSecrets {
    app: Arc<App>,
}

/// Why a kept secret is not shown or replaced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManagedSecretProblem {
    /// No endpoint of this id has a secret that the program keeps.
    #[error("endpoint \"{0}\" has no secret that this program keeps")]
    NotManaged(String),
    /// The secret does not open, or the store failed.
    #[error(transparent)]
    Vault(#[from] VaultProblem),
}

impl ManagedSecrets {
    pub(crate) fn new(app: &Arc<App>) -> Self {
        ManagedSecrets { app: Arc::clone(app) }
    }

    /// The ids of the endpoints whose secret is [`managed()`](crate::secret::managed).
    pub fn endpoints(&self) -> Vec<&'static str> {
        let kept = self
            .app
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.source.is_none() && managed(endpoint).is_some());
        kept.map(|endpoint| endpoint.spec.id).collect()
    }

    /// The newest secret of an endpoint, for a person to enter at the provider.
    /// That it was shown is logged.
    ///
    /// # Errors
    ///
    /// An endpoint without a managed secret; a secret that does not open.
    pub async fn reveal(&self, endpoint: &str) -> Result<Secret, ManagedSecretProblem> {
        let (kept, vault) = self.find(endpoint)?;
        let secret = kept.reveal(vault).await?;
        tracing::warn!(target: "triggerfish::secret", endpoint, "the secret was shown");
        secret.ok_or_else(|| ManagedSecretProblem::NotManaged(endpoint.to_owned()))
    }

    /// Makes a new secret for an endpoint, valid at once, and returns it. The one
    /// before stays valid as long as `old_valid_for`. That it was replaced is logged.
    ///
    /// # Errors
    ///
    /// An endpoint without a managed secret; a store that does not take it.
    pub async fn rotate(
        &self,
        endpoint: &str,
        old_valid_for: Duration,
    ) -> Result<Secret, ManagedSecretProblem> {
        let (kept, vault) = self.find(endpoint)?;
        let until = vault.now().plus(old_valid_for);
        let secret = kept.rotate(vault, until).await?;
        tracing::warn!(target: "triggerfish::secret", endpoint, "the secret was replaced; the old one is valid until {until}");
        Ok(secret)
    }

    fn find(&self, endpoint: &str) -> Result<(&KeptVerifier, &Vault), ManagedSecretProblem> {
        let found = self.app.endpoints.iter().find(|live| live.spec.id == endpoint && live.source.is_none());
        let found = found.and_then(managed);
        found
            .zip(self.app.vault.as_ref())
            .ok_or_else(|| ManagedSecretProblem::NotManaged(endpoint.to_owned()))
    }
}

impl fmt::Debug for ManagedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedSecrets").field("endpoints", &self.endpoints()).finish()
    }
}

pub(super) fn managed(endpoint: &LiveEndpoint) -> Option<&KeptVerifier> {
    match &endpoint.check {
        Check::Kept(kept) => Some(kept),
        Check::Scheme(_) | Check::Custom(_) => None,
    }
}

/// Reads the secrets of all endpoints that keep them. All problems at once.
pub(super) async fn load(endpoints: &[LiveEndpoint], vault: &Vault) -> Result<(), Error> {
    let mut problems = Vec::new();
    for endpoint in endpoints {
        // What an external source keeps comes from its provider, and is made by nobody.
        if let Some(kept) = managed(endpoint).filter(|_| endpoint.source.is_none())
            && let Err(problem) = kept.load(vault).await
        {
            problems.push(problem.to_string());
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Startup(problems)) }
}

/// The keys that seal, and what is to be said about them. `known` is what the
/// environment, or what stands for it, holds; in development mode a key is made
/// up where it holds none.
pub(super) fn keyring(
    known: Result<Option<Keyring>, KeyProblem>,
    config: &Config,
) -> Result<(Keyring, Option<String>), String> {
    if let Some(keyring) = known.map_err(|problem| problem.to_string())? {
        return Ok((keyring, None));
    }
    let read = |key: &Secret| Keyring::read(key).map_err(|problem| problem.to_string());
    match &config.database {
        _ if !config.dev => Err(KeyProblem::Missing.to_string()),
        // What it seals ends with it.
        Database::Memory => Ok((read(&make()?)?, None)),
        Database::Sqlite(database) => {
            let path = beside(database);
            let key = development_key(&path).map_err(|error| {
                format!("the key that seals secrets cannot be kept in {}: {error}", path.display())
            })?;
            let keyring = read(&key).map_err(|problem| format!("{}: {problem}", path.display()))?;
            let said = format!(
                "`{SECRET_KEY}` is not set, so secrets are sealed with the key in {}",
                path.display()
            );
            Ok((keyring, Some(said)))
        }
    }
}

fn make() -> Result<Secret, String> {
    Keyring::make().map_err(|problem| problem.to_string())
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.to_owned().into_os_string();
    name.push(".key");
    PathBuf::from(name)
}

/// The key in a file that only its owner can read; made where there is none.
fn development_key(path: &Path) -> io::Result<Secret> {
    match std::fs::read(path) {
        Ok(text) => return Ok(Secret::new(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let key = make().map_err(io::Error::other)?;
    let mut options = OpenOptions::new();
    // Never over another: what that one sealed would be lost.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(key.expose())?;
    Ok(key)
}

#[cfg(all(test, feature = "sealed-secrets"))]
mod tests {
    use super::*;

    fn development(path: &Path) -> Config {
        Config { dev: true, database: Database::Sqlite(path.to_owned()), ..Config::default() }
    }

    #[test]
    fn a_development_key_is_kept_private_and_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let config = development(&dir.path().join("app.db"));
        let (first, said) = keyring(Ok(None), &config).unwrap();
        let path = dir.path().join("app.db.key");
        assert!(said.unwrap().contains("app.db.key"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let sealed = first.seal("a", &Secret::from("hunter2")).unwrap();
        let (second, _) = keyring(Ok(None), &config).unwrap();
        assert_eq!(second.open("a", &sealed).unwrap().expose(), b"hunter2");

        std::fs::write(&path, "short").unwrap();
        let problem = keyring(Ok(None), &config).unwrap_err();
        assert!(problem.contains("app.db.key") && problem.contains("32 bytes"), "{problem}");
    }

    #[test]
    fn outside_of_development_a_missing_key_is_a_problem_with_its_cure() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config { dev: false, ..development(&dir.path().join("app.db")) };
        let problem = keyring(Ok(None), &config).unwrap_err();
        assert!(problem.contains(SECRET_KEY) && problem.contains("openssl rand -base64 32"), "{problem}");
        assert!(!dir.path().join("app.db.key").exists());
    }
}
