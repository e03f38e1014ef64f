//! One accept loop for every door, plain or TLS: accepts, serves, and stops gracefully.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use futures::future::{BoxFuture, pending};
use http::{Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::body::MockBody;

/// A TLS handshake that takes longer is given up.
const HANDSHAKE_SECONDS: u64 = 5;

/// How long questions under way may take when the mocks stop.
const GRACE: Duration = Duration::from_millis(200);

/// Rest after a failed accept, such as when file descriptors are used up.
const REST_AFTER_FAILURE: Duration = Duration::from_millis(20);

/// Streams on one HTTP/2 connection.
const MAX_STREAMS: u32 = 1000;

/// What answers a request.
pub(crate) type Handler =
    Arc<dyn Fn(Request<Incoming>) -> BoxFuture<'static, Response<MockBody>> + Send + Sync + 'static>;

/// In a request's extensions: closes the connection that the request came on.
#[derive(Clone, Default)]
pub(crate) struct Hangup(Arc<Notify>);

impl Hangup {
    /// Closes the connection; never comes back.
    pub(crate) async fn now<T>(self) -> T {
        self.0.notify_one();
        pending().await
    }
}

/// One door that is to be opened.
pub(crate) struct Listening {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) http2_only: bool,
    pub(crate) handler: Handler,
}

impl Listening {
    /// Serves until `stop` changes or its sender is gone, then lets questions under way end for a moment.
    pub(crate) async fn serve(self, mut stop: watch::Receiver<bool>) {
        let Self { listener, tls, http2_only, handler } = self;
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                _ = stop.changed() => break,
                Some(_) = connections.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok((socket, _)) => {
                        connections.spawn(open(socket, tls.clone(), http2_only, handler.clone(), stop.clone()));
                    }
                    Err(_) => sleep(REST_AFTER_FAILURE).await,
                },
            }
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
    }
}

async fn open(
    socket: TcpStream,
    tls: Option<TlsAcceptor>,
    http2_only: bool,
    handler: Handler,
    stop: watch::Receiver<bool>,
) {
    // Without it, Nagle's algorithm adds tens of milliseconds to small answers; a failure costs only that.
    let _ = socket.set_nodelay(true);
    match tls {
        None => connection(socket, http2_only, handler, stop).await,
        Some(tls) => {
            let handshake = timeout(Duration::from_secs(HANDSHAKE_SECONDS), tls.accept(socket)).await;
            match handshake {
                Ok(Ok(stream)) => connection(stream, http2_only, handler, stop).await,
                Ok(Err(_)) => tracing::debug!("a TLS handshake with the mocks failed"),
                Err(_) => tracing::debug!("a TLS handshake with the mocks took too long"),
            }
        }
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    http2_only: bool,
    handler: Handler,
    mut stop: watch::Receiver<bool>,
) {
    let hangup = Hangup::default();
    let marked = hangup.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(marked.clone());
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http2().max_concurrent_streams(MAX_STREAMS);
    let builder = if http2_only { builder.http2_only() } else { builder };
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = connection.as_mut() => {
            if ended.is_err() {
                tracing::debug!("a connection to the mocks broke off");
            }
        }
        () = hangup.0.notified() => {}
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = timeout(GRACE, connection).await;
        }
    }
}

/// A listener on `addr`.
pub(crate) async fn listen(addr: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(addr).await?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}
