//! The load generator: one thread, connections that stay open, one request in
//! flight on each, the next one sent as soon as the answer is whole.

use crate::histogram::Histogram;
use crate::message::Message;
use crate::{Result, processes, response};
use mio::event::Event;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

/// What to send, and for how long.
#[derive(Clone, Debug)]
pub struct Load {
    /// The server.
    pub address: SocketAddr,
    /// What is sent.
    pub message: Message,
    /// How many connections there are.
    pub connections: usize,
    /// How long the load runs before anything is counted.
    pub warm: Duration,
    /// How long is counted.
    pub measure: Duration,
    /// The server's process, whose CPU time is to be counted.
    pub server: Option<u32>,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Answers per second, with any status.
    pub per_second: f64,
    /// Answers with a status of 2xx.
    pub ok: u64,
    /// Answers with any other status.
    pub not_ok: u64,
    /// The last status that was not 2xx.
    pub last_bad_status: Option<u16>,
    /// Connections that broke and were opened again.
    pub reconnected: u64,
    /// Half of the answers came within so many microseconds.
    pub p50_us: f64,
    /// 99 of 100 answers came within so many microseconds.
    pub p99_us: f64,
    /// CPU time of the server per answer, in microseconds.
    pub server_us: f64,
    /// How many cores the server kept busy.
    pub server_cores: f64,
    /// How many cores the generator kept busy: near 1, it is what limits.
    pub generator_cores: f64,
    /// How many cores everything else on the machine kept busy: a disturbance.
    pub other_cores: f64,
}

/// Loads a server.
///
/// # Errors
///
/// The server cannot be reached, or its process is gone.
pub fn run(load: &Load) -> Result<Report> {
    let mut generator = Generator::connect(load)?;
    generator.until(Instant::now() + load.warm)?;
    generator.forget();
    let before = Usage::now(load.server)?;
    let begun = Instant::now();
    generator.until(begun + load.measure)?;
    let elapsed = begun.elapsed().as_secs_f64();
    let used = Usage::now(load.server)?;
    let answers = (generator.ok + generator.not_ok).max(1) as f64;
    let cores = |of: fn(&Usage) -> Duration| of(&used).saturating_sub(of(&before)).as_secs_f64() / elapsed;
    let (server_cores, generator_cores) = (cores(|usage| usage.server), cores(|usage| usage.generator));
    Ok(Report {
        per_second: answers / elapsed,
        ok: generator.ok,
        not_ok: generator.not_ok,
        last_bad_status: generator.last_bad_status,
        reconnected: generator.reconnected,
        p50_us: generator.latencies.quantile(0.5).as_secs_f64() * 1e6,
        p99_us: generator.latencies.quantile(0.99).as_secs_f64() * 1e6,
        server_us: server_cores * elapsed * 1e6 / answers,
        server_cores,
        generator_cores,
        other_cores: (cores(|usage| usage.machine) - server_cores - generator_cores).max(0.0),
    })
}

/// CPU time until a moment.
struct Usage {
    server: Duration,
    generator: Duration,
    machine: Duration,
}

impl Usage {
    fn now(server: Option<u32>) -> Result<Self> {
        Ok(Usage {
            server: server.map_or(Ok(Duration::ZERO), |pid| processes::cpu_time(Some(pid)))?,
            generator: processes::cpu_time(None)?,
            machine: processes::machine_time()?,
        })
    }
}

struct Generator {
    poll: Poll,
    address: SocketAddr,
    connections: Vec<Connection>,
    next_id: u64,
    latencies: Histogram,
    ok: u64,
    not_ok: u64,
    last_bad_status: Option<u16>,
    reconnected: u64,
}

struct Connection {
    stream: TcpStream,
    message: Message,
    sent: usize,
    received: Vec<u8>,
    begun: Instant,
}

impl Generator {
    fn connect(load: &Load) -> Result<Self> {
        let poll = Poll::new()?;
        let begun = Instant::now();
        let connections = (0..load.connections).map(|index| {
            let stream = open(&poll, load.address, index)?;
            Ok(Connection { stream, message: load.message.clone(), sent: 0, received: Vec::new(), begun })
        });
        let connections = connections.collect::<Result<Vec<_>>>()?;
        // From the clock, so that no later load sends an id again.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let mut generator = Generator {
            poll,
            address: load.address,
            connections,
            next_id: u64::try_from(now.as_nanos())?,
            latencies: Histogram::default(),
            ok: 0,
            not_ok: 0,
            last_bad_status: None,
            reconnected: 0,
        };
        for connection in &mut generator.connections {
            connection.begin(&mut generator.next_id, Instant::now())?;
        }
        Ok(generator)
    }

    fn forget(&mut self) {
        self.latencies.clear();
        (self.ok, self.not_ok, self.last_bad_status, self.reconnected) = (0, 0, None, 0);
    }

    fn until(&mut self, end: Instant) -> Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            match self.poll.poll(&mut events, Some(left)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => result?,
            }
            for event in &events {
                self.serve(event, &mut buffer)?;
            }
        }
    }

    fn serve(&mut self, event: &Event, buffer: &mut [u8]) -> Result<()> {
        let Token(index) = event.token();
        let Some(connection) = self.connections.get_mut(index) else { return Ok(()) };
        if event.is_writable() && connection.send().is_err() {
            return self.reopen(index);
        }
        if !event.is_readable() {
            return Ok(());
        }
        // Read once: nothing more can come before the next request is sent,
        // and then the socket is reported again.
        match connection.stream.read(buffer) {
            Ok(0) => return self.reopen(index),
            Ok(count) => connection.received.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(_) => return self.reopen(index),
        }
        let Some(answer) = response::whole(&connection.received) else { return Ok(()) };
        connection.received.clear();
        let now = Instant::now();
        self.latencies.record(now - connection.begun);
        if (200..300).contains(&answer.status) {
            self.ok += 1;
        } else {
            self.not_ok += 1;
            self.last_bad_status = Some(answer.status);
        }
        if connection.begin(&mut self.next_id, now).is_err() {
            return self.reopen(index);
        }
        Ok(())
    }

    fn reopen(&mut self, index: usize) -> Result<()> {
        self.reconnected += 1;
        let Some(connection) = self.connections.get_mut(index) else { return Ok(()) };
        connection.stream = open(&self.poll, self.address, index)?;
        connection.received.clear();
        connection.begin(&mut self.next_id, Instant::now())
    }
}

impl Connection {
    fn begin(&mut self, next_id: &mut u64, now: Instant) -> Result<()> {
        self.message.set_id(*next_id);
        *next_id += 1;
        self.sent = 0;
        self.begun = now;
        self.send()
    }

    fn send(&mut self) -> Result<()> {
        while let Some(rest) = self.message.bytes().get(self.sent..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(rest) {
                Ok(count) => self.sent += count,
                // Reported as writable when there is room again.
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn open(poll: &Poll, address: SocketAddr, index: usize) -> Result<TcpStream> {
    let stream = std::net::TcpStream::connect(address).map_err(|error| format!("{address}: {error}"))?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    poll.registry().register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
    Ok(stream)
}
