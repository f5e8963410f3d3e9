//! Everything that the whole process logs, kept for tests to look at.

use std::io;
use std::sync::{Mutex, Once, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static INSTALLED: Once = Once::new();

/// Keeps every line from now on, whatever its level: jobs log on threads of
/// their own, so that only a subscriber of the whole process sees them.
pub(crate) fn keep() {
    INSTALLED.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::level_filters::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(Keep)
            .init();
    });
}

/// Every line until now.
pub(crate) fn lines() -> Vec<String> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The lines that hold all of these texts.
pub(crate) fn lines_with(texts: &[&str]) -> Vec<String> {
    lines().into_iter().filter(|line| texts.iter().all(|text| line.contains(text))).collect()
}

struct Keep;

impl<'a> MakeWriter<'a> for Keep {
    type Writer = Keep;

    fn make_writer(&'a self) -> Keep {
        Keep
    }
}

/// The formatter writes each line whole.
impl io::Write for Keep {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes).into_owned();
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
