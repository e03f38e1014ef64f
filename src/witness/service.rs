//! HTTP/1.1 round a witness: one path, one method, every limit named.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use ssbtek_pki::Acceptor;
use ssbtek_transparency::witness::LAST_CHECKPOINT_HEADER;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::witness::Witness;

/// What a witness accepts.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once; more wait to be accepted.
    pub connections: usize,
    /// Bytes in a request's body. The largest honest one (63 hashes, 64 signatures) is far below.
    pub body_bytes: usize,
    /// How long a request's head, and a connection without one, may take.
    pub head_timeout: Duration,
    /// How long a request's body may take.
    pub body_timeout: Duration,
    /// How long requests under way may take once the service is told to stop.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            body_bytes: 64 << 10,
            head_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(5),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

/// Serves `POST <prefix>/add-checkpoint` until `stop` is ready, then lets requests under way finish.
///
/// `prefix` is empty or begins with a slash and does not end with one. Without `tls` the listener must be on loopback or behind
/// a proxy; with it, the acceptor must offer HTTP/1.1 only.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<Acceptor>>,
    prefix: &str,
    witness: Arc<Witness>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let drain_timeout = limits.drain_timeout;
    let shared = Arc::new(Shared { path: format!("{prefix}/add-checkpoint"), witness, limits });
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, stream) = tokio::select! {
            () = &mut stop => break,
            (permit, accepted) = accepted => match (permit, accepted) {
                (Ok(permit), Ok((stream, _))) => (permit, stream),
                _ => {
                    // Out of file descriptors, most likely: give the connections there are time to end.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let (shared, tls, watcher) = (Arc::clone(&shared), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            match tls {
                None => connection(stream, shared, watcher).await,
                Some(tls) => {
                    if let Ok((stream, _)) = tls.accept(stream).await {
                        connection(stream, shared, watcher).await;
                    }
                }
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(drain_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way when the witness stopped");
    }
}

struct Shared {
    path: String,
    witness: Arc<Witness>,
    limits: Limits,
}

async fn connection<IO>(io: IO, shared: Arc<Shared>, watcher: Watcher)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(shared.limits.head_timeout)
        .max_headers(32)
        .max_buf_size(16 << 10)
        .keep_alive(true);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(request, &shared).await) }
    });
    // An error here is the peer's: it hung up, or did not speak HTTP.
    drop(watcher.watch(http.serve_connection(TokioIo::new(io), service)).await);
}

async fn answer<B>(request: Request<B>, shared: &Shared) -> Response<Full<Bytes>>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if request.uri().path() != shared.path {
        return plain(StatusCode::NOT_FOUND);
    }
    if request.method() != Method::POST {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
        return response;
    }
    if request.body().size_hint().lower() > shared.limits.body_bytes as u64 {
        return closing(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = Limited::new(request.into_body(), shared.limits.body_bytes).collect();
    let body = match tokio::time::timeout(shared.limits.body_timeout, body).await {
        Err(_) => return closing(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return closing(StatusCode::PAYLOAD_TOO_LARGE);
        }
        Ok(Err(_)) => return closing(StatusCode::BAD_REQUEST),
        Ok(Ok(body)) => body.to_bytes(),
    };
    let witness = Arc::clone(&shared.witness);
    let Ok(answer) = tokio::task::spawn_blocking(move || witness.add_checkpoint(&body)).await else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = header::HeaderValue::from_static(answer.content_type);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    let last = answer.last.map(|note| STANDARD.encode(note.encode()));
    if let Some(last) = last.and_then(|last| header::HeaderValue::from_str(&last).ok()) {
        response.headers_mut().insert(LAST_CHECKPOINT_HEADER, last);
    }
    response
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// For answers given before the body was read to its end.
fn closing(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = plain(status);
    response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    response
}
