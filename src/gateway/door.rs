//! A door: TLS with client certificate, HTTP/2 (gRPC) or HTTP/1.1 (SOAP) within bounds, graceful end.

use std::{sync::Arc, time::Duration};

use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use ssbtek_pki::{Acceptor, PeerCertificate};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tonic::{body::Body, service::Routes};
use tower::{ServiceExt, service_fn};

use crate::SoapService;

/// Bounds of a door. Every one is configurable.
#[derive(Debug, Clone, Copy)]
pub struct DoorLimits {
    /// Connections open at once; more wait to be accepted.
    pub max_connections: usize,
    /// Questions under way on one connection.
    pub max_streams: u32,
    /// Header list of one request, in bytes.
    pub max_header_list_bytes: u32,
    /// Age at which a connection is asked to end, in seconds.
    pub max_connection_age_s: u64,
    /// Silence after which the other end is probed, in seconds.
    pub keepalive_interval_s: u64,
    /// How long a probe may take to be answered, in seconds.
    pub keepalive_timeout_s: u64,
    /// How long the head of a request may take to arrive, in seconds (HTTP/1.1).
    pub header_timeout_s: u64,
    /// How long questions under way may go on once the door closes, in seconds.
    pub drain_s: u64,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            max_connections: 4096,
            max_streams: 100,
            max_header_list_bytes: 16 * 1024,
            max_connection_age_s: 600,
            keepalive_interval_s: 30,
            keepalive_timeout_s: 10,
            header_timeout_s: 5,
            drain_s: 30,
        }
    }
}

/// What answers behind a door.
#[derive(Clone)]
pub enum Service {
    /// gRPC over HTTP/2.
    Grpc(Routes),
    /// SOAP over HTTP/1.1.
    Soap(Arc<SoapService>),
}

/// An open door.
pub struct Door {
    /// Where it listens.
    pub listener: TcpListener,
    /// Its TLS.
    pub acceptor: Arc<Acceptor>,
    /// What answers.
    pub service: Service,
    /// Bounds.
    pub limits: DoorLimits,
}

impl Door {
    /// Serves until `stop` turns true, then lets questions under way end.
    pub async fn serve(self, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(self.limits.max_connections));
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = stop.wait_for(|stopped| *stopped) => break,
                Some(_) = connections.join_next() => continue,
                accepted = accept(&self.listener, &places) => accepted,
            };
            let Some((socket, place)) = accepted else { continue };
            let (acceptor, service, limits) = (self.acceptor.clone(), self.service.clone(), self.limits);
            let stop = stop.clone();
            connections.spawn(async move {
                connection(socket, &acceptor, service, limits, stop).await;
                drop(place);
            });
        }
        drop(self.listener);
        let drain = Duration::from_secs(self.limits.drain_s);
        let drained = tokio::time::timeout(drain, async { while connections.join_next().await.is_some() {} });
        if drained.await.is_err() {
            tracing::warn!("questions were still under way when the time to end was over");
        }
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((socket, _)) => Some((socket, place)),
        Err(error) => {
            // Out of file descriptors, most likely: give others time to end.
            tracing::warn!(kind = ?error.kind(), "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

async fn connection(
    socket: TcpStream,
    acceptor: &Acceptor,
    service: Service,
    limits: DoorLimits,
    stop: watch::Receiver<bool>,
) {
    // Small answers should not wait for more; a failure costs only that.
    let _ = socket.set_nodelay(true);
    let (stream, peer) = match acceptor.accept(socket).await {
        Ok(accepted) => accepted,
        Err(error) => {
            tracing::debug!(%error, "a connection was refused");
            return;
        }
    };
    match service {
        Service::Grpc(routes) => {
            let service = TowerToHyperService::new(with_peer(routes, Arc::new(peer)));
            let mut http2 = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            http2
                .timer(TokioTimer::new())
                .max_concurrent_streams(limits.max_streams)
                .max_header_list_size(limits.max_header_list_bytes)
                .keep_alive_interval(Duration::from_secs(limits.keepalive_interval_s))
                .keep_alive_timeout(Duration::from_secs(limits.keepalive_timeout_s));
            let mut serving = std::pin::pin!(http2.serve_connection(TokioIo::new(stream), service));
            if ended_first(serving.as_mut(), limits, stop).await {
                return;
            }
            serving.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(Duration::from_secs(limits.drain_s), serving).await;
        }
        Service::Soap(soap) => {
            let service = hyper::service::service_fn(move |request| {
                let (soap, peer) = (soap.clone(), peer.clone());
                async move { Ok::<_, std::convert::Infallible>(soap.handle(&peer, request).await) }
            });
            let mut http1 = hyper::server::conn::http1::Builder::new();
            http1
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(limits.header_timeout_s))
                .max_buf_size(limits.max_header_list_bytes.max(8192) as usize);
            let mut serving = std::pin::pin!(http1.serve_connection(TokioIo::new(stream), service));
            if ended_first(serving.as_mut(), limits, stop).await {
                return;
            }
            serving.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(Duration::from_secs(limits.drain_s), serving).await;
        }
    }
}

/// Serves until the connection ends, is too old, or the door closes; whether it ended by itself.
async fn ended_first<E>(
    serving: impl Future<Output = Result<(), E>>,
    limits: DoorLimits,
    mut stop: watch::Receiver<bool>,
) -> bool {
    tokio::select! {
        _ = serving => true,
        () = tokio::time::sleep(Duration::from_secs(limits.max_connection_age_s)) => false,
        _ = stop.wait_for(|stopped| *stopped) => false,
    }
}

/// Puts the peer's certificate into every request.
fn with_peer(
    routes: Routes,
    peer: Arc<PeerCertificate>,
) -> impl tower::Service<
    http::Request<Incoming>,
    Response = http::Response<Body>,
    Error = std::convert::Infallible,
    Future: Send,
> + Clone
+ Send {
    service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        routes.clone().oneshot(request)
    })
}
