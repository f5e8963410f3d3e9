//! Shows logs on the terminal, where the program did not decide otherwise.

/// Installs a subscriber, unless the program installed one.
#[cfg(feature = "logs")]
pub(super) fn install(filter: &str) {
    use std::io::IsTerminal;
    use tracing_subscriber::EnvFilter;

    let chosen = EnvFilter::try_new(filter);
    let mistake = chosen.as_ref().err().map(ToString::to_string);
    let installed = tracing_subscriber::fmt()
        .with_env_filter(chosen.unwrap_or_else(|_| EnvFilter::new("info")))
        .with_target(false)
        .with_ansi(std::io::stdout().is_terminal())
        .try_init();
    if let (Some(mistake), Ok(())) = (mistake, installed) {
        tracing::warn!(
            "`TRIGGERFISH_LOG` is {filter:?}, which is no filter: {mistake}; `info` takes its place"
        );
    }
}

/// Built without the feature `logs`: the program decides.
#[cfg(not(feature = "logs"))]
pub(super) fn install(_filter: &str) {}
