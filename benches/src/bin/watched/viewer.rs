//! Somebody who looks on: the page, loaded again and again, and its list that goes on.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use triggerfish_benches::{Error, Result, response};

/// How often the end is looked for.
const TICK: Duration = Duration::from_millis(20);

/// Looks on until it is closed.
pub(crate) struct Viewer {
    stop: Arc<AtomicBool>,
    rows: JoinHandle<Result<usize>>,
    pages: JoinHandle<Result<usize>>,
}

/// What it saw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) rows: usize,
    pub(crate) pages: usize,
}

impl Viewer {
    /// Opens the dashboard of this URL, and loads its page every `reload`.
    pub(crate) fn open(url: &str, reload: Duration) -> Result<Self> {
        let wrong = || format!("{url} is no URL of a dashboard");
        let (at, token) = url.split_once("?token=").ok_or_else(wrong)?;
        let address = at.strip_prefix("http://").and_then(|at| at.split('/').next()).ok_or_else(wrong)?;
        let ask = |path: &str| {
            format!(
                "GET /_triggerfish{path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n"
            )
        };
        let stop = Arc::new(AtomicBool::new(false));
        let mut live = connect(address)?;
        live.write_all(ask("/live").as_bytes())?;
        // It looks on when the head of the answer is there.
        let mut first = [0; 1];
        live.set_read_timeout(None)?;
        live.read_exact(&mut first)?;
        live.set_read_timeout(Some(TICK))?;
        let rows = std::thread::spawn({
            let stop = Arc::clone(&stop);
            move || follow(live, &stop)
        });
        let (page, ask) = (connect(address)?, ask(""));
        let pages = std::thread::spawn({
            let stop = Arc::clone(&stop);
            move || load(page, &ask, reload, &stop)
        });
        Ok(Viewer { stop, rows, pages })
    }

    /// Looks away.
    pub(crate) fn close(self) -> Result<Seen> {
        self.stop.store(true, Ordering::Relaxed);
        let panicked = |_| Error::from("the viewer panicked");
        Ok(Seen { rows: self.rows.join().map_err(panicked)??, pages: self.pages.join().map_err(panicked)?? })
    }
}

fn connect(address: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(TICK))?;
    Ok(stream)
}

/// Reads some, or nothing where nothing came for a moment.
fn some(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<usize> {
    match stream.read(buffer) {
        Ok(0) => Err("the server hangs up on the viewer".into()),
        Ok(count) => Ok(count),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Counts the rows of the list that goes on.
fn follow(mut stream: TcpStream, stop: &AtomicBool) -> Result<usize> {
    let (mut rows, mut buffer) = (0, vec![0; 64 * 1024]);
    while !stop.load(Ordering::Relaxed) {
        let count = some(&mut stream, &mut buffer)?;
        let text = buffer.get(..count).unwrap_or_default();
        rows += text.windows(4).filter(|window| window == b"\nid:").count();
    }
    Ok(rows)
}

/// Counts the pages.
fn load(mut stream: TcpStream, ask: &str, reload: Duration, stop: &AtomicBool) -> Result<usize> {
    let (mut pages, mut buffer) = (0, vec![0; 64 * 1024]);
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        stream.write_all(ask.as_bytes())?;
        let mut received = Vec::new();
        let whole = loop {
            let count = some(&mut stream, &mut buffer)?;
            received.extend_from_slice(buffer.get(..count).unwrap_or_default());
            if let Some(whole) = response::whole(&received) {
                break whole;
            }
        };
        if whole.status != 200 {
            return Err(format!("the page answers {}", whole.status).into());
        }
        pages += 1;
        while begun.elapsed() < reload && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(TICK);
        }
    }
    Ok(pages)
}
