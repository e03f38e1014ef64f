//! What is counted, for the operators' monitoring: `GET /metrics` in Prometheus' text format, over HTTP, on this machine only.
//! Counts alone: nothing of persons, boards or questions.

use std::{fmt::Write, sync::Arc, time::Duration};

use ssbtek_telemetry::fault_counts;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

/// Connections at once; more wait.
const MAX_CONNECTIONS: usize = 4;
/// Longest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 8192;
/// How long a request may take to arrive, and its answer to leave.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers until it is aborted.
pub(crate) async fn serve(listener: TcpListener) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(async move {
                // Who is too slow, or gone, is not told so.
                let _ = timeout(PATIENCE, answer(stream)).await;
                drop(place);
            })),
            // Out of file descriptors, most likely.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > MAX_HEAD_BYTES || stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let (status, body) = if head.starts_with(b"GET /metrics HTTP/1.") {
        ("200 OK", text())
    } else {
        ("404 Not Found", String::new())
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

fn text() -> String {
    let mut text = "# HELP ssbtek_faults_total Faults of the broker's own since its start, by kind.\n\
                    # TYPE ssbtek_faults_total counter\n"
        .to_owned();
    for (kind, count) in fault_counts() {
        // A string takes whatever is written.
        let _ = writeln!(text, "ssbtek_faults_total{{kind=\"{}\"}} {count}", kind.as_str());
    }
    text
}
