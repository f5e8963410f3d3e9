//! Takes connections and serves the router on each.
//!
//! What `axum::serve` does, and one thing that it does not: a sender that does
//! not finish the head of its request is cut off.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// How long to wait where the system has no place for another connection.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// Serves until `stop`, then ends what is in work and returns.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    head_timeout: Duration,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_timeout);
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let stream = tokio::select! {
            biased;
            () = &mut stop => break,
            stream = accept(&listener) => stream,
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A connection ends with an error when its sender hangs up or is cut off.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
}

/// The next connection. An error is the sender's, or passes: none ends the program.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small and whole: waiting to fill a packet only delays them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection without TCP_NODELAY");
                }
                return stream;
            }
            Err(error) if is_of_sender(error.kind()) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
}

fn is_of_sender(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::net::SocketAddr;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;

    struct Served {
        address: SocketAddr,
        stop: Arc<Notify>,
        task: JoinHandle<()>,
    }

    async fn served(router: Router, head_timeout: Duration) -> std::io::Result<Served> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let task =
            tokio::spawn(async move { serve(listener, router, head_timeout, stopped.notified()).await });
        Ok(Served { address, stop, task })
    }

    #[tokio::test]
    async fn a_head_that_never_ends_is_cut_off() -> std::io::Result<()> {
        let served = served(Router::new(), Duration::from_millis(20)).await?;
        let mut slow = TcpStream::connect(served.address).await?;
        slow.write_all(b"GET / HTTP/1.1\r\nx-slow: ").await?;
        let mut answer = Vec::new();
        // Without a limit this would wait for ever.
        slow.read_to_end(&mut answer).await?;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
        Ok(())
    }

    #[tokio::test]
    async fn what_is_in_work_at_the_end_is_answered() -> Result<(), Box<dyn std::error::Error>> {
        let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (inner_begun, inner_go) = (Arc::clone(&begun), Arc::clone(&go));
        let handler = get(async move || {
            inner_begun.notify_one();
            inner_go.notified().await;
            "answered"
        });
        let served = served(Router::new().route("/", handler), Duration::from_secs(30)).await?;
        let mut stream = TcpStream::connect(served.address).await?;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
        begun.notified().await;
        served.stop.notify_one();
        // The listener is gone once the end has begun.
        while TcpStream::connect(served.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        go.notify_one();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        assert!(answer.ends_with("answered"), "{answer}");
        served.task.await?;
        Ok(())
    }
}
