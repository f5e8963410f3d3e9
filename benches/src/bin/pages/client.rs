//! Asks for pages over one connection, and notes when the first byte and all were there.

use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use triggerfish_benches::{Result, response};

/// One connection with the token of the dashboard.
pub(crate) struct Client {
    stream: TcpStream,
    token: String,
}

impl Client {
    /// Connects to where the URL of a dashboard leads.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let wrong = || format!("{url} is no URL of a dashboard");
        let (at, token) = url.split_once("?token=").ok_or_else(wrong)?;
        let address = at.strip_prefix("http://").and_then(|at| at.split('/').next()).ok_or_else(wrong)?;
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Client { stream, token: token.to_owned() })
    }

    /// A page, and how long it took.
    pub(crate) async fn get(&mut self, path: &str) -> Result<(String, Duration)> {
        let ask = format!(
            "GET /_triggerfish{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n",
            self.token
        );
        let begun = Instant::now();
        self.stream.write_all(ask.as_bytes()).await?;
        let mut received = Vec::with_capacity(1 << 16);
        loop {
            if self.stream.read_buf(&mut received).await? == 0 {
                return Err(format!("{path}: the program hangs up").into());
            }
            let Some(whole) = response::whole(&received) else { continue };
            let took = begun.elapsed();
            let text = String::from_utf8_lossy(&received).into_owned();
            if whole.status != 200 {
                return Err(format!("{path}: {}", text.lines().next().unwrap_or_default()).into());
            }
            return Ok((text, took));
        }
    }
}
