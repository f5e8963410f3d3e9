//! A small client over a plain socket, which can also send what no client would.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use triggerfish::request::RequestParts;
use triggerfish::verify::Verifier;

/// A request that is to be sent.
#[derive(Debug)]
pub(crate) struct Call(pub(crate) RequestParts);

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Call(RequestParts {
            method: method.parse().unwrap(),
            uri: target.parse().unwrap(),
            ..RequestParts::default()
        })
    }

    pub(crate) fn post(target: &str, body: impl Into<Bytes>) -> Self {
        Call::new("POST", target).body(body)
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.0.body = body.into();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.0.headers.append(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// Signs with the secrets of the tests, as of now.
    pub(crate) fn sign(self, verifier: Verifier) -> Self {
        signed(&verifier, self, SystemTime::now())
    }

    /// Signs as of so many seconds ago.
    pub(crate) fn sign_ago(self, verifier: Verifier, seconds: u64) -> Self {
        signed(&verifier, self, SystemTime::now() - Duration::from_secs(seconds))
    }

    /// The value of a header that was set.
    pub(crate) fn value(&self, name: &str) -> String {
        self.0.headers.get(name).unwrap().to_str().unwrap().to_owned()
    }

    /// Sets a header in place of what it was.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.headers.remove(name);
        self.header(name, value)
    }

    /// Line and headers, as they go over the wire, without the length of the body.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut text =
            format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", self.0.method, self.0.uri).into_bytes();
        for (name, value) in &self.0.headers {
            text.extend_from_slice(name.as_str().as_bytes());
            text.extend_from_slice(b": ");
            text.extend_from_slice(value.as_bytes());
            text.extend_from_slice(b"\r\n");
        }
        text
    }

    /// The whole request as it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut text = self.head();
        let end = format!("connection: close\r\ncontent-length: {}\r\n\r\n", self.0.body.len());
        text.extend_from_slice(end.as_bytes());
        text.extend_from_slice(&self.0.body);
        text
    }

    /// As [`Call::bytes`], with the body in chunks of this size and no length.
    pub(crate) fn chunked(&self, size: usize) -> Vec<u8> {
        let mut text = self.head();
        text.extend_from_slice(b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n");
        for chunk in self.0.body.chunks(size) {
            text.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            text.extend_from_slice(chunk);
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(b"0\r\n\r\n");
        text
    }

    pub(crate) async fn send(&self, to: SocketAddr) -> Answer {
        exchange(to, &self.bytes())
            .await
            .unwrap_or_else(|error| panic!("{} {}: {error}", self.0.method, self.0.uri))
    }
}

/// Signs a request as its sender would, with the secrets of the tests.
fn signed(verifier: &Verifier, call: Call, at: SystemTime) -> Call {
    Call(verifier.build(&super::secret).unwrap().sign(call.0, at).unwrap())
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The delivery that a usual answer names.
    pub(crate) fn delivery(&self) -> uuid::Uuid {
        self.json()["delivery"]
            .as_str()
            .unwrap_or_else(|| panic!("no delivery in {}", self.text()))
            .parse()
            .unwrap()
    }
}

/// Sends bytes and reads the answer, at the same time: a server may answer
/// before it has read everything, and close.
pub(crate) async fn exchange(to: SocketAddr, bytes: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(to).await?;
    let (mut read, mut write) = stream.split();
    let (_, answer) = tokio::join!(write.write_all(bytes), read_answer(&mut read));
    answer
}

/// Reads one answer. It ends with its length, or with the connection.
pub(crate) async fn read_answer(from: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Answer> {
    let answer = tokio::time::timeout(super::PATIENCE, read(from)).await;
    answer.unwrap_or_else(|_| panic!("no whole answer came in {:?}", super::PATIENCE))
}

async fn read(from: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    loop {
        if let Some(answer) = parse(&bytes, false) {
            return Ok(answer);
        }
        if from.read_buf(&mut bytes).await? == 0 {
            return parse(&bytes, true).ok_or_else(|| {
                let seen = String::from_utf8_lossy(&bytes).into_owned();
                io::Error::other(format!("the connection ended before the answer was whole: {seen:?}"))
            });
        }
    }
}

fn parse(bytes: &[u8], ended: bool) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let body = &bytes[end + 4..];
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse::<usize>().ok());
    match length {
        Some(length) if body.len() >= length => {
            Some(Answer { status, headers, body: body[..length].to_vec() })
        }
        _ if ended => Some(Answer { status, headers, body: body.to_vec() }),
        _ => None,
    }
}
